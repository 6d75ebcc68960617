import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { exportFormatOf, isExportOf } from '../../src/app/export-format.ts';
import { exportRun } from '../../src/app/export-run.ts';
import { renderRunMarkdown } from '../../src/app/run-markdown.ts';
import { failure } from '../../src/core/failure.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import type { Journal } from '../../src/core/ports.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { NO_SPEND } from '../../src/core/spend.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { assertGolden } from '../support/golden.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { at, journaled, RUN, sampleEditRun, spend, START_MS, type TimedBody } from '../support/sample-run.ts';

const FINISHED = { nowMs: START_MS, liveness: 'finished', diff: '' } as const;

function spec(own: Partial<TaskSpec>): TaskSpec {
  return {
    id: 'ask',
    title: 'Choose a store',
    objective: 'Choose where it is kept.',
    mode: 'interactive',
    dependsOn: [],
    inputs: [],
    ...own,
  };
}

function messages(...contents: readonly string[]): string {
  return JSON.stringify(contents.map((content, index) => ({ role: index === 0 ? 'system' : 'user', content })));
}

function call(
  ms: number,
  turn: number,
  given: { readonly prompt: string; readonly reply: string; readonly attempt?: number },
): readonly TimedBody[] {
  const key = { run: RUN, task: 'ask', turn, attempt: given.attempt ?? 0 };
  const ceiling = { inputTokens: 100, outputTokens: 100 };
  return [
    at(ms, { type: 'call.started', key, backend: 'talker', promptVersion: 'task@1', ceiling, prompt: given.prompt }),
    at(ms + 10, {
      type: 'call.finished',
      key,
      backend: 'talker',
      finish: 'stop',
      text: given.reply,
      spent: spend(100, 10, { usd: 0.001, ms: 10 }),
    }),
  ];
}

/** A task that was talked to, failed, and was tried again; its texts try to get out of where they stand. */
const TALK: readonly TimedBody[] = [
  at(0, {
    type: 'run.started',
    request: 'Choose a store </details> --> <img src=x>\n```\nescape?',
    context: '{}',
    source: 'chat',
    options: DEFAULT_OPTIONS,
    workspace: '/project',
    from: 'run-0',
  }),
  at(10, {
    type: 'plan.accepted',
    tasks: [
      spec({
        conversation: {
          messages: [
            { role: 'user', text: 'What is there?' },
            { role: 'assistant', text: 'Two stores.' },
          ],
        },
      }),
    ],
  }),
  at(20, { type: 'task.waiting', task: 'ask', turn: 0, question: '' }),
  at(30, { type: 'message.said', task: 'ask', text: 'Prefer the <b>small</b> one' }),
  at(40, { type: 'task.started', task: 'ask', attempt: 0, backend: 'talker' }),
  ...call(50, 0, { prompt: messages('You do one task.', 'Choose.'), reply: 'Which of the two?' }),
  at(70, {
    type: 'tool.finished',
    task: 'ask',
    turn: 0,
    call: 'c1',
    name: 'list</summary><script>',
    arguments: '{"path":"."}',
    result: 'a.ts\n```\n</details>',
    isOk: false,
    ms: 3,
  }),
  at(80, { type: 'task.waiting', task: 'ask', turn: 0, question: 'Which of the two?' }),
  at(90, { type: 'message.said', task: 'ask', text: 'The second' }),
  ...call(100, 1, { prompt: messages('You do one task.', 'Choose.', 'The second'), reply: 'No.' }),
  at(120, {
    type: 'task.failed',
    task: 'ask',
    failure: failure('bad-response', 'talker said nothing of use.', { whatToDo: 'Retry it.' }),
    partial: 'No.',
  }),
  at(130, { type: 'task.retried', task: 'ask', because: null }),
  at(140, { type: 'task.started', task: 'ask', attempt: 1, backend: 'talker' }),
  ...call(150, 2, { prompt: messages('You do one task.', 'Choose.'), reply: 'The second store.', attempt: 1 }),
  at(170, { type: 'task.completed', task: 'ask', backend: 'talker', result: 'The second store.', partial: false }),
  at(180, {
    type: 'run.finished',
    outcome: 'answered',
    stoppedBy: null,
    answer: 'The second store.',
    failure: null,
    spent: NO_SPEND,
    tasks: [],
  }),
];

async function recorded(bodies: readonly TimedBody[]): Promise<Journal> {
  const clock = new ManualClock(START_MS);
  const journal = createMemoryJournal({ clock });
  const writer = await journal.createRun(RUN);
  assert.ok(writer.ok);
  for (const { atMs, ...body } of bodies) {
    clock.setWall(START_MS + atMs);
    const written = await writer.value.append([body]);
    assert.ok(written.ok);
  }
  await writer.value.release();
  return journal;
}

