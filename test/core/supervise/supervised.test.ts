import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunEvent } from '../../../src/core/run-event.ts';
import { DEFAULT_OPTIONS, type RunOptions, type RunRequest } from '../../../src/core/run-request.ts';
import { isDecidedAsItGoes, supervisorFor } from '../../../src/core/supervise/supervised.ts';
import type { OutsideTools } from '../../../src/core/agent/outside-tools.ts';
import type { AgentProfile } from '../../../src/core/agents/agent-profile.ts';
import { BUILT_IN_AGENTS } from '../../../src/core/agents/built-in-agents.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import type { EngineFixture, FixtureOptions } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import type { ScriptedBackend } from '../../support/scripted-backend.ts';
import { boss, delegateAll, endOf, hands, superviseFixture, toolCall, uses } from './supervise-rig.ts';

const REQUEST: RunRequest = {
  text: 'Sort it out.',
  source: 'test',
  history: [],
  files: [],
  options: { ...DEFAULT_OPTIONS, strategy: 'delegate' },
};

function chooses(decision: string, more: object = {}): { readonly text: string } {
  return { text: JSON.stringify({ decision, answer: '', tasks: [], ...more }) };
}

describe('the strategy delegate', () => {
  it('has a supervisor decide as it goes, whose result is the answer', async () => {
    const chief = boss({
      supervisor: [
        uses(toolCall('spawn', { title: 'Part', objective: 'Do the part.', capability: 'code' })),
        uses(toolCall('wait', { all: true })),
        uses(toolCall('submit_result', { output: 'It is sorted out.' })),
      ],
    });
    const fixture = superviseFixture({ backends: [chief, hands()] });
    const finished = await fixture.ask(
      'Sort it out.',
      { strategy: 'delegate' },
      {
        history: [
          { role: 'user', text: 'I have two cats.' },
          { role: 'assistant', text: 'From the diary.', localOnly: true },
        ],
        files: ['a.md'],
      },
    );
    assert.deepEqual([finished.outcome, finished.answer], ['answered', 'It is sorted out.']);
    assert.deepEqual(
      finished.tasks.map(({ title, status }) => `${title} ${status}`),
      ['Supervisor completed', 'Part completed'],
    );
    const prompt = chief.calls[0]?.prompt ?? '';
    assert.match(prompt, /Sort it out\.[\s\S]*I have two cats\./);
    assert.match(prompt, /a\.md/);
    assert.doesNotMatch(prompt, /diary/);
  });

  it('is what the orchestrating model may choose by itself, which the record gives the reason of', async () => {
    const chief = boss({
      '@plan': [chooses('delegate', { why: 'Nobody knows\n the cause yet.' })],
      supervisor: [uses(toolCall('submit_result', { output: 'A leak in the cache.' }))],
    });
    const fixture = superviseFixture({ backends: [chief, hands()] });
    const finished = await fixture.ask(
      'Why is it slow?',
      {},
      {
        history: [{ role: 'user', text: 'It is a server.' }],
        editor: {
          openFile: 'serve.ts',
          selection: { path: 'serve.ts', startLine: 7, endLine: 7, text: 'cache.set(id, session);' },
        },
      },
    );
    assert.deepEqual([finished.outcome, finished.answer], ['answered', 'A leak in the cache.']);
    const decided = fixture.events.find((event) => event.type === 'request.decided');
    assert.deepEqual(decided?.type === 'request.decided' && [decided.decision, decided.why], [
      'delegate',
      'Nobody knows the cause yet.',
    ]);
    assert.match(chief.calls[0]?.prompt ?? '', /"delegate" is offered here/);
    assert.match(
      chief.calls[1]?.prompt ?? '',
      /Why is it slow\?[\s\S]*<<~[\s\S]*It is a server\.[\s\S]*serve\.ts[\s\S]*cache\.set\(id, session\);/,
    );
  });

  it('is not offered where a plan is asked for, or nobody could decide as it goes', async () => {
    const wordy = boss(
      { '@plan': [chooses('delegate'), chooses('answer', { answer: 'So be it.' })] },
      { features: [] },
    );
    const without = superviseFixture({ backends: [wordy, hands()] });
    assert.equal((await without.ask('Why is it slow?')).answer, 'So be it.');
    assert.doesNotMatch(wordy.calls[0]?.prompt ?? '', /"delegate" is offered here/);
    assert.match(wordy.calls[1]?.prompt ?? '', /nobody here can decide as it goes; answer, or make a plan/);

    const strict = boss({ '@plan': [chooses('delegate'), chooses('delegate')] });
    const planned = superviseFixture({ backends: [strict, hands()] });
    const finished = await planned.ask('Why is it slow?', { strategy: 'plan' });
    assert.equal(finished.failure?.reason, 'bad-plan');
    assert.doesNotMatch(strict.calls[0]?.prompt ?? '', /"delegate" is offered here/);
  });

  it('leaves a plan that is given or is to be looked at first as it is', () => {
    assert.equal(isDecidedAsItGoes(REQUEST), true);
    assert.equal(isDecidedAsItGoes({ ...REQUEST, isDraft: true }), false);
    assert.equal(isDecidedAsItGoes({ ...REQUEST, plan: { request: 'x', tasks: [] } }), false);
    assert.equal(isDecidedAsItGoes({ ...REQUEST, options: DEFAULT_OPTIONS }), false);
    const { supervises, objective, mode } = supervisorFor({ ...REQUEST, isUnattended: true });
    assert.deepEqual([supervises, objective, mode], [true, 'Sort it out.', 'autonomous']);
  });
});

