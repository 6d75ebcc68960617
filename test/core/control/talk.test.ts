import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { questionIn } from '../../../src/core/control/talk.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { failsWith, works } from '../../support/scripted-replies.ts';
import { watchAppends } from '../../support/watched-journal.ts';
import { briefOf, callOf, heardBy, held, questionsOf, resultOf, saidSince, stage, task, until } from './talk-rig.ts';

const RULE = 'Where it differs from the above, it counts.';

describe('the first word of an interactive task', () => {
  it('is waited for before the first call, while the others go on, and stands in the brief', async () => {
    const backend = new ScriptedBackend({ id: 'one' }, works);
    const {
      task: now,
      say,
      finished,
      fixture,
    } = await stage({
      backends: [backend],
      tasks: [task('a', { mode: 'interactive' }), task('b'), task('c', { dependsOn: ['b'] })],
    });
    await until(() => now('c').status === 'completed', 'c is done');
    assert.equal(now('a').status, 'waiting');
    assert.deepEqual(questionsOf(now('a')), ['task#0: ']);
    assert.equal(backend.calls.length, 2);
    assert.ok(fixture.engine.health().every(({ callsInFlight }) => callsInFlight === 0));
    await say('a', 'Make it blue.');
    assert.equal((await finished()).outcome, 'answered');
    const call = await callOf(backend, 2);
    assert.equal(
      briefOf(call),
      `Task: A\n\ndo a\n\nThe user spoke to you about this task. ${RULE}\n\nThe user says:\nMake it blue.`,
    );
    assert.deepEqual(heardBy(fixture.events, 'a'), ['0.0: 1']);
    assert.equal(resultOf(now('a')), 'completed: a done');
  });

  it('may be said before its turn has come: then it does not wait', async () => {
    const backend = held();
    const {
      say,
      finished,
      task: now,
    } = await stage({
      backends: [backend],
      tasks: [task('first'), task('a', { mode: 'interactive', dependsOn: ['first'] })],
    });
    const first = await callOf(backend, 0);
    await say('a', 'Early.');
    first.reply({ text: 'done' });
    const call = await callOf(backend, 1);
    assert.match(briefOf(call), /The user says:\nEarly\.$/);
    call.reply({ text: 'ok' });
    await finished();
    assert.deepEqual(questionsOf(now('a')), ['user#0: Early.']);
  });

  it('can be no word at all', async () => {
    const backend = new ScriptedBackend({ id: 'one' }, works);
    const {
      task: now,
      say,
      finished,
    } = await stage({
      backends: [backend],
      tasks: [task('a', { mode: 'interactive' })],
    });
    await until(() => now('a').status === 'waiting', 'it waits');
    await say('a', ' ');
    await finished();
    assert.match(briefOf(await callOf(backend, 0)), /it counts\.\n\nThe user has nothing to add: go on\.$/);
  });

  it('is not waited for when nobody is there, nor by a task that was ended', async () => {
    const backend = new ScriptedBackend({ id: 'one' }, works);
    const tasks = [task('a', { mode: 'interactive' })];
    const alone = await stage({ backends: [backend], tasks }, {}, { isUnattended: true });
    assert.equal((await alone.finished()).outcome, 'answered');
    assert.doesNotMatch(backend.calls[0]?.prompt ?? '', /the user can be asked/i);
    const ended = await stage({ backends: [backend], tasks: [...tasks, task('b')] });
    await until(() => ended.task('a').status === 'waiting', 'it waits');
    await ended.act({ kind: 'stop-task', task: 'a', keep: false });
    await ended.finished();
    assert.equal(resultOf(ended.task('a')), 'cancelled, partial: ');
    assert.equal(backend.calls.length, 2);
  });
});

