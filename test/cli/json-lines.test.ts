import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'mocha';
import { eventLine, INLINED_BYTES } from '../../src/cli/json-lines.ts';
import { PAYLOAD_FIELDS, type RunEvent } from '../../src/core/run-event.ts';
import { journaled, sampleEditRun } from '../support/sample-run.ts';

describe('an event as a line of JSON', () => {
  const events = journaled(sampleEditRun());

  it('is the event as it was journaled, with what tools, edits and the proposal hold', () => {
    for (const event of events) assert.deepEqual(JSON.parse(eventLine(event)), event);
  });

  it('names each of its longer texts by hash, and no other', () => {
    const short = 'ä'.repeat(INLINED_BYTES / 2);
    const long = `${short}.`;
    const hash = createHash('sha256').update(long).digest('hex');
    let fields = 0;
    for (const event of events) {
      const own = (PAYLOAD_FIELDS[event.type] ?? []).filter((field) => Reflect.get(event, field) !== undefined);
      fields += own.length;
      const filled = (text: string): RunEvent => ({
        ...event,
        ...Object.fromEntries(own.map((field) => [field, text])),
      });
      assert.deepEqual(JSON.parse(eventLine(filled(short))), filled(short));
      const refs = Object.fromEntries(own.map((field) => [field, { hash, bytes: INLINED_BYTES + 1 }]));
      assert.deepEqual(JSON.parse(eventLine(filled(long))), { ...event, ...refs });
    }
    assert.ok(fields > 20);
  });
});
