import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import type { ChatOutcome, Subject } from '../../src/core/backend.ts';
import { parseDecomposition } from '../../src/core/plan/decompose.ts';
import type { Decomposition } from '../../src/core/plan/decompose.ts';
import type { PathInfo } from '../../src/core/subject.ts';
import { EmbeddedBackend } from '../../src/backends/embedded/backend.ts';
import { readBrief, writeBrief } from '../../src/backends/embedded/brief.ts';
import { parsePassages, renderPassage } from '../../src/backends/embedded/passage-text.ts';
import { nothingFound } from '../../src/backends/embedded/wording.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { chatRequest, describeBackend } from './harness.ts';
import { GARDEN, SERVER } from './embedded/question-files.ts';

type DecomposeSubject = Extract<Subject, { readonly kind: 'decompose' }>;
type TaskSubject = Extract<Subject, { readonly kind: 'task' }>;

const backend = new EmbeddedBackend(describeBackend('embedded', { id: 'embedded' }), systemClock);

function ask(subject: Subject, signal = new AbortController().signal): Promise<ChatOutcome> {
  return backend.chat(chatRequest('the rendered prompt, which it does not read', { subject }), {
    signal,
    onText: () => undefined,
  });
}

async function textOf(subject: Subject): Promise<string> {
  const outcome = await ask(subject);
  return outcome.kind === 'finished' ? outcome.text : assert.fail(outcome.failure.message);
}

function decompose(request: string, more: Partial<DecomposeSubject> = {}): DecomposeSubject {
  return { kind: 'decompose', request, menu: [], files: [], attached: [], maxTasks: 20, want: 'decide', ...more };
}

function task(
  objective: string,
  files: Readonly<Record<string, string>>,
  more: Partial<TaskSubject> = {},
): TaskSubject {
  const inputs = Object.entries(files).map(([path, text]) => ({ path, text, firstLine: 1, localOnly: false }));
  return { kind: 'task', title: 'A task', objective, inputs, results: [], ...more };
}

async function planOf(subject: DecomposeSubject): Promise<Decomposition> {
  const parsed = parseDecomposition(await textOf(subject), {
    maxTasks: subject.maxTasks,
    maxEdges: 100,
    want: 'decide',
  });
  return parsed.ok ? parsed.value : assert.fail(parsed.error.join('\n'));
}

const files = (count: number, bytes = 2_000): readonly PathInfo[] =>
  Array.from({ length: count }, (_, at) => ({ path: `src/part-${Math.floor(at / 10)}/file-${at}.ts`, bytes }));

