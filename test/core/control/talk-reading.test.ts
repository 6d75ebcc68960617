import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { engineFixture, MemoryWorkspace } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { HAY, outcomeOf, readers } from '../../support/reading-fixture.ts';
import { askedFor, claimsReply, claimsShown, quoteOf, readsFor, reducesAll } from '../../support/reading-replies.ts';
import { ScriptedBackend, type RecordedCall, type ScriptedReply } from '../../support/scripted-backend.ts';
import { failsWith } from '../../support/scripted-replies.ts';
import {
  callOf,
  heardBy,
  onStage,
  questionsOf,
  resultOf,
  saidSince,
  stage,
  task,
  until,
  type Stage,
} from './talk-rig.ts';

const TREES = { 'trees.md': 'An oak stands by the river.\nA birch stands on the hill.\nA rose grows at the door.\n' };
const OAK = ['There is an oak.', quoteOf('trees.md', 1, 'An oak stands by the river.')] as const;
const BIRCH = ['There is a birch.', quoteOf('trees.md', 2, 'A birch stands on the hill.')] as const;

function trees(backend: ScriptedBackend, more: object = {}) {
  const inputs = [{ path: 'trees.md' }];
  return { backends: [backend], workspace: new MemoryWorkspace(TREES), tasks: [task('read', { inputs, ...more })] };
}

function resultIn(on: Stage) {
  return on.finished().then((finished) => outcomeOf(finished, on.fixture.events));
}

describe('words to a reading task of one call', () => {
  it('that came before it are in its brief; later ones are followed by a call that shows the reply and them', async () => {
    const reader = new ScriptedBackend({ id: 'reader' });
    const on = await stage(trees(reader, { mode: 'interactive' }));
    await until(() => on.task('read').status === 'waiting', 'it waits');
    await on.say('read', 'Only tall ones.');
    const first = await callOf(reader, 0);
    assert.match(first.prompt, /it counts\.\n\nThe user says:\nOnly tall ones\.\n\n<<~run1 file trees\.md>>/);
    await on.say('read', 'Birches too.');
    first.reply(claimsReply([OAK]));
    const second = await callOf(reader, 1);
    assert.ok(second.prompt.startsWith(first.prompt));
    assert.equal(
      saidSince(second),
      `assistant: ${claimsReply([OAK]).text}\n\nuser: The user says:\nBirches too.\n\nReply again with the whole JSON object, for the whole result as it should be now.`,
    );
    second.reply(claimsReply([OAK, BIRCH]));
    const { result, report, partial } = await resultIn(on);
    assert.match(result, /There is an oak\. \[[^\]]*\]\([^)]*\)[\s\S]*There is a birch\./);
    assert.equal(`${report?.verified.length} ${partial}`, '2 false');
    assert.deepEqual(heardBy(on.fixture.events, 'read'), ['0.0: 1', '1.0: 2']);
  });

  it('that came while its quotations were corrected are heard, too, and are in the correction', async () => {
    const reader = new ScriptedBackend({ id: 'reader' });
    const on = await stage(trees(reader));
    (await callOf(reader, 0)).reply(claimsReply([['An elm.', quoteOf('trees.md', 1, 'An elm stands by the river.')]]));
    const correction = await callOf(reader, 1);
    assert.equal(askedFor(correction.request), 'quotes');
    await on.say('read', 'No elms.');
    correction.reply({ text: '{"quotes":[]}' });
    const again = await callOf(reader, 2);
    assert.match(saidSince(again), /No elms\./);
    again.reply(claimsReply([['A yew.', quoteOf('trees.md', 1, 'A yew stands by the river.')]]));
    const second = await callOf(reader, 3);
    assert.match(second.prompt, /Which|do read\n\nThe user says:\nNo elms\./);
    second.reply({ text: '{"quotes":[]}' });
    const { result } = await resultIn(on);
    assert.match(result, /struck/);
  });

  it('leave the first result when they cannot be heard', async () => {
    const reader = new ScriptedBackend({ id: 'reader' });
    const on = await stage(trees(reader));
    const first = await callOf(reader, 0);
    await on.say('read', 'More.');
    first.reply(claimsReply([OAK]));
    (await callOf(reader, 1)).reply(failsWith('rejected'));
    const { result, partial, report } = await resultIn(on);
    assert.match(result, /There is an oak\.[\s\S]*\*What you said last was not heard: It failed \(rejected\)\.\*/);
    assert.equal(`${partial} ${report?.verified.length}`, 'true 1');
  });
});

