import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { payloadText, type RunEvent } from '../../../src/core/run-event.ts';
import { countRunCitations } from '../../../src/core/read/cited-answer.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import { engineFixture, MemoryWorkspace } from '../../support/engine-fixture.ts';
import { askedFor, claimsReply, quoteOf } from '../../support/reading-replies.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { failsWith } from '../../support/scripted-replies.ts';

const FILES = {
  'src/trees.md': 'The amber birch grows on the northern slope.\nThe willow stands by the river.\n',
  'rocks.md': 'Granite lies below the whole of the valley.\n',
};

const READ_TREES = claimsReply([
  ['Birches grow in the north.', quoteOf('src/trees.md', 1, 'The amber birch grows on the northern slope.')],
  ['Willows like water.', quoteOf('src/trees.md', 2, 'The willow stands by the river.')],
  ['Oaks are old.', quoteOf('src/trees.md', 9, 'The oak of the valley is a thousand years old.')],
]);
const ROCK = quoteOf('rocks.md', 1, 'Granite lies below the whole of the valley.');
const READ_ROCKS = claimsReply([
  ['It is granite, as in array [[1]] of the notes.', ROCK],
  ['Birches again.', quoteOf('src/trees.md', 1, 'The amber birch grows on the northern slope.')],
]);

function task(id: string, own: object = {}) {
  return {
    id,
    title: `Read ${id}`,
    objective: `Read the ${id}.`,
    mode: 'autonomous' as const,
    dependsOn: [],
    inputs: [{ path: 'src/trees.md' }],
    ...own,
  };
}

const PLAN = {
  request: 'What is there?',
  tasks: [task('trees'), task('rocks', { inputs: [{ path: 'rocks.md' }, { path: 'src/trees.md' }] })],
};

/** Reads as above; what answers is given. */
function team(answers: (prompt: string, attempt: number) => { readonly text: string } | ReturnType<typeof failsWith>) {
  const backend = new ScriptedBackend({ id: 'front' }, (request, prompt) => {
    if (request.key.task === '@answer') return answers(prompt, request.key.attempt);
    if (askedFor(request) === 'quotes') return { text: '{"quotes":[]}' };
    return request.key.task === 'trees' ? READ_TREES : READ_ROCKS;
  });
  return { backend, ...engineFixture({ backends: [backend], workspace: new MemoryWorkspace(FILES) }) };
}

function streamed(
  texts: readonly { readonly task: string; readonly text: string; readonly restart: boolean }[],
): string {
  return texts
    .filter(({ task: of }) => of === '@answer')
    .reduce((all, { text, restart }) => (restart ? text : all + text), '');
}

function answerEvent(events: readonly RunEvent[]) {
  const end = events.find((event) => event.type === 'task.completed' && event.task === '@answer');
  return end?.type === 'task.completed' ? end : assert.fail('no answer');
}

const BIRCH = '[trees.md:1](src/trees.md#L1)';
const WILLOW = '[trees.md:2](src/trees.md#L2)';
const GRANITE = '[rocks.md:1](rocks.md#L1)';