describe('Planning without a model', () => {
  it('answers small talk itself, and says what it is', async () => {
    for (const request of ['hello', 'Hi there!', 'thanks', 'What can you do?', 'who are you']) {
      const plan = await planOf(decompose(request, { files: files(3) }));
      assert.ok(
        plan.kind === 'answer' &&
          plan.text.includes('no language model') &&
          plan.text.includes('Orchestrator: Add a Backend'),
        request,
      );
    }
  });

  it('says that there is nothing to look into when there are no files', async () => {
    const plan = await planOf(decompose('Where is the port read?'));
    assert.match(
      plan.kind === 'answer' ? plan.text : '',
      /no files to look into: open a folder \(or name one with `--workspace`\) or attach files/,
    );
  });

  it('reads every file once, in a handful of tasks of neighbours', async () => {
    const all = files(70);
    const plan = await planOf(decompose('Where is the port read?', { files: all }));
    assert.ok(plan.kind === 'plan');
    const read = plan.tasks.flatMap(({ inputs }) => inputs.map((input) => ('path' in input ? input.path : '')));
    assert.deepEqual(read.toSorted(), all.map(({ path }) => path).toSorted());
    assert.deepEqual(
      plan.tasks.map(({ id, dependsOn }) => [id, dependsOn.length]),
      [1, 2, 3, 4, 5, 6].map((number) => [`read-${number}`, 0]),
    );
    assert.ok(
      plan.tasks.every(({ inputs }) => inputs.length >= 8 && inputs.length <= 16),
      plan.tasks.map(({ inputs }) => inputs.length).join(),
    );
    assert.equal(plan.tasks[0]?.title, 'Read src: file-0.ts to file-11.ts (12 files)');
  });

  it('keeps to the number of tasks allowed, and to few tasks for few files', async () => {
    const counts: number[] = [];
    for (const [count, maxTasks] of [
      [1, 20],
      [12, 20],
      [13, 20],
      [200, 2],
      [200, 1],
    ] as const) {
      const plan = await planOf(decompose('Where is the port read?', { files: files(count), maxTasks }));
      counts.push(plan.kind === 'plan' ? plan.tasks.length : -1);
    }
    assert.deepEqual(counts, [1, 3, 4, 2, 1]);
  });

  it('takes the files that the request is about before others when there are too many, and counts the rest', async () => {
    const many = [...files(400), { path: 'deep/down/in/port-reader.ts', bytes: 900 }];
    const plan = await planOf(decompose('Where does the port reader read the port?', { files: many }));
    assert.ok(plan.kind === 'plan');
    const read = plan.tasks.flatMap(({ inputs }) => inputs.map((input) => ('path' in input ? input.path : '')));
    assert.ok(read.includes('deep/down/in/port-reader.ts') && read.length === 240, `${read.length}`);
    assert.deepEqual(
      plan.tasks.map(({ objective }) => readBrief(objective).filesLeftOut),
      [0, 0, 0, 0, 0, 161],
    );
  });

  it('reads only what the request names, and for a question about the whole a dozen files', async () => {
    const all = [...files(40), { path: 'README.md', bytes: 500 }, { path: 'deep/app.min.js', bytes: 100 }];
    const readFor = async (request: string): Promise<readonly string[]> => {
      const plan = await planOf(decompose(request, { files: all }));
      return plan.kind === 'plan'
        ? plan.tasks.flatMap(({ inputs }) => inputs.map((input) => ('path' in input ? input.path : '')))
        : [];
    };
    assert.deepEqual(await readFor('What does src/part-1/file-12.ts export?'), ['src/part-1/file-12.ts']);
    assert.deepEqual(await readFor('How long is deep/app.min.js?'), ['deep/app.min.js']);
    const overview = await readFor('What is this project about?');
    assert.ok(overview.length === 12 && overview.includes('README.md'), overview.join());
  });

  it('opens nothing that cannot be quoted from, unless it is attached', async () => {
    const odd = ['a.png', 'package-lock.json', 'lib/app.min.js', 'yarn.lock', 'huge.ts', 'empty.ts', 'b.ts'].map(
      (path) => ({ path, bytes: path === 'huge.ts' ? 5e6 : path === 'empty.ts' ? 0 : 100 }),
    );
    const plan = await planOf(decompose('Where is it?', { files: odd }));
    assert.deepEqual(plan.kind === 'plan' && plan.tasks.map(({ inputs }) => inputs), [[{ path: 'b.ts' }]]);
    const attached = [
      { path: 'yarn.lock', text: 'x', firstLine: 1, localOnly: false },
      { text: 'selected text', firstLine: 1, localOnly: false },
    ];
    const second = await planOf(decompose('Where is it?', { files: odd, attached }));
    assert.deepEqual(second.kind === 'plan' && second.tasks.map(({ inputs }) => inputs), [
      [{ path: 'yarn.lock' }, { text: 'selected text' }],
    ]);
  });

  it('names a capability for reading only when the menu has it, and code for a change', async () => {
    const menu = [{ id: 'long', goodAt: ['long-context'], tier: 'local', cost: 'free', freeSlots: 1 }];
    const capabilities: unknown[] = [];
    for (const subject of [
      decompose('Where is it?', { files: files(1) }),
      decompose('Where is it?', { files: files(1), menu }),
      decompose('Add a retry to the fetch', { files: files(30) }),
    ]) {
      const plan = await planOf(subject);
      capabilities.push(
        plan.kind === 'plan' && plan.tasks.map(({ capability, inputs }) => [capability, inputs.length]),
      );
    }
    assert.deepEqual(capabilities, [[[undefined, 1]], [['long-context', 1]], [['code', 12]]]);
  });

  it('always gives a plan that passes the checks, whatever is asked and whatever there is', async () => {
    const path = fc
      .array(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'));
    const listed = fc.array(fc.record({ path, bytes: fc.nat({ max: 2_000_000 }) }), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
        listed,
        fc.integer({ min: 1, max: 8 }),
        async (request, all, maxTasks) => {
          const plan = await planOf(decompose(request, { files: all, maxTasks }));
          if (plan.kind === 'plan')
            for (const { objective } of plan.tasks) assert.equal(readBrief(objective).question, request);
        },
      ),
      propertyOptions('plans by rules'),
    );
  });
});