describe('a question of a reading task', () => {
  it('may stand where the reply says what is missing, and is answered in the next call', async () => {
    const reader = new ScriptedBackend({ id: 'reader' });
    const on = await stage(trees(reader, { mode: 'hybrid' }));
    const first = await callOf(reader, 0);
    assert.match(first.prompt, /"missing": "ASK THE USER: your question"/);
    first.reply(claimsReply([], 'ASK THE USER: Shrubs, too?'));
    await until(() => on.task('read').status === 'waiting', 'it waits');
    assert.deepEqual(questionsOf(on.task('read')), ['task#0: Shrubs, too?']);
    await on.say('read', 'No.');
    const second = await callOf(reader, 1);
    assert.match(saidSince(second), /user: The user says:\nNo\.\n\nReply again/);
    second.reply(claimsReply([OAK]));
    assert.match((await resultIn(on)).result, /^There is an oak\./);
  });

  it('is no question of an autonomous task', async () => {
    const reader = new ScriptedBackend({ id: 'reader' }, () => claimsReply([], 'ASK THE USER: Shrubs, too?'));
    const on = await stage(trees(reader));
    assert.match((await resultIn(on)).result, /ASK THE USER: Shrubs, too\?/);
    assert.doesNotMatch(reader.calls[0]?.prompt ?? '', /ASK THE USER/);
  });
});

const paths = Object.keys(HAY).map((path) => ({ path }));
const long = { inputs: paths, capability: 'long-context' };

function reducing(backends: readonly ScriptedBackend[]): readonly RecordedCall[] {
  return backends.flatMap(({ calls }) => calls).filter(({ request }) => askedFor(request) === 'reduced_claims');
}

function mapping(backends: readonly ScriptedBackend[]): readonly RecordedCall[] {
  return backends.flatMap(({ calls }) => calls).filter(({ request }) => askedFor(request) === 'claims');
}

/** Claims the needles of what is read; `hold` may keep a call back. */
function hayReaders(hold: (asked: string, prompt: string) => Promise<void> | undefined) {
  return readers(async (request, prompt): Promise<ScriptedReply> => {
    await hold(askedFor(request), prompt);
    return readsFor('needle')(request, prompt);
  });
}

describe('words to a long reading', () => {
  it('are in every call that begins after them, and in what puts the parts together', async () => {
    const gate = Promise.withResolvers<void>();
    const backends = hayReaders(() => gate.promise);
    const on = await stage({ backends, workspace: new MemoryWorkspace(HAY), tasks: [task('read', long)] });
    await until(() => mapping(backends).length >= 4, 'all slots are taken');
    const before = new Set(mapping(backends));
    await on.say('read', 'Only needles.');
    gate.resolve();
    const { result } = await resultIn(on);
    assert.match(result, /the needle of alpha/);
    const after = [...mapping(backends), ...reducing(backends)].filter((call) => !before.has(call));
    assert.ok(after.length >= 3, `${after.length} calls after`);
    for (const call of before) assert.doesNotMatch(call.prompt, /Only needles/);
    for (const call of after) assert.match(call.prompt, /The user says:\nOnly needles\./);
    assert.equal(reducing(backends).length, 1);
  });

  it('that nothing follows any more are told to one more call that puts the parts together', async () => {
    const gate = Promise.withResolvers<void>();
    const backends = hayReaders((asked) => (asked === 'reduced_claims' ? gate.promise : undefined));
    const on = await stage({ backends, workspace: new MemoryWorkspace(HAY), tasks: [task('read', long)] });
    await until(() => reducing(backends).length === 1, 'it is put together');
    await on.say('read', 'Count them.');
    gate.resolve();
    const { report } = await resultIn(on);
    assert.equal(report?.verified.length, 35);
    const [first, second] = reducing(backends);
    assert.ok(first !== undefined && second !== undefined);
    assert.doesNotMatch(first.prompt, /Count them/);
    assert.match(saidSince(second), /^assistant: \{"claims"[\s\S]*user: The user says:\nCount them\.\n\nReply again/);
  });

  it('are told to a call that puts together even what one part said', async () => {
    const gate = Promise.withResolvers<void>();
    let mapped = 0;
    const backends = readers(async (request, prompt): Promise<ScriptedReply> => {
      if (askedFor(request) === 'reduced_claims') return reducesAll(prompt);
      mapped += 1;
      await gate.promise;
      return prompt.includes('alpha line 2 ') ? readsFor('alpha line 2 ')(request, prompt) : claimsReply([]);
    });
    const on = await stage({ backends, workspace: new MemoryWorkspace(HAY), tasks: [task('read', long)] });
    await until(() => mapped >= 4, 'parts are read');
    await on.say('read', 'In one sentence.');
    gate.resolve();
    const { report } = await resultIn(on);
    assert.equal(report?.verified.length, 1);
    assert.equal(reducing(backends).length, 1);
    assert.match(reducing(backends)[0]?.prompt ?? '', /In one sentence\./);
  });

  it('are not asked for again after a resume: no finished call is made twice, and the result is the same', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const gate = Promise.withResolvers<void>();
    let reduced = 0;
    const script = async (asked: string): Promise<void> => {
      if (asked !== 'reduced_claims') return;
      reduced += 1;
      if (reduced === 1) await gate.promise;
      if (reduced === 2) await new Promise<void>(() => undefined);
    };
    const backends = hayReaders((asked) => script(asked));
    const given = { workspace: new MemoryWorkspace(HAY), journal, clock };
    const on = await stage({ backends, ...given, tasks: [task('read', { ...long, mode: 'interactive' })] });
    await on.say('read', 'Only needles.');
    await until(() => reduced === 1, 'it is put together');
    await on.say('read', 'Count them.');
    gate.resolve();
    await until(() => reduced === 2, 'it is put together again');
    await on.fixture.engine.dispose();
    const answered = on.fixture.events.filter((event) => event.type === 'call.finished').length;

    const fresh = hayReaders(() => undefined);
    const fixture = engineFixture({ backends: fresh, ...given, ids: 'second' });
    const resumed = await fixture.engine.resume(on.handle.run);
    assert.ok(resumed.ok);
    const { report } = await resultIn(onStage(fixture, resumed.value));
    assert.ok(answered >= 4);
    assert.equal(report?.verified.length, 35);
    assert.deepEqual(
      fresh
        .flatMap(({ calls }) => calls)
        .map((call) => `${askedFor(call.request)}: ${saidSince(call).split('\n').slice(2).join(' ')}`),
      [
        'reduced_claims: user: The user says: Count them.  Reply again with the whole JSON object, for the whole result as it should be now.',
      ],
    );
  });
});