describe('an answer over cited results', () => {
  it('is written from numbers in place of links, over all results, and shows the links again', async () => {
    const { start, texts, events, backend } = team(() => ({ text: 'Birches [[1]], willows [[2]] and granite [[3]].' }));
    const finished = await (await start({ text: 'What is there?', plan: PLAN })).finished;
    const prompt = backend.calls.at(-1)?.prompt ?? '';
    assert.match(
      prompt,
      /Birches grow in the north\. \[\[1\]\]\n\nWillows like water\. \[\[2\]\]\n<</,
      'notes on struck quotations are not shown',
    );
    assert.match(
      prompt,
      /as in array \[ \[1\]\] of the notes\. \[\[3\]\]\n\nBirches again\. \[\[1\]\]\n/,
      'the same place has the same number',
    );
    assert.doesNotMatch(prompt, /#L\d/);
    const answer = `Birches ${BIRCH}, willows ${WILLOW} and granite ${GRANITE}.\n\n*1 quotation could not be found in the files and was struck.*`;
    assert.equal(finished.answer, answer);
    assert.equal(streamed(texts), answer);
    const end = answerEvent(events);
    assert.deepEqual(end.cited, { verified: 3, struck: 0, unchecked: false });
    assert.match(payloadText(end.citations ?? ''), /"path":"rocks\.md","startLine":1/);
    assert.deepEqual(countRunCitations(foldRun(end.run, events)), { verified: 4, struck: 1, unchecked: false });
  });

  it('loses what it cites and nobody found: numbers, links and lines of files that were read', async () => {
    const { start, texts } = team(() => ({
      text: 'True [[2]]. Invented [[77]]. See [here](src/trees.md#L40-L44) and rocks.md:12. Elsewhere util.ts:3.',
    }));
    const { answer } = await (await start({ text: 'go', plan: PLAN })).finished;
    assert.equal(
      answer,
      `True ${WILLOW}. Invented. See here and rocks.md. Elsewhere util.ts:3.\n\n*4 quotations could not be found in the files and were struck.*`,
    );
    assert.equal(streamed(texts), answer);
  });

  it('streams anew when the call is made again elsewhere', async () => {
    class Breaking extends ScriptedBackend {
      override async chat(
        ...[request, options]: Parameters<ScriptedBackend['chat']>
      ): ReturnType<ScriptedBackend['chat']> {
        if (request.key.task === '@answer') options.onText('Half [[1]] and [[2');
        return super.chat(request, options);
      }
    }
    const first = new Breaking({ id: 'first', goodAt: ['reasoning'] }, ({ key }) =>
      key.task === '@answer' ? failsWith('refused-by-model') : READ_TREES,
    );
    const second = new ScriptedBackend({ id: 'second' }, () => ({ text: 'Whole [[1]].' }));
    const { start, texts } = engineFixture({ backends: [first, second], workspace: new MemoryWorkspace(FILES) });
    const plan = { request: 'r', tasks: [task('trees', { target: 'first' })] };
    const { answer } = await (await start({ text: 'go', plan })).finished;
    const shown = texts
      .filter((delta) => delta.task === '@answer')
      .map(({ text, restart }) => (restart ? '(again)' : text));
    assert.match(shown.join(''), /^Half \[trees\.md:1\]\(src\/trees\.md#L1\) and\s*\(again\)Whole \[trees/);
    assert.ok(answer.startsWith(`Whole ${BIRCH}.`));
    assert.equal(streamed(texts), answer);
  });

  it('hands the results on with their links when no answer could be written, and what it had is filtered too', async () => {
    const { start, events } = team(() => ({
      ...failsWith('refused-by-model'),
      partialText: 'Birches [[1]] and lies [[50]] and [[',
    }));
    const { answer, outcome } = await (await start({ text: 'go', plan: PLAN })).finished;
    assert.equal(outcome, 'partial');
    assert.ok(
      answer.includes(`Willows like water. ${WILLOW}\n\n*1 quotation was not found in the files and was struck.*`),
      answer,
    );
    const failed = events.find((event) => event.type === 'task.failed' && event.task === '@answer');
    assert.equal(failed?.type === 'task.failed' ? payloadText(failed.partial) : '', `Birches ${BIRCH} and lies and [[`);
  });

  it('is told which results were not checked', async () => {
    const backend = new ScriptedBackend({ id: 'front' }, ({ key }) => ({
      text: key.task === '@answer' ? 'Fine.' : 'Just talk, see src/trees.md:2.',
    }));
    const { start, events } = engineFixture({ backends: [backend], workspace: new MemoryWorkspace(FILES) });
    const { answer } = await (await start({ text: 'go', plan: { request: 'r', tasks: [task('trees')] } })).finished;
    assert.match(backend.calls.at(-1)?.prompt ?? '', /result of "Read trees" \(quotations not checked\)>>\nJust talk/);
    assert.equal(answer, 'Fine.');
    assert.deepEqual(countRunCitations(foldRun(events[0]?.run ?? '', events)), {
      verified: 0,
      struck: 0,
      unchecked: true,
    });
  });

  it('counts nothing where nothing was cited, and gives no rule on citations', async () => {
    const backend = new ScriptedBackend({ id: 'front' }, ({ key }) => ({
      text: key.task === '@answer' ? 'See a.ts:3 [[1]].' : 'Done.',
    }));
    const { start, events } = engineFixture({ backends: [backend] });
    const { answer } = await (
      await start({ text: 'go', plan: { request: 'r', tasks: [task('free', { inputs: [] })] } })
    ).finished;
    assert.equal(
      countRunCitations(
        foldRun(
          events[0]?.run ?? '',
          events.filter(({ type }) => type !== 'task.completed'),
        ),
      ),
      undefined,
    );
    assert.doesNotMatch(backend.calls.at(-1)?.prompt ?? '', /\[\[7\]\]/);
    assert.equal(answer, 'See a.ts:3 [[1]].');
  });

  it('cites nothing of a result that stays here, when it is written elsewhere', async () => {
    const here = new ScriptedBackend({ id: 'here', tier: 'local' }, ({ key }) =>
      key.task === 'trees' ? READ_TREES : claimsReply([['Rock.', ROCK]]),
    );
    const cloud = new ScriptedBackend({ id: 'cloud', tier: 'subscription' }, () => ({
      text: 'So it is [[1]], [[3]], also trees.md:1.',
    }));
    const { start, texts } = engineFixture({
      backends: [here, cloud],
      workspace: new MemoryWorkspace(FILES, { local: ['src/trees.md'] }),
    });
    const tasks = [
      task('trees', { target: 'here' }),
      task('rocks', { inputs: [{ path: 'rocks.md' }], target: 'here' }),
    ];
    const run = await start({ text: 'go', plan: { request: 'r', tasks } }, { reducer: 'cloud' });
    const { answer } = await run.finished;
    assert.match(cloud.calls[0]?.prompt ?? '', /Rock\. \[\[3\]\]/);
    assert.ok(answer.startsWith(`So it is, ${GRANITE}, also trees.md.\n\n*3 quotations could not be found`), answer);
    assert.ok(streamed(texts).startsWith(`So it is, ${GRANITE}, also trees.md.`));
    assert.ok(answer.includes(`Birches grow in the north. ${BIRCH}`), 'the user is shown what stays here');
  });

  it('is given links and not numbers where nobody writes but passages are put together', async () => {
    const { start, backend } = team(() => ({ text: 'x' }));
    await (
      await start({ text: 'go', plan: PLAN })
    ).finished;
    const { subject } = backend.calls.at(-1)?.request ?? assert.fail();
    assert.ok(subject.kind === 'synthesize' && subject.results[0]?.text.includes(BIRCH));
  });
});
