import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { journalFailure } from '../../../src/journal/journal-failure.ts';
import { err } from '../../../src/base/result.ts';
import { describeEvents } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { claimsReply, quoteOf } from '../../support/reading-replies.ts';
import { ScriptedBackend, type ScriptedReply } from '../../support/scripted-backend.ts';
import { failsWith } from '../../support/scripted-replies.ts';
import { watchAppends } from '../../support/watched-journal.ts';
import { ChangingWorkspace, digest, endsOf, LineageRig, replies, task } from './reuse-rig.ts';

const PLAN = [task('a'), task('b'), task('c', { dependsOn: ['a'] })];

describe('a result that is used again', () => {
  it('is recorded with its inputs and its end, and nothing is called or spent', async () => {
    const rig = new LineageRig();
    await rig.run(PLAN);
    rig.fixture.events.splice(0);
    const finished = await rig.run(PLAN);
    assert.equal(
      describeEvents(rig.fixture.events),
      [
        'run.started',
        'request.decided plan',
        'plan.accepted a b c',
        'inputs.read a',
        'inputs.read b',
        'task.completed a',
        'task.completed b',
        'inputs.read c',
        'task.completed c',
        'task.completed @answer',
        'run.finished answered',
      ].join('\n'),
    );
    assert.equal(`${finished.outcome}: ${finished.answer}`, 'answered: The answer.');
    assert.deepEqual(
      finished.tasks.map(({ id, backend, spent }) => `${id} ${backend} ${spent.iterations} ${spent.tokens.input}`),
      ['a only 0 0', 'b only 0 0', 'c only 0 0'],
    );
    assert.equal(
      rig.fixture.texts
        .filter((delta) => delta.run === rig.lastRun)
        .map(({ text }) => text)
        .join(''),
      'The answer.',
    );
  });

  it('names the run where it was made, through all that used it since', async () => {
    const rig = new LineageRig();
    await rig.run(PLAN);
    await rig.run(PLAN.map((spec) => (spec.id === 'b' ? task('b', { objective: 'Otherwise.' }) : spec)));
    await rig.run(PLAN.map((spec) => (spec.id === 'b' ? task('b', { objective: 'Otherwise.' }) : spec)));
    assert.equal(endsOf(rig.state), 'a: reused from run-1\nb: reused from run-2\nc: reused from run-1');
    assert.equal(rig.state.turns.get('@answer')?.reusedFrom, 'run-2');
    await rig.run(PLAN.map((spec) => (spec.id === 'b' ? task('b', { objective: 'Otherwise.' }) : spec)));
    assert.equal(rig.state.turns.get('@answer')?.reusedFrom, 'run-2');
  });

  it('is not used when all is to be done anew, nor for a task that is', async () => {
    const rig = new LineageRig();
    await rig.run(PLAN);
    await rig.run(PLAN, { isFresh: true });
    assert.deepEqual(rig.done, ['@answer', 'a', 'b', 'c']);
    await rig.run(PLAN, { redo: ['b'] });
    assert.deepEqual(rig.done, ['@answer', 'b']);
    await rig.run(PLAN, { redo: ['a'] });
    assert.deepEqual(rig.done, ['@answer', 'a'], 'the same result again costs nothing below it');
  });

  it('is a whole one: what failed, was cut or was skipped is done anew', async () => {
    let isGood = false;
    const rig = new LineageRig({
      script: (request, prompt): ScriptedReply => {
        if (isGood) return { text: `${request.key.task} is good` };
        if (request.key.task === 'a') return failsWith('refused-by-model');
        if (request.key.task === 'b') return { text: 'b is cut', finish: 'length' };
        return replies(request, prompt) as ScriptedReply;
      },
    });
    await rig.run([...PLAN, task('d')]);
    assert.equal(endsOf(rig.state), 'a: failed\nb: anew\nc: skipped\nd: anew');
    isGood = true;
    await rig.run([...PLAN, task('d')]);
    assert.equal(endsOf(rig.state), 'a: anew\nb: anew\nc: anew\nd: reused from run-1');
  });

  it('is that of an interactive task, too, and the user is asked nothing', async () => {
    const rig = new LineageRig();
    const plan = [task('a', { mode: 'interactive' })];
    await rig.run(plan, { request: { isUnattended: true } });
    const finished = await rig.run(plan);
    assert.equal(finished.outcome, 'answered');
    assert.equal(endsOf(rig.state), 'a: reused from run-1');
  });

  it('keeps its citations, and the answer its links', async () => {
    const workspace = new ChangingWorkspace({ 'a.md': 'The pump failed.\n', 'b.md': 'x\n' });
    const script = ({ key }: { readonly key: { readonly task: string } }): ScriptedReply =>
      key.task === '@answer'
        ? { text: 'The pump failed [[1]].' }
        : claimsReply([['It failed.', quoteOf('a.md', 1, 'The pump failed.')]]);
    const rig = new LineageRig({ workspace, script });
    const plan = [task('a', { inputs: [{ path: 'a.md' }] }), task('b', { objective: 'Say b.' })];
    const first = await rig.run(plan);
    assert.match(first.answer, /\[[^\]]+\]\(a\.md#L1\)/);
    const before = rig.state.tasks.get('a');
    const again = await rig.run(plan);
    assert.deepEqual(rig.done, []);
    assert.deepEqual(again, { ...first, spent: again.spent, tasks: again.tasks });
    const after = rig.state.tasks.get('a');
    assert.deepEqual([after?.citations, after?.cited], [before?.citations, before?.cited]);
    await rig.run([...plan.slice(0, 1), task('b', { objective: 'Say it otherwise.' })]);
    assert.deepEqual(rig.done, ['@answer', 'b']);
    assert.match(rig.state.answer ?? '', /\]\(a\.md#L1\)/, 'the new answer cites what was read then');
  });

  it('is not taken where the user has a word to say to the task first', async () => {
    const rig = new LineageRig();
    await rig.run(PLAN);
    const { engine } = rig.fixture;
    const waiting = new Promise<void>((resolve) => {
      const seen = engine.onEvent((event) => {
        if (event.type !== 'plan.waiting') return;
        seen.dispose();
        resolve();
      });
    });
    const handle = await rig.fixture.start({
      text: 'All of it',
      plan: { request: 'All of it', tasks: PLAN },
      again: { run: rig.lastRun, redo: [], isFresh: false },
      isDraft: true,
    });
    await waiting;
    const said = await engine.act(handle.run, { kind: 'say', task: 'b', text: 'In French.' });
    assert.ok(said.ok);
    await engine.act(handle.run, { kind: 'approve' });
    await handle.finished;
    assert.equal(engine.state(handle.run)?.tasks.get('b')?.reusedFrom, null);
  });

  it('is taken once: a retry in the new run is called', async () => {
    const held = Promise.withResolvers<ScriptedReply>();
    const rig = new LineageRig({
      script: (request, prompt) => (prompt.includes('Wait') ? held.promise : replies(request, prompt)),
    });
    const { engine } = rig.fixture;
    await rig.run([...PLAN, task('held')]);
    const seen = engine.onEvent((event) => {
      if (event.type === 'call.started' && event.key.task === 'held')
        void engine.act(event.run, { kind: 'retry', task: 'b' });
      if (event.type === 'task.completed' && event.task === 'b' && event.reusedFrom === undefined)
        held.resolve({ text: 'held is done' });
    });
    await rig.run([...PLAN, task('held', { objective: 'Wait.' })]);
    seen.dispose();
    assert.deepEqual(rig.done, ['@answer', 'b', 'held']);
    assert.equal(endsOf(rig.state), 'a: reused from run-1\nb: anew\nc: reused from run-1\nheld: anew');
    assert.equal(rig.state.tasks.get('b')?.earlier[0]?.reusedFrom, 'run-1');
  });

  it('is in the record of a run that was killed, and is not made again when that is resumed', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const first = new LineageRig({ clock, journal });
    await first.run(PLAN);
    const dies = (body: RunEventBody): boolean => body.type === 'call.started' && body.key.task === 'c';
    let isDead = false;
    const dying = watchAppends(journal, (bodies, write) => {
      isDead ||= bodies.some(dies);
      return isDead ? Promise.resolve(err(journalFailure('Killed.', 'Resume.'))) : write();
    });
    const killed = new LineageRig({ clock, journal: dying, ids: 'second' });
    const changed = PLAN.map((spec) =>
      spec.id === 'c' ? task('c', { dependsOn: ['a'], objective: 'Otherwise.' }) : spec,
    );
    await killed.fixture.ask(
      'All of it',
      {},
      {
        plan: { request: 'All of it', tasks: changed },
        again: { run: 'run-1', redo: [], isFresh: false },
      },
    );
    assert.deepEqual(killed.done, []);
    const third = new LineageRig({ clock, journal, ids: 'third' });
    const resumed = await third.fixture.engine.resume('second-1');
    assert.ok(resumed.ok);
    assert.equal((await resumed.value.finished).outcome, 'answered');
    assert.deepEqual(third.done, ['@answer', 'c']);
    const state = third.fixture.engine.state('second-1') ?? assert.fail();
    assert.equal(endsOf(state), 'a: reused from run-1\nb: reused from run-1\nc: anew');
  });
});

describe('a result that the user gave', () => {
  it('is kept while the brief is the same, whatever happens around it', async () => {
    const rig = new LineageRig();
    const plan = [task('a'), task('b', { dependsOn: ['a'] }), task('c', { dependsOn: ['b'] })];
    const marked = await runMarked(rig, plan);
    assert.equal(marked, 'answered');
    await rig.run(plan.map((spec) => (spec.id === 'a' ? task('a', { objective: 'Otherwise.' }) : spec)));
    assert.deepEqual(rig.done, ['@answer', 'a']);
    const b = rig.state.tasks.get('b');
    assert.deepEqual([b?.result, b?.isMarked, b?.reusedFrom], ['My own words.', true, 'run-1']);
    await rig.run(plan.map((spec) => (spec.id === 'a' ? task('a', { objective: 'Otherwise.' }) : spec)));
    assert.deepEqual(rig.done, []);
    assert.equal(rig.state.tasks.get('b')?.reusedFrom, 'run-1');
    await rig.run(plan.map((spec) => (spec.id === 'b' ? { ...spec, objective: 'Otherwise.' } : spec)));
    assert.deepEqual(rig.done, ['@answer', 'a', 'b', 'c']);
  });

  async function runMarked(rig: LineageRig, plan: typeof PLAN): Promise<string> {
    const { engine } = rig.fixture;
    const seen = engine.onEvent((event) => {
      if (event.type === 'task.completed' && event.task === 'a')
        void engine.act(event.run, { kind: 'mark-done', task: 'b', result: 'My own words.' });
    });
    const { outcome } = await rig.run(plan);
    seen.dispose();
    return outcome;
  }
});

describe('the answer', () => {
  it('is written again only when it would be written from something else', async () => {
    const rig = new LineageRig();
    await rig.run(PLAN);
    await rig.run(PLAN.toReversed());
    assert.deepEqual(rig.done, [], 'the same results');
    await rig.run(PLAN.slice(0, 2));
    assert.deepEqual(rig.done, ['@answer'], 'one result less');
    await rig.run(PLAN.slice(0, 2), { request: { text: 'Some of it' } });
    assert.deepEqual(rig.done, ['@answer'], 'another request');
    await rig.run(PLAN.slice(0, 2), { request: { text: 'Some of it' }, options: { synthesis: false } });
    assert.deepEqual(rig.done, [], 'no answer is written');
    await rig.run(PLAN.slice(0, 2), { request: { text: 'Some of it' } });
    assert.deepEqual(rig.done, ['@answer'], 'there was none to use');
  });

  it('is written again when it was cut', async () => {
    let finish: 'stop' | 'length' = 'length';
    const rig = new LineageRig({
      script: (request, prompt) =>
        request.key.task === '@answer' ? { text: `Seen ${digest(prompt)}`, finish } : replies(request, prompt),
    });
    await rig.run(PLAN);
    finish = 'stop';
    assert.equal((await rig.run(PLAN)).outcome, 'answered');
    assert.deepEqual(rig.done, ['@answer']);
  });
});

describe('a task that is done anew', () => {
  const backend = (id: string, more: object = {}) =>
    new ScriptedBackend({ id, maxConcurrency: 1, ...more }, (request, prompt) => replies(request, prompt));

  async function whoDoes(
    backends: readonly ScriptedBackend[],
    more: Partial<ReturnType<typeof task>> = {},
  ): Promise<string> {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const plan = (objective: string) => [task('a', { objective }), task('b', { dependsOn: ['a'] })];
    await new LineageRig({ clock, journal, backends: [backend('early')] }).run(plan('Do it.'));
    const rig = new LineageRig({ clock, journal, backends, ids: 'second' });
    await rig.fixture.ask(
      'All of it',
      {},
      {
        plan: {
          request: 'All of it',
          tasks: plan('Otherwise.').map((spec) => (spec.id === 'b' ? { ...spec, ...more } : spec)),
        },
        again: { run: 'run-1', redo: [], isFresh: false },
      },
    );
    const state = rig.fixture.engine.state('second-1') ?? assert.fail();
    return `${state.tasks.get('a')?.backend} ${state.tasks.get('b')?.backend}`;
  }

  it('goes to the backend that did it before when its brief is the same, where that still may do it', async () => {
    const better = backend('better', { costHint: 'free' });
    const early = backend('early', { costHint: 'high' });
    assert.equal(await whoDoes([better, early]), 'better early');
    assert.equal(await whoDoes([better]), 'better better');
    assert.equal(await whoDoes([better, early], { target: 'better' }), 'better better');
    assert.equal(await whoDoes([better, early], { objective: 'Otherwise, too.' }), 'better better');
    assert.equal(await whoDoes([better, backend('early', { canDelegate: false })]), 'better better');
  });
});