describe('a long reading that asks', () => {
  it('asks when it puts the parts together, and goes on with the answer', async () => {
    let asked = 0;
    const backends = readers((request, prompt) => {
      if (askedFor(request) !== 'reduced_claims') return readsFor('needle')(request, prompt);
      asked += 1;
      if (asked === 1) return { text: 'ASK THE USER: By file?' };
      const ids = claimsShown(prompt).map(({ id }) => id);
      return { text: JSON.stringify({ claims: [{ text: `There are ${ids.length}.`, from: ids }], missing: '' }) };
    });
    const tasks = [task('read', { ...long, mode: 'hybrid' })];
    const on = await stage({ backends, workspace: new MemoryWorkspace(HAY), tasks });
    await until(() => on.task('read').status === 'waiting', 'it waits');
    for (const { prompt } of mapping(backends)) assert.doesNotMatch(prompt, /ASK THE USER/);
    await on.say('read', '');
    assert.match((await resultIn(on)).result, /^There are 35\./);
    assert.match(saidSince(reducing(backends)[1] ?? assert.fail()), /user: The user has nothing to add: go on\./);
  });
});

describe('a reading that is stopped and kept', () => {
  it('keeps the claims of the parts that were answered, with their citations, and names what was not read', async () => {
    const backends = hayReaders((asked, prompt) =>
      asked === 'claims' && !prompt.includes('alpha line 2 ') ? new Promise<void>(() => undefined) : undefined,
    );
    const on = await stage({ backends, workspace: new MemoryWorkspace(HAY), tasks: [task('read', long)] });
    await until(() => on.task('read').calls.some(({ finish }) => finish !== null), 'a part is read');
    await on.act({ kind: 'stop-task', task: 'read', keep: true });
    const { result, report, partial } = await resultIn(on);
    assert.equal(on.task('read').isKept, true);
    assert.equal(partial, true);
    assert.ok((report?.verified.length ?? 0) >= 5, `${report?.verified.length} citations`);
    assert.match(result, /It says the needle of alpha lies at number 8\. \[/);
    assert.match(result, /You stopped this task before it was finished: something may be missing\./);
    assert.match(result, /\n\nNot read: a\.txt lines 814-4000, b\.txt lines 1-3001 \(You stopped this task\)\.$/);
    assert.equal(reducing(backends).length, 0);
  });

  it('keeps the whole claims of a reply that was under way, and their citations', async () => {
    const reader = new ScriptedBackend({ id: 'reader' });
    const on = await stage(trees(reader));
    const call = await callOf(reader, 0);
    const whole = claimsReply([OAK, BIRCH]).text;
    call.stream(whole.slice(0, whole.indexOf('A birch')));
    await on.act({ kind: 'stop-task', task: 'read', keep: true });
    const { result, report } = await resultIn(on);
    assert.equal(report?.verified.length, 1);
    assert.match(
      result,
      /^There is an oak\. \[[\s\S]*\n\n\*You stopped this task before it was finished: something may be missing\.\*$/,
    );
  });

  it('keeps the reply before, when the next one was under way', async () => {
    const reader = new ScriptedBackend({ id: 'reader' });
    const on = await stage(trees(reader));
    const first = await callOf(reader, 0);
    await on.say('read', 'More.');
    first.reply(claimsReply([OAK]));
    (await callOf(reader, 1)).stream('{"cl');
    await on.act({ kind: 'stop-task', task: 'read', keep: true });
    const { result } = await resultIn(on);
    assert.match(result, /^There is an oak\. \[[\s\S]*You stopped this task/);
  });

  it('has nothing to keep before the first claim', async () => {
    const reader = new ScriptedBackend({ id: 'reader' });
    const on = await stage(trees(reader));
    (await callOf(reader, 0)).stream('{"claims": [{"te');
    await on.act({ kind: 'stop-task', task: 'read', keep: true });
    await on.finished();
    assert.equal(resultOf(on.task('read')), 'cancelled, partial: ');
  });
});