describe('words to a running task', () => {
  it('are heard by another turn, and its reply is the result', async () => {
    const backend = held();
    const { say, finished, task: now, fixture } = await stage({ backends: [backend], tasks: [task('a')] });
    const first = await callOf(backend, 0);
    await say('a', 'Use tabs.');
    await say('a', 'And be brief.');
    first.reply({ text: 'With spaces.' });
    const second = await callOf(backend, 1);
    assert.equal(
      saidSince(second),
      'assistant: With spaces.\n\nuser: The user says:\nUse tabs.\n\nThe user says:\nAnd be brief.',
    );
    assert.equal(briefOf(second), briefOf(first));
    await say('a', '');
    second.reply({ text: 'With tabs.' });
    const third = await callOf(backend, 2);
    assert.match(saidSince(third), /assistant: With tabs\.\n\nuser: The user has nothing to add: go on\.$/);
    third.reply({ text: 'With tabs, briefly.' });
    await finished();
    assert.equal(resultOf(now('a')), 'completed: With tabs, briefly.');
    assert.deepEqual(heardBy(fixture.events, 'a'), ['0.0: 0', '1.0: 2', '2.0: 3']);
  });

  it('are not lost when they come while the last reply is recorded', async () => {
    const clock = new ManualClock();
    const backend = new ScriptedBackend({ id: 'one' }, ({ key }) => ({ text: `reply ${key.turn}` }));
    const finished = Promise.withResolvers<void>();
    let spoken: Promise<unknown> | undefined;
    const journal = watchAppends(createMemoryJournal({ clock }), async (bodies, write) => {
      if (bodies.some((body) => body.type === 'message.said' && body.text === 'One more thing.'))
        for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve));
      const written = await write();
      if (bodies.some((body) => body.type === 'call.finished')) {
        finished.resolve();
        await spoken;
      }
      return written;
    });
    const on = await stage({ backends: [backend], tasks: [task('a', { mode: 'interactive' })], journal, clock });
    spoken = finished.promise.then(() => {
      spoken = on.say('a', 'One more thing.');
    });
    await until(() => on.task('a').status === 'waiting', 'it waits');
    await on.say('a', 'Go.');
    await on.finished();
    await spoken;
    assert.equal(resultOf(on.task('a')), 'completed: reply 1');
    assert.deepEqual(heardBy(on.fixture.events, 'a'), ['0.0: 1', '1.0: 2']);
  });

  it('are heard by the first call when they come while it waits for a slot', async () => {
    const backend = held('one', { maxConcurrency: 1 });
    const { say, finished, fixture } = await stage({ backends: [backend], tasks: [task('a'), task('b')] });
    const first = await callOf(backend, 0);
    const waiting = first.request.key.task === 'a' ? 'b' : 'a';
    await say(waiting, 'Be brief.');
    first.reply({ text: 'done' });
    const second = await callOf(backend, 1);
    assert.match(briefOf(second), /The user says:\nBe brief\.$/);
    second.reply({ text: 'done' });
    await finished();
    assert.deepEqual(heardBy(fixture.events, waiting), ['0.0: 1']);
  });

  it('come another turn later when the window has no room for them', async () => {
    const backend = held('small', { maxConcurrency: 1, contextWindow: 4_000 });
    const tasks = [task('a'), task('b', { inputs: [{ text: `${'fact '.repeat(40)}\n`.repeat(60) }] })];
    const { say, finished, fixture, task: now } = await stage({ backends: [backend], tasks });
    const first = await callOf(backend, 0);
    const waiting = first.request.key.task === 'a' ? 'b' : 'a';
    assert.equal(waiting, 'b', 'the first task of the plan goes first');
    await say('b', 'word '.repeat(700));
    first.reply({ text: 'done' });
    const second = await callOf(backend, 1);
    assert.doesNotMatch(second.prompt, /The user says/);
    second.reply({ text: 'without it' });
    const third = await callOf(backend, 2);
    assert.match(saidSince(third), /The user says:\nword word/);
    third.reply({ text: 'with it' });
    await finished();
    assert.deepEqual(heardBy(fixture.events, 'b'), ['0.0: 0', '1.0: 1']);
    assert.equal(resultOf(now('b')), 'completed: with it');
  });

  it('leave the reply that was there when they cannot be heard', async () => {
    const backend = held();
    const { say, finished, task: now } = await stage({ backends: [backend], tasks: [task('a')] });
    const first = await callOf(backend, 0);
    await say('a', 'Shorter.');
    first.reply({ text: 'A long text.' });
    (await callOf(backend, 1)).reply(failsWith('rejected'));
    assert.equal((await finished()).outcome, 'partial');
    assert.equal(
      resultOf(now('a')),
      'completed, partial: A long text.\n\n*What you said after this was not heard: It failed (rejected).*',
    );
  });

  it('make no turn that the output limit of the task does not allow', async () => {
    const backend = held();
    const tasks = [task('a', { maxTokens: 300 })];
    const { say, finished, task: now } = await stage({ backends: [backend], tasks });
    const first = await callOf(backend, 0);
    await say('a', 'More.');
    first.reply({ text: 'x'.repeat(600) });
    await finished();
    assert.equal(backend.calls.length, 1);
    assert.match(
      resultOf(now('a')),
      /^completed, partial: x{600}\n\n\*What you said after this was not heard: Task a has written all of its 300/,
    );
  });
});