describe('a supervisor that the user’s own request starts', () => {
  const CLERK = { name: 'clerk', description: '', personality: '', tools: ['far/post'], source: 'user' } as const;

  /** A run whose supervisor would have a letter posted at once. */
  function posting({ isActing = true, ...more }: Partial<FixtureOptions> & { readonly isActing?: boolean } = {}): {
    readonly fixture: EngineFixture;
    readonly posted: () => number;
    readonly chief: ScriptedBackend;
  } {
    let posted = 0;
    const outside: OutsideTools = {
      find: (names) =>
        Promise.resolve({
          tools: names.map((name) => ({ name, description: 'd', parameters: { type: 'object' }, isHere: true })),
          missing: [],
        }),
      isHere: () => true,
      call: () => {
        posted += 1;
        return Promise.resolve({ isOk: true, text: 'posted' });
      },
    };
    const chief = boss({
      '@plan': [chooses('delegate')],
      supervisor: [
        uses(toolCall('spawn', { title: 'Post', objective: 'Post it.', agent: isActing ? 'clerk' : 'planner' })),
        uses(toolCall('wait', { all: true })),
        uses(toolCall('submit_result', { output: 'Posted.' })),
      ],
    });
    const dev = hands(({ key }) =>
      key.turn === 0 && isActing ? uses(toolCall('far__post', { text: 'hello' })) : { text: 'done' },
    );
    const agents = (): readonly AgentProfile[] => [...BUILT_IN_AGENTS, ...(isActing ? [CLERK] : [])];
    const fixture = superviseFixture({ backends: [chief, dev], agents, outside, ...more });
    return { fixture, posted: () => posted, chief };
  }

  /** Why it waits, or how it ended; and what was posted by then. */
  async function begun(options: Partial<RunOptions>, isActing = true): Promise<string> {
    const { fixture, posted } = posting({ isActing });
    const handle = await fixture.start({ text: 'Post it.' }, options);
    const waits = planWaits(fixture);
    const came = await Promise.race([waits, handle.finished.then(({ outcome }) => `ran: ${outcome}`)]);
    const before = posted();
    handle.cancel();
    await handle.finished;
    return `${came}, ${before} posted`;
  }

  function planWaits({ engine, events }: EngineFixture): Promise<string> {
    const asked = Promise.withResolvers<string>();
    const look = (event: RunEvent): void => {
      if (event.type === 'plan.waiting') asked.resolve(`waits: ${event.why}`);
    };
    events.forEach(look);
    engine.onEvent(look);
    return asked.promise;
  }

  it('waits before it begins as a plan does: always, when its workers may write or act, or never', async () => {
    const found: string[] = [];
    for (const strategy of ['delegate', 'auto'] as const)
      for (const approval of ['always', 'whenItWrites', 'never'] as const)
        found.push(`${strategy}, ${approval}: ${await begun({ strategy, approval })}`);
    found.push(`no agent acts: ${await begun({ strategy: 'delegate', approval: 'whenItWrites' }, false)}`);
    assert.equal(
      found.join('\n'),
      [
        'delegate, always: waits: always, 0 posted',
        'delegate, whenItWrites: waits: acts, 0 posted',
        'delegate, never: ran: answered, 1 posted',
        'auto, always: waits: always, 0 posted',
        'auto, whenItWrites: waits: acts, 0 posted',
        'auto, never: ran: answered, 1 posted',
        'no agent acts: waits: writes, 0 posted',
      ].join('\n'),
    );
  });

  it('is asked nothing and has no made-up estimate until it is approved, also by another process', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const first = posting({ journal, clock });
    const handle = await first.fixture.start({ text: 'Post it.' }, { strategy: 'delegate', approval: 'whenItWrites' });
    await planWaits(first.fixture);
    assert.deepEqual(first.fixture.engine.state(handle.run)?.waiting, { why: 'acts', estimate: null });
    await first.fixture.engine.dispose();
    const second = posting({ journal, clock, ids: 'second' });
    const { engine } = second.fixture;
    const resumed = await engine.resume(handle.run);
    assert.ok(resumed.ok);
    assert.equal(engine.state(handle.run)?.phase, 'approving');
    assert.deepEqual([first.chief.calls.length, second.chief.calls.length], [0, 0]);
    assert.ok((await engine.act(handle.run, { kind: 'approve' })).ok);
    const { answer } = await resumed.value.finished;
    assert.deepEqual([answer, second.posted()], ['Posted.', 1]);
  });

  it('begins at once where another agent delegates: who offered that has asked its user', async () => {
    const { fixture, posted } = posting();
    const result = await delegateAll(fixture, {}, { approval: 'always' });
    assert.deepEqual([endOf(result), posted()], ['winner: Posted.', 1]);
  });
});
