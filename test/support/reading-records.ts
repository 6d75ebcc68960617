/** What simulated readers were sent, from their servers' own records. */
import assert from 'node:assert/strict';
import { modelCalls, type RequestRecord } from '../servers/records.ts';
import { shownLines, type ShownLine } from './reading-brains.ts';

export interface MapCall {
  readonly record: RequestRecord;
  readonly lines: readonly ShownLine[];
  readonly maxOutputTokens: number;
}

interface Body {
  readonly messages?: readonly { readonly content?: unknown }[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly options?: { readonly num_predict?: number };
}

/** The calls that were shown parts of files and asked for claims; not those that correct quotations or put claims together. */
export function mapCalls(records: readonly RequestRecord[]): readonly MapCall[] {
  return modelCalls(records).flatMap((record) => {
    const body = (record.body ?? {}) as Body;
    const prompt = (body.messages ?? []).map(({ content }) => (typeof content === 'string' ? content : '')).join('\n');
    if (!prompt.includes('You read files for one task.')) return [];
    const maxOutputTokens = body.max_completion_tokens ?? body.max_tokens ?? body.options?.num_predict ?? 0;
    return [{ record, lines: shownLines(prompt), maxOutputTokens }];
  });
}

/** Every line of the file reached exactly one of the calls, as it is in the file and under its number. */
export function assertReadOnce(calls: readonly MapCall[], path: string, text: string): void {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const times = new Uint16Array(lines.length + 1);
  for (const shown of calls.flatMap((call) => call.lines)) {
    if (shown.path !== path) continue;
    assert.equal(shown.text, (lines[shown.line - 1] ?? '').replace(/\r$/, ''), `line ${shown.line} as it was shown`);
    times[shown.line] = (times[shown.line] ?? 0) + 1;
  }
  const wrong = lines.flatMap((_, index) =>
    times[index + 1] === 1 ? [] : [`${index + 1}: ${times[index + 1]} times`],
  );
  assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} of ${lines.length} lines`);
  assert.ok(calls.length > 1);
}
