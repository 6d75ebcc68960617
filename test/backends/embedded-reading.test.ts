import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import { EmbeddedBackend } from '../../src/backends/embedded/backend.ts';
import { writeBrief } from '../../src/backends/embedded/brief.ts';
import { parsePassages } from '../../src/backends/embedded/passage-text.ts';
import type { Subject } from '../../src/core/backend.ts';
import { parseClaims, parseCorrections, parseReduced } from '../../src/core/read/claims.ts';
import { engineFixture, MemoryWorkspace } from '../support/engine-fixture.ts';
import { chatRequest, describeBackend } from './harness.ts';
import { GARDEN, SERVER } from './embedded/question-files.ts';

type ReadSubject = Extract<Subject, { readonly kind: 'read' }>;

const backend = new EmbeddedBackend(describeBackend('embedded', { id: 'embedded' }), systemClock);

async function textOf(subject: Subject): Promise<string> {
  const outcome = await backend.chat(chatRequest('the rendered prompt, which it does not read', { subject }), {
    signal: new AbortController().signal,
    onText: () => undefined,
  });
  return outcome.kind === 'finished' ? outcome.text : assert.fail(outcome.failure.message);
}

describe('A reading without a model', () => {
  const read = async (objective: string, more: Partial<ReadSubject> = {}) => {
    const files = Object.entries({ 'src/server.ts': SERVER, 'garden.md': GARDEN });
    const inputs = files.map(([path, text]) => ({ path, text, firstLine: 1, localOnly: false }));
    const text = await textOf({ kind: 'read', title: 'A task', objective, inputs, results: [], ...more });
    const parsed = parseClaims(text);
    return parsed.kind === 'claims' ? parsed : assert.fail(text);
  };

  it('claims each passage with the passage as its quotation, at its line', async () => {
    const { claims, missing } = await read(
      writeBrief({ kind: 'read', question: 'Where is the port read?', filesLeftOut: 3 }),
    );
    const [quote, ...others] = claims[0]?.quotes ?? [];
    assert.deepEqual([quote?.path, others], ['src/server.ts', []]);
    const line = quote?.line ?? 0;
    const lines = quote?.text.split('\n') ?? [];
    assert.deepEqual(lines, SERVER.split('\n').slice(line - 1, line - 1 + lines.length));
    assert.match(claims[0]?.text ?? '', /^· relevance \d+\.\d\n\n```ts\n/);
    assert.equal(missing, 'Not looked into: 3 other files of the workspace.');
  });

  it('says that nothing was found, and of a part nothing', async () => {
    const { claims, missing } = await read('How is the invoice number computed?');
    assert.equal(claims.length, 0);
    assert.match(missing, /^Nothing found: no passage of the 2 files that were read bears on this request\. Try /);
    const part = await read('How is the invoice number computed?', { part: { number: 1, of: 2 } });
    assert.deepEqual([part.claims, part.missing], [[], '']);
  });

  it('names an attached text that has no file, without a quotation', async () => {
    const inputs = [{ text: GARDEN, firstLine: 1, localOnly: false }];
    const { claims } = await read('When are roses pruned?', { inputs });
    assert.match(claims[0]?.text ?? '', /^attached text 1:\d-\d · relevance/);
    assert.deepEqual(claims[0]?.quotes, []);
  });

  it('corrects nothing, and puts claims together by keeping them', async () => {
    assert.deepEqual([...parseCorrections(await textOf({ kind: 'correct-quotes' }))], []);
    const kept = await textOf({
      kind: 'reduce',
      claims: [
        { id: 'p1_1', text: 'one' },
        { id: 'p2_1', text: 'two' },
      ],
    });
    assert.deepEqual(parseReduced(kept)?.claims, [
      { text: 'one', from: ['p1_1'] },
      { text: 'two', from: ['p2_1'] },
    ]);
  });

  it('ends as passages that were looked up, linked to their lines, in results and answer', async () => {
    const files = { 'src/server.ts': SERVER, 'garden.md': GARDEN };
    const { ask, events } = engineFixture({ backends: [backend], workspace: new MemoryWorkspace(files) });
    const finished = await ask('Where is the port read?');
    assert.equal(finished.outcome, 'answered');
    const [first] = parsePassages(finished.answer);
    assert.equal(first?.path, 'src/server.ts');
    assert.match(finished.answer, /\n\n\[server\.ts:\d+-\d+\]\(src\/server\.ts#L\d+-L\d+\) · relevance \d/);
    assert.doesNotMatch(finished.answer, /struck|claims/);
    const cited = events.flatMap((event) => (event.type === 'task.completed' && event.cited ? [event.cited] : []));
    assert.ok(
      cited.length > 0 && cited.every(({ struck, unchecked }) => struck === 0 && !unchecked),
      JSON.stringify(cited),
    );
    assert.ok(cited.some(({ verified }) => verified > 0));
    const nothing = await ask('How is the invoice number computed?');
    assert.match(nothing.answer, /^Nothing found: no passage of the 2 files that were read/);
  });
});
