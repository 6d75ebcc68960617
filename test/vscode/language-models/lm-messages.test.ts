import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChatMessage } from '../../../src/core/backend.ts';
import {
  fromReceivedMessages,
  readUsage,
  textOfMessage,
  toLmMessages,
  usageJson,
} from '../../../src/vscode/language-models/lm-messages.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('messages between the engine and vscode.lm', () => {
  it('goes out with system text as a user message, tool results together in one, and the schema as an instruction', () => {
    const messages: readonly ChatMessage[] = [
      { role: 'system', content: 'You plan.' },
      { role: 'user', content: 'Do it.' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'a', name: 'read', arguments: { path: 'x' } },
          { id: 'b', name: 'list', arguments: {} },
        ],
      },
      { role: 'tool', content: 'text of x', toolCallId: 'a' },
      { role: 'tool', content: 'x y', toolCallId: 'b' },
    ];
    assert.deepEqual(toLmMessages(messages, { name: 'plan', schema: { type: 'object' } }), [
      { role: 'user', parts: [{ kind: 'text', text: 'You plan.' }] },
      { role: 'user', parts: [{ kind: 'text', text: 'Do it.' }] },
      {
        role: 'assistant',
        parts: [
          { kind: 'call', call: { id: 'a', name: 'read', arguments: { path: 'x' } } },
          { kind: 'call', call: { id: 'b', name: 'list', arguments: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { kind: 'result', callId: 'a', text: 'text of x' },
          { kind: 'result', callId: 'b', text: 'x y' },
        ],
      },
      {
        role: 'user',
        parts: [
          {
            kind: 'text',
            text: 'Answer with one JSON value (plan) that fits this JSON schema, and nothing else: no explanation, no code fence.\n{"type":"object"}',
          },
        ],
      },
    ]);
  });

  it('come in from the agent with role 3 as system, results before the text beside them, and unknown parts left out', () => {
    const received = [
      { role: 3, content: [{ value: 'Be brief.' }, { mimeType: 'cache_control', data: bytes('ephemeral') }] },
      { role: 1, content: [{ value: 'Fix ' }, { value: 'it.' }] },
      { role: 2, content: [{ value: 'Reading.' }, { callId: 'a', name: 'read', input: { path: 'x' } }] },
      {
        role: 1,
        content: [
          { value: 'And now?' },
          {
            callId: 'a',
            content: [
              { value: 'text' },
              { data: bytes('{"n":1}'), mimeType: 'application/json' },
              { data: bytes('PNG'), mimeType: 'image/png' },
              { value: { node: { children: [{ text: ' one' }, { children: [{ text: ' two' }] }] } } },
            ],
          },
        ],
      },
      { role: 1, content: [null, 7, { mimeType: 'image/png', data: bytes('PNG') }] },
    ];
    assert.deepEqual(fromReceivedMessages(received), [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Fix it.' },
      { role: 'assistant', content: 'Reading.', toolCalls: [{ id: 'a', name: 'read', arguments: { path: 'x' } }] },
      { role: 'tool', content: 'text{"n":1} one two', toolCallId: 'a' },
      { role: 'user', content: 'And now?' },
    ]);
    assert.equal(textOfMessage({ role: 2, content: received[2]?.content ?? [] }), 'Reading.read{"path":"x"}');
  });

  it('carry usage in the conventional JSON, and only figures that make sense are read', () => {
    const usage = { inputTokens: 50, outputTokens: 7, cachedInputTokens: 20, known: true };
    assert.deepEqual(readUsage(bytes(JSON.stringify(usageJson(usage)))), usage);
    assert.deepEqual(readUsage(bytes('{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6}')), {
      inputTokens: 5,
      outputTokens: 1,
      cachedInputTokens: 0,
      known: true,
    });
    for (const bad of [
      '',
      'null',
      '{"prompt_tokens":5}',
      '{"prompt_tokens":-1,"completion_tokens":1}',
      '{"prompt_tokens":"5","completion_tokens":1}',
      '{"prompt_tokens":1e99,"completion_tokens":1}',
    ]) {
      assert.equal(readUsage(bytes(bad)), undefined, bad);
    }
  });
});
