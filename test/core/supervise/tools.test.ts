import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChatRequest } from '../../../src/core/backend.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { failsWith } from '../../support/scripted-replies.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { payloadText } from '../../../src/core/run-event.ts';
import {
  boss,
  brief,
  call,
  delegateAll,
  delegates,
  endOf,
  hands,
  replies,
  standings,
  superviseFixture,
  supervisorOf,
  tree,
  uses,
} from './supervise-rig.ts';

const submit = uses(call('submit_result', { output: 'Done.' }));
const waitAll = uses(call('wait', { all: true }));
const asked = ({ messages }: ChatRequest): string => messages.map(({ content }) => content).join('\n');

describe('the tools of a supervisor', () => {
  it('start workers that run at once, with the results of those that they depend on, and tell what came out', async () => {
    const seen: string[] = [];
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(
              call('spawn', brief('one', { texts: ['the matter'] }), '1'),
              call('spawn', brief('two', { dependsOn: ['w1'] }), '2'),
              call('observe', {}),
            ),
            waitAll,
            uses(call('observe', { task: 'w2' }, '4'), call('observe', { task: 'w9' }, '5')),
            submit,
          ],
        }),
        hands((request) => {
          seen.push(`${request.key.task}: ${/the matter|w1 did it/.exec(asked(request))?.[0] ?? 'nothing'}`);
          return { text: `${request.key.task} did it` };
        }),
      ],
    });
    assert.equal(endOf(await delegateAll(fixture)), 'winner: Done.');
    assert.deepEqual(seen, ['w1: the matter', 'w2: w1 did it']);
    const [first, second, third, fourth, fifth, sixth] = replies(fixture);
    assert.equal(first, 'spawn ok: Started w1 "one".');
    assert.equal(second, 'spawn ok: Started w2 "two".');
    assert.match(
      third ?? '',
      /^observe ok: - w1 "one": (waits for its turn|at work)[^\n]*\n- w2 "two": waits for its turn$/,
    );
    assert.match(
      fourth ?? '',
      /^wait ok: Ended: w1, w2\n\n## w1 "one": completed; spent \d+ tokens, 1 call\nResult:\nw1 did it\n\n## w2/,
    );
    assert.match(fifth ?? '', /^observe ok: Ended: w2\n\n## w2 "two": completed/);
    assert.equal(sixth, 'observe refused: You have no worker "w9"; yours are w1, w2.');
    assert.match(
      standings(fixture)[0] ?? '',
      /^\[Left: no limit is set\. Workers at work: 1 of at most 8\. Free slots: hands \d\.\]$/,
    );
    assert.deepEqual(
      fixture.events.flatMap((event) => (event.type === 'plan.edited' ? [`${event.change.what} by ${event.by}`] : [])),
      ['Spawned "one" by supervisor', 'Spawned "two" by supervisor'],
    );
    assert.equal(fixture.engine.state('run-1')?.undo.length, 0, 'a person cannot take back what a supervisor did');
  });

  it('refuse what cannot be, naming it, and go on', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(
              call('spawn', { title: 'x', objective: 'y', colour: 'red' }, '1'),
              call('spawn', brief('x', { target: 'nobody' }), '2'),
              call('spawn', brief('x', { dependsOn: ['w7'] }), '3'),
              call('spawn', brief('x', { supervises: true, edits: true }), '4'),
              call('dance', {}, '5'),
              call('wait', { tasks: ['w1'] }, '6'),
              call('steer', { task: 'w1', message: 'hm' }, '7'),
              call('stop', {}, '8'),
              call('ask_user', { question: 'Which?' }, '9'),
              call('wait', {}, '10'),
              call('wait', { seconds: 301 }, '11'),
            ),
            submit,
          ],
        }),
        hands(),
      ],
    });
    assert.equal(endOf(await delegateAll(fixture)), 'winner: Done.');
    assert.deepEqual(replies(fixture).slice(0, -1), [
      'spawn refused: spawn was not run: arguments: Unrecognized key: "colour". Make the call again as its schema says.',
      'spawn refused: No worker was started: "x" cannot go to "nobody": the roster has no such backend. Use one of hands.',
      'spawn refused: No worker was started: "x" cannot depend on "w7": the plan has no such task. Name a task of the plan.',
      'spawn refused: No worker was started: a supervisor goes to a backend that may orchestrate, and changes nothing itself. Leave capability, target, agent and edits out.',
      'dance refused: There is no tool dance.',
      'wait refused: You have no worker "w1"; you have started none yet.',
      'steer refused: You have no worker "w1"; you have started none yet.',
      'stop refused: To give up, say why in "why"; to call off one worker, name it in "task".',
      'ask_user refused: Nobody can answer now. Go on with your best judgement, and say what you chose.',
      'wait ok: No worker is at work, and all that ended was told. Start one, observe one, or submit.',
      'wait refused: wait was not run: seconds: Too big: expected number to be <=300. Make the call again as its schema says.',
    ]);
  });

  it('start a worker as an agent, whose tools and capability it has', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(
              call('spawn', brief('look', { agent: 'reviewer', edits: true }), '1'),
              call('spawn', brief('other', { agent: 'nobody' }), '2'),
            ),
            waitAll,
            submit,
          ],
        }),
        hands(undefined, { goodAt: ['reasoning'] }),
      ],
    });
    assert.equal(endOf(await delegateAll(fixture)), 'winner: Done.');
    const { spec, calls } = supervisorOf(fixture, 'run-1', 'w1');
    assert.deepEqual([spec?.agent, spec?.capability], ['reviewer', 'reasoning']);
    assert.match(payloadText(calls[0]?.prompt ?? ''), /You review the work of others/);
    assert.match(
      replies(fixture)[1] ?? '',
      /refused: No worker was started: "other" cannot be done by "nobody": there is no such agent/,
    );
  });

  it('answer the question of a worker, also where nobody else can, and steer it', async () => {
    const heard: string[] = [];
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(call('spawn', brief('ask', { mayAsk: true }))),
            uses(
              call('wait', {}, '1'),
              call('answer', { task: 'w1', message: 'Blue.' }, '2'),
              call('answer', { task: 'w1', message: 'Twice.' }, '3'),
            ),
            waitAll,
            submit,
          ],
        }),
        hands((request) => {
          heard.push(...(/through your supervisor[^\n]*\n[^\n]*/g.exec(asked(request)) ?? []));
          return request.key.turn === 0 ? { text: 'ASK THE USER: Which colour?' } : { text: 'Painted.' };
        }),
      ],
    });
    assert.equal(endOf(await delegateAll(fixture)), 'winner: Done.');
    assert.deepEqual(heard, ['through your supervisor)\nBlue.']);
    assert.match(replies(fixture)[1] ?? '', /## w1 "ask": asks you something[\s\S]*Asks you:\nWhich colour\?/);
    assert.equal(replies(fixture)[2], 'answer ok: Answered w1.');
    assert.equal(
      replies(fixture)[3],
      'answer refused: w1 asks nothing now. To tell it something all the same, use steer.',
    );
    const said = fixture.events.flatMap((event) =>
      event.type === 'message.said' ? [`${event.task} ${payloadText(event.text)} by ${event.by}`] : [],
    );
    assert.deepEqual(said, ['w1 Blue. by supervisor']);
  });

  it('steer a worker at work, whose next turn hears it', async () => {
    const clock = new ManualClock();
    const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false });
    const fixture = superviseFixture({
      clock,
      backends: [
        boss({
          supervisor: [
            uses(call('spawn', brief('it'))),
            uses(call('wait', { seconds: 5 }, '1'), call('steer', { task: 'w1', message: 'Shorter.' }, '2')),
            waitAll,
            submit,
          ],
        }),
        worker,
      ],
    });
    const handle = await delegates(fixture);
    await clock.advance(5_000);
    assert.equal(worker.calls.length, 1);
    worker.calls[0]?.reply({ text: 'A long text.' });
    await clock.flush();
    assert.match(worker.calls[1]?.prompt ?? '', /The user says:\n\(through your supervisor\)\nShorter\./);
    worker.calls[1]?.reply({ text: 'Short.' });
    await clock.flush();
    assert.equal(endOf(await handle.result), 'winner: Done.');
    assert.match(replies(fixture)[1] ?? '', /^wait ok: Nothing has ended yet\.\n\n- w1 "it": at work on worker, 5 s$/);
    assert.equal(clock.pending, 0);
  });

  it('wait no longer than they were asked to, holding nothing, and end when the run is cancelled', async () => {
    const clock = new ManualClock();
    const only = new ScriptedBackend({
      id: 'only',
      maxConcurrency: 1,
      features: ['generation', 'tools', 'reportedUsage', 'outputLimit'],
    });
    const fixture = superviseFixture({ clock, backends: [only] });
    const handle = await delegates(fixture);
    await clock.flush();
    only.calls[0]?.reply(uses(call('spawn', brief('it')), call('wait', { seconds: 300 })));
    await clock.flush();
    assert.equal(only.calls[1]?.request.key.task, 'w1', 'its worker has the one slot');
    await clock.advance(299_999);
    assert.equal(replies(fixture).length, 1);
    await clock.advance(1);
    assert.match(replies(fixture)[1] ?? '', /Nothing has ended yet/);
    handle.cancel();
    const result = await handle.result;
    assert.equal(endOf(result), 'no-winner, cancelled: You stopped the run. | ');
    assert.equal(only.openCalls, 0);
    assert.equal(clock.pending, 0);
    assert.equal(tree(fixture), 'supervisor cancelled\nw1 < supervisor cancelled');
  });

  it('call off a worker, and leave nothing at work when they give up', async () => {
    const worker = new ScriptedBackend({ id: 'worker', canOrchestrate: false, maxConcurrency: 1 });
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(
              call('spawn', brief('one'), '1'),
              call('spawn', brief('two'), '2'),
              call('spawn', brief('three', { dependsOn: ['w1'] }), '3'),
            ),
            uses(
              call('submit_result', { output: 'Too early.' }, '4'),
              call('stop', { task: 'w1' }, '5'),
              call('stop', { why: 'No more.' }, '6'),
            ),
          ],
        }),
        worker,
      ],
    });
    assert.equal(
      endOf(await delegateAll(fixture)),
      'no-winner, not-delivered: The supervisor gave up: No more. | Too early.',
    );
    assert.equal(
      tree(fixture),
      'supervisor failed\nw1 < supervisor cancelled\nw2 < supervisor cancelled\nw3 < supervisor skipped',
    );
    assert.equal(
      replies(fixture)[3],
      'submit_result refused: Nothing was submitted: w1, w2, w3 are at work still. Wait for it, or stop it, then submit.',
    );
    assert.equal(worker.openCalls, 0);
  });

  it('tell a failure in full, so that the next brief can name it', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(call('spawn', brief('first', { target: 'hands' }))),
            waitAll,
            (request) =>
              uses(
                call(
                  'spawn',
                  brief('second', {
                    target: 'hands',
                    objective: `Again. Before: ${/Why: [^\n]*/.exec(asked(request))?.[0]}`,
                  }),
                ),
              ),
            waitAll,
            submit,
          ],
        }),
        hands((request) =>
          request.key.task === 'w1' ? failsWith('rejected') : { text: /Before: .*/.exec(asked(request))?.[0] ?? '' },
        ),
      ],
    });
    assert.equal(endOf(await delegateAll(fixture)), 'winner: Done.');
    assert.equal(
      fixture.engine.state('run-1')?.outcome,
      'answered',
      'a worker that failed on the way is no fault of the result',
    );
    assert.match(replies(fixture)[3] ?? '', /Before: Why: It failed \(rejected\)\. Mend it\./);
  });

  it('ask the user where one is there, and hear what is said on the way', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [
            uses(call('ask_user', { question: 'Which?' })),
            (request) => uses(call('submit_result', { output: /Red one\./.exec(asked(request))?.[0] ?? '?' })),
          ],
        }),
        hands(),
      ],
    });
    const handle = await delegates(fixture, { isUnattended: false });
    while (supervisorOf(fixture).status !== 'waiting') await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await fixture.engine.act('run-1', { kind: 'say', task: 'supervisor', text: 'Red one.' }), {
      ok: true,
      value: { run: 'run-1', what: 'Answered "Bring it about."' },
    });
    assert.equal(endOf(await handle.result), 'winner: Red one.');
  });

  it('keep supervisors to their depth, each with workers of its own', async () => {
    const fixture = superviseFixture({
      backends: [
        boss({
          supervisor: [uses(call('spawn', brief('part', { supervises: true }))), waitAll, submit],
          w1: [
            uses(call('spawn', brief('deeper', { supervises: true }), '1'), call('spawn', brief('leaf'), '2')),
            waitAll,
            uses(call('submit_result', { output: 'The part.' })),
          ],
        }),
        hands(),
      ],
    });
    const result = await delegateAll(fixture, { maxDepth: 2 });
    assert.equal(endOf(result), 'winner: Done.');
    assert.equal(tree(fixture), 'supervisor completed\nw1 < supervisor completed\nw1.1 < w1 completed');
    assert.match(replies(fixture, 'run-1', 'w1')[0] ?? '', /supervisors stand 2 deep already, and 2 is the most/);
    assert.match(replies(fixture)[1] ?? '', /## w1 "part": completed[\s\S]*The part\./);
  });
});