describe('A task without a model', () => {
  it('quotes the passage that bears on the question, word for word, with file and lines', async () => {
    const text = await textOf(
      task(writeBrief({ kind: 'read', question: 'Where is the port read?', filesLeftOut: 3 }), {
        'src/server.ts': SERVER,
        'garden.md': GARDEN,
      }),
    );
    const [first] = parsePassages(text);
    assert.equal(first?.path, 'src/server.ts');
    assert.ok(first.startLine <= 4 && first.endLine >= 4, text);
    assert.equal(
      first.text,
      SERVER.split('\n')
        .slice(first.startLine - 1, first.endLine)
        .join('\n'),
    );
    assert.ok(text.endsWith('Not looked into: 3 other files of the workspace.'));
    assert.ok(!text.includes('Tulips'));
  });

  it('looks for a file that the question names in all that it was given, and answers a question about the whole with beginnings', async () => {
    const filler = Object.fromEntries(
      Array.from({ length: 4 }, (_, at) => [`notes-${at}.md`, `${GARDEN}\n`.repeat(1_500)]),
    );
    const named = parsePassages(
      await textOf(task('When are roses pruned, says garden.md?', { ...filler, 'garden.md': GARDEN })),
    );
    assert.deepEqual([...new Set(named.map(({ path }) => path))], ['garden.md']);
    const whole = parsePassages(
      await textOf(
        task('What is this project about?', { ...filler, 'README.md': '# Garden\n\nNotes about a garden.\n' }),
      ),
    );
    assert.deepEqual([whole[0]?.path, whole.every(({ startLine }) => startLine === 1)], ['README.md', true]);
  });

  it('finds what a question in another language asks for', async () => {
    const files = { 'puffer.ts': '// Größe des Puffers in Bytes\nexport const größe = 12;\n' };
    for (const question of ['Wie ist die Größe des Puffers?', 'Was ist die Größe des Puffers?'])
      assert.match(await textOf(task(question, files)), /größe = 12/, question);
    assert.match(await textOf(task('Wie ist die Farbe des Himmels?', files)), /^Nothing found/);
  });

  it('says that nothing was found, and what to try', async () => {
    const text = await textOf(task('How is the invoice number computed?', { 'garden.md': GARDEN }));
    assert.match(text, /^Nothing found: no passage of the one file that was read bears on this request\. Try /);
    assert.match(await textOf(task('How?', {})), /^Nothing found: no file could be read\./);
  });

  it('gives the outline of what is involved for a code task, and says what is needed', async () => {
    const text = await textOf(
      task('Make readPort take a default', { 'src/server.ts': SERVER }, { capability: 'code' }),
    );
    assert.match(text, /no language model, writes none[\s\S]*good at `code`/);
    assert.match(text, /- src\/server\.ts:4 function `export function readPort\(env: Env\): number`/);
  });

  it('says which inputs were cut', async () => {
    const inputs = [
      { path: 'a.md', text: GARDEN, firstLine: 1, localOnly: false, cut: 'only lines 1-7 of 99, the rest did not fit' },
    ];
    assert.match(
      await textOf(task('When are roses pruned?', {}, { inputs })),
      /Of a\.md only lines 1-7 of 99, the rest did not fit\.$/,
    );
  });

  it('counts lines from where the text begins in its file, and links to no file that there is not', async () => {
    const inputs = [
      { path: 'a b/[id].md', text: GARDEN, firstLine: 101, localOnly: false },
      { text: GARDEN.replaceAll('roses', 'pines'), firstLine: 1, localOnly: false },
    ];
    const text = await textOf(task('When are roses pruned?', {}, { inputs }));
    assert.match(text, /\[\\\[id\\\]\.md:10\d-10\d\]\(a%20b\/%5Bid%5D\.md#L10\d-L10\d\)/);
    const pines = await textOf(task('When are pines pruned?', {}, { inputs }));
    assert.match(pines, /^attached text 2:\d-\d · relevance/m);
  });

  it('lets others run while it reads five megabytes, and stops between two slices @scale', async () => {
    const line = (at: number): string =>
      `export const value${at} = compute(${at}); // the ${at}th of many values of the table\n`;
    const big = Object.fromEntries(
      Array.from({ length: 10 }, (_, file) => [
        `src/big-${file}.ts`,
        Array.from({ length: 7_000 }, (__, at) => line(file * 10_000 + at)).join(''),
      ]),
    );
    const stopper = new AbortController();
    let turns = 0;
    let isReading = true;
    const beat = (): void => {
      turns += 1;
      if (isReading) setImmediate(beat);
    };
    beat();
    const request = chatRequest('unread', { subject: task('Which value is computed from 30012?', big) });
    const onText = (): void => {
      isReading = false;
    };
    const first = await backend.chat(request, { signal: stopper.signal, onText }).finally(onText);
    assert.equal(first.kind, 'finished');
    // A slice is 256 KiB, about 25 ms of work.
    const slices = Object.values(big).reduce((sum, text) => sum + text.length, 0) / (256 * 1024);
    assert.ok(turns > slices, `${turns} turns of the event loop for ${slices} slices`);
    const second = ask(task('Which value is computed from 30012?', big), stopper.signal);
    setImmediate(() => setImmediate(() => stopper.abort()));
    const outcome = await second;
    assert.deepEqual(outcome.kind === 'failed' && [outcome.failure.reason, outcome.partialText], ['cancelled', '']);
  });
});

describe('An answer without a model', () => {
  const passage = (path: string, startLine: number, score: number) => ({
    path,
    startLine,
    endLine: startLine + 2,
    text: `line ${startLine}\n\`\`\`\nfence`,
    score,
  });
  const result = (title: string, text: string, partial = false) => ({ task: title, title, text, partial });
  const synthesize = (
    results: readonly ReturnType<typeof result>[],
    missing: readonly { task: string; title: string; why: string }[] = [],
  ) => textOf({ kind: 'synthesize', request: 'Where?', results, missing });

  it('merges the passages of all results, best first, none twice, and says that it wrote nothing', async () => {
    const one = [passage('a.ts', 1, 9), passage('b.ts', 5, 2)].map(renderPassage).join('\n\n');
    const two = [passage('c.ts', 1, 5), passage('a.ts', 2, 4)].map(renderPassage).join('\n\n');
    const text = await synthesize(
      [result('one', one), result('two', `${two}\n\nNot looked into: 4 other files of the workspace.`)],
      [{ task: 'x', title: 'Read the rest', why: 'it was cancelled' }],
    );
    assert.deepEqual(
      parsePassages(text).map(({ path }) => path),
      ['a.ts', 'c.ts', 'b.ts'],
    );
    assert.match(
      text,
      /^\*From the embedded backend, which is no language model: these are passages of your files, word for word, and not a written answer\. To get one, add a language model: in VS Code run "Orchestrator: Add a Backend", on the command line use `--roster`\.\*\n\n/,
    );
    assert.ok(
      text.endsWith(
        'Not looked into: 4 other files of the workspace.\n\n## Missing\n\n- Read the rest: it was cancelled',
      ),
      text,
    );
  });

  it('hands on what others wrote, and says plainly when nobody found anything', async () => {
    const found = renderPassage(passage('a.ts', 1, 9));
    const written = await synthesize([
      result('one', found),
      result('Written', 'A model wrote this.', true),
      result('none', 'Nothing found: no passage.'),
    ]);
    assert.ok(
      written.includes('## Written (incomplete)\n\nA model wrote this.') && !written.includes('Nothing found'),
      written,
    );
    assert.match(
      await synthesize([
        result('one', `${nothingFound(10)}\n\nOf a.md only lines 1 to 9 were read.`),
        result('two', nothingFound(26)),
        result('three', nothingFound(1)),
        result('four', nothingFound(0)),
      ]),
      /^Nothing found: no passage of the 37 files that were read bears on this request\. Try .*\n\nOf a\.md only lines/,
    );
    assert.equal(await synthesize([]), 'Nothing found: no task had a result.');
  });
});

describe('A conversation without a model', () => {
  it('says what it is and where to go', async () => {
    const outcome = await backend.chat(chatRequest('Write me a poem about ports.'), {
      signal: new AbortController().signal,
      onText: () => undefined,
    });
    assert.match(
      outcome.kind === 'finished' ? outcome.text : '',
      /no language model[\s\S]*cannot hold a conversation\. Ask `@orchestrator` about your files/,
    );
  });
});