describe('a question to the user', () => {
  it('is found at the beginning of a reply, whatever its decoration', () => {
    const found = [
      'ASK THE USER: Which?',
      '\n**Ask the user:** Which?',
      '> ask the user : Which?',
      '```\nASK THE USER: Which?\n```',
      '### ASK THE USER:\nWhich?',
    ].map(questionIn);
    assert.deepEqual(
      found,
      Array.from(found, () => 'Which?'),
    );
    const none = ['I would ask the user: which?', 'ASK THE USER:', 'ASK THE USER which?', '', ' '.repeat(1e6)];
    assert.deepEqual(
      none.map(questionIn),
      Array.from(none, () => undefined),
    );
    assert.equal(questionIn(`ASK THE USER: ${'x'.repeat(20_000)}`)?.length, 8_000);
  });

  it('is waited on without slot and time, and question and answer stand in the next turn', async () => {
    const clock = new ManualClock();
    const backend = new ScriptedBackend({ id: 'one', maxConcurrency: 1 }, ({ key }) =>
      key.task === 'a' && key.turn === 0 ? { text: 'ASK THE USER: Red or blue?' } : { text: `${key.task} done` },
    );
    const {
      say,
      finished,
      task: now,
      fixture,
    } = await stage(
      { backends: [backend], tasks: [task('a', { mode: 'hybrid' }), task('b'), task('c')], clock },
      { perTask: { maxMs: 1_000 } },
    );
    await until(() => now('b').status === 'completed' && now('c').status === 'completed', 'the others are done');
    assert.equal(now('a').status, 'waiting');
    await clock.advance(3_600_000);
    assert.equal(now('a').status, 'waiting');
    await say('a', 'Blue.');
    await finished();
    assert.equal(resultOf(now('a')), 'completed: a done');
    assert.deepEqual(questionsOf(now('a')), ['task#0: Red or blue?', 'user#1: Blue.']);
    const last = backend.calls.at(-1) ?? assert.fail('no call');
    assert.equal(saidSince(last), 'assistant: ASK THE USER: Red or blue?\n\nuser: The user says:\nBlue.');
    assert.match(last.prompt, /the user can be asked/);
    assert.deepEqual(heardBy(fixture.events, 'a'), ['0.0: 0', '1.0: 1']);
  });

  it('is not answered by what was said before it', async () => {
    const backend = held();
    const { say, finished, task: now } = await stage({ backends: [backend], tasks: [task('a', { mode: 'hybrid' })] });
    const first = await callOf(backend, 0);
    await say('a', 'Hurry.');
    first.reply({ text: 'ASK THE USER: Red or blue?' });
    await until(() => now('a').status === 'waiting', 'it waits');
    await say('a', 'Blue.');
    const second = await callOf(backend, 1);
    assert.match(saidSince(second), /user: The user says:\nHurry\.\n\nThe user says:\nBlue\.$/);
    second.reply({ text: 'ok' });
    await finished();
  });

  for (const [what, mode, isUnattended] of [
    ['an autonomous task', 'autonomous', false],
    ['a task of an unattended run', 'hybrid', true],
  ] as const) {
    it(`is the result of ${what}`, async () => {
      const backend = new ScriptedBackend({ id: 'one' }, () => ({ text: 'ASK THE USER: Red?' }));
      const on = await stage({ backends: [backend], tasks: [task('a', { mode })] }, {}, { isUnattended });
      await on.finished();
      assert.equal(resultOf(on.task('a')), 'completed: ASK THE USER: Red?');
      assert.match(backend.calls[0]?.prompt ?? '', /nobody can answer questions/);
    });
  }

  it('is asked eight times at the most: then the task is told to go on, and goes on', async () => {
    const backend = new ScriptedBackend({ id: 'one' }, ({ key }) => ({ text: `ASK THE USER: ${key.turn}?` }));
    const {
      say,
      finished,
      task: now,
    } = await stage({
      backends: [backend],
      tasks: [task('a', { mode: 'hybrid' })],
    });
    for (let asked = 0; asked < 8; asked++) {
      await until(() => questionsOf(now('a')).at(-1) === `task#${asked}: ${asked}?`, `question ${asked}`);
      await say('a', `answer ${asked}`);
    }
    await finished();
    assert.equal(backend.calls.length, 10);
    const last = backend.calls[9] ?? assert.fail('no call');
    assert.match(saidSince(last), /user: You have asked 8 questions, the most that a task may ask\. Go on [^\n]*$/);
    assert.equal(resultOf(now('a')), 'completed: ASK THE USER: 9?');
  });
});