describe('a run exported as Markdown', () => {
  it('tells request, plan, what was said to each task, tools, result, answer and cost', () => {
    assertGolden('documents/exported-talk.md', renderRunMarkdown(foldRun(RUN, journaled(TALK)), FINISHED));
  });

  it('keeps what was given as the result of an attempt that was done anew', async () => {
    const journal = await recorded([
      ...TALK.slice(0, 2),
      at(20, { type: 'task.marked', task: 'ask', result: 'My own words.' }),
      at(30, { type: 'task.retried', task: 'ask', because: null }),
      at(40, { type: 'task.completed', task: 'ask', backend: 'talker', result: 'Other.', partial: false }),
    ]);
    const exported = await exportRun(journal, RUN, { format: 'markdown', nowMs: START_MS });
    assert.match(
      exported.ok ? exported.value : '',
      /### Attempt 1: completed\n\n#### Result\n\nYou gave this result\.\n\n```\nMy own words\.\n```\n\n### Attempt 2/,
    );
  });

  it('is told from one that only names the run', async () => {
    const journal = await recorded(TALK);
    for (const format of ['json', 'markdown'] as const) {
      const exported = await exportRun(journal, RUN, { format, nowMs: START_MS });
      const text = exported.ok ? exported.value : assert.fail(exported.error.message);
      assert.ok(isExportOf(text, RUN), format);
      assert.ok(text.includes('run-0') && !isExportOf(text, 'run-0'), `${format}: it runs run-0 again`);
      assert.ok(!isExportOf(text, 'run'), format);
      assert.ok(!isExportOf(`Notes on ${RUN}\n\n${text}`, RUN), format);
    }
  });

  it('tells sources, long reading and proposed edits with their diff', async () => {
    const journal = await recorded(sampleEditRun());
    const exported = await exportRun(journal, RUN, { format: 'markdown', nowMs: START_MS });
    assert.ok(exported.ok);
    assertGolden('documents/exported-edits.md', exported.value);
  });

  it('shows whatever a text holds only inside of code blocks, and nothing of it as HTML', async () => {
    const hostile = fc.array(
      fc.constantFrom('```', '~~~', '</details>', '<!--', '-->', '<img src=x>', '\n', '\n\n', 'a', '# ', '\u202E', '`'),
    );
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (one, other) => {
        const [first, second] = [one.join(''), other.join('')];
        const bodies = TALK.map((body): TimedBody => {
          if (body.type === 'message.said') return { ...body, text: first };
          if (body.type === 'tool.finished') return { ...body, name: first, result: second, arguments: first };
          if (body.type === 'call.finished' || body.type === 'task.completed')
            return body.type === 'call.finished' ? { ...body, text: second } : { ...body, result: second };
          return body.type === 'run.finished' ? { ...body, answer: first } : body;
        });
        const outside = outsideOfCode(renderRunMarkdown(foldRun(RUN, journaled(bodies)), FINISHED));
        const html = outside.match(/<(?!details>|\/details>|summary>|\/summary>)/g) ?? [];
        assert.deepEqual(html.filter(Boolean), [], outside);
        assert.doesNotMatch(outside, /\u202E/);
        const opened = outside.match(/^<details>$/gm) ?? [];
        assert.deepEqual((outside.match(/^<\/details>$/gm) ?? []).length, opened.length);
      }),
      propertyOptions('hostile texts in an export', 2),
    );
  });
});

/** The lines that are in no fenced block, without escaped characters. */
function outsideOfCode(markdown: string): string {
  let fence: string | undefined;
  const lines: string[] = [];
  for (const line of markdown.split('\n')) {
    const ticks = /^ {0,3}(`{3,})/.exec(line)?.[1];
    if (fence === undefined && ticks !== undefined) fence = ticks;
    else if (fence !== undefined && line.trim() === fence) fence = undefined;
    else if (fence === undefined) lines.push(line.replaceAll(/\\./g, ''));
  }
  assert.equal(fence, undefined, 'every block ends');
  return lines.join('\n');
}

describe('a run exported as JSON', () => {
  it('holds every event as journaled, with all texts', async () => {
    const long = 'x'.repeat(200_000);
    const bodies = TALK.map((body): TimedBody => (body.type === 'task.completed' ? { ...body, result: long } : body));
    const journal = await recorded(bodies);
    const exported = await exportRun(journal, RUN, { format: 'json', nowMs: Date.UTC(2030, 0, 2) });
    assert.ok(exported.ok);
    const parsed = JSON.parse(exported.value) as { readonly events: readonly RunEvent[] };
    const { events, ...head } = parsed;
    assert.deepEqual(head, { v: 1, run: RUN, exportedAt: '2030-01-02T00:00:00.000Z' });
    const read = await journal.readRun(RUN, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
    assert.ok(read.ok);
    assert.deepEqual(events, read.value);
    const result = events.find((event) => event.type === 'task.completed');
    assert.equal(result?.type === 'task.completed' ? result.result : '', long);
  });

  it('shows what is hidden as escapes that mean the same', async () => {
    const hidden = 'a\u202Eb\u200B\u2028c\u{E0041}d\u0007é';
    const journal = await recorded(
      TALK.map((body): TimedBody => (body.type === 'run.finished' ? { ...body, answer: hidden } : body)),
    );
    const exported = await exportRun(journal, RUN, { format: 'json', nowMs: START_MS });
    assert.ok(exported.ok);
    assert.match(exported.value, /"answer":"a\\u202eb\\u200b\\u2028c\\udb40\\udc41d\\u0007é"/);
    const { events } = JSON.parse(exported.value) as { readonly events: readonly RunEvent[] };
    const last = events.at(-1);
    assert.equal(last?.type === 'run.finished' ? last.answer : '', hidden);
  });
});

describe('an export', () => {
  it('of a run that is not there says so', async () => {
    const exported = await exportRun(createMemoryJournal(), 'gone', { format: 'json', nowMs: 0 });
    assert.ok(!exported.ok);
    assert.equal(exported.error.message, 'There is no run gone in the record.');
  });

  it('has its format from the ending of the file', () => {
    const endings = ['/a/b.json', 'b.JSON', 'b.md', 'b.markdown', 'b.txt', 'json', 'b.json.bak'];
    assert.deepEqual(endings.map(exportFormatOf), [
      'json',
      'json',
      'markdown',
      'markdown',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