describe('a task that is stopped', () => {
  it('keeps what had arrived of the reply', async () => {
    const backend = held();
    const { act, finished, task: now } = await stage({ backends: [backend], tasks: [task('a'), task('b')] });
    const call = await callOf(backend, 0);
    const other = await callOf(backend, 1);
    call.stream('Half of ');
    call.stream('it');
    await act({ kind: 'stop-task', task: 'a', keep: true });
    assert.equal(call.isOpen, false);
    assert.equal(resultOf(now('a')), 'completed, kept, partial: Half of it');
    assert.equal(now('a').backend, 'held');
    other.reply({ text: 'b done' });
    assert.equal((await finished()).outcome, 'partial');
  });

  it('keeps the last reply where nothing of the next one has arrived, but no question', async () => {
    const backend = held();
    const {
      act,
      say,
      task: now,
      finished,
    } = await stage({
      backends: [backend],
      tasks: [task('a', { mode: 'hybrid' }), task('b', { mode: 'hybrid' })],
    });
    const first = await callOf(backend, 0);
    await say('a', 'More.');
    first.reply({ text: 'First.' });
    (await callOf(backend, 1)).reply({ text: 'ASK THE USER: b?' });
    const second = await callOf(backend, 2);
    assert.equal(second.request.key.task, 'a');
    await act({ kind: 'stop-task', task: 'a', keep: true });
    assert.equal(resultOf(now('a')), 'completed, kept, partial: First.');
    await until(() => now('b').status === 'waiting', 'b waits');
    await act({ kind: 'stop-task', task: 'b', keep: true });
    await finished();
    assert.equal(resultOf(now('b')), 'cancelled, partial: ');
  });

  it('says that the user stopped it, when nothing is to be kept', async () => {
    const backend = held();
    const { act, finished, fixture, task: now } = await stage({ backends: [backend], tasks: [task('a'), task('b')] });
    const call = await callOf(backend, 0);
    const other = await callOf(backend, 1);
    call.stream('Half');
    await act({ kind: 'stop-task', task: 'a', keep: false });
    other.reply({ text: 'b done' });
    await finished();
    assert.equal(resultOf(now('a')), 'cancelled, partial: Half');
    const failed = fixture.events.find((event) => event.type === 'call.failed');
    assert.ok(failed?.type === 'call.failed');
    assert.equal(
      `${failed.failure.message} ${failed.failure.whatToDo}`,
      'You stopped this task. Retry the task, or mark it as done.',
    );
  });
});
