import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import { featuresOf } from '../../src/backends/create-backend.ts';
import type { BrainReply } from '../servers/brain.ts';
import { promptTextOf } from '../servers/brain.ts';
import { startModelServer } from '../servers/model-server.ts';
import { describeBackendContract } from './contract.ts';
import type { ContractBench, Script } from './contract.ts';
import { makeBackend } from './harness.ts';
import type { HttpProvider } from './harness.ts';

for (const provider of ['openai', 'ollama'] as const)
  describeBackendContract(provider, () => startBench(provider), featuresOf(provider));

async function startBench(provider: HttpProvider): Promise<ContractBench> {
  let script: Script = { kind: 'text', text: 'unscripted' };
  const prompts: string[] = [];
  const server = await startModelServer({
    protocol: provider,
    models: { m: {} },
    brain: (call) => {
      prompts.push(promptTextOf(call));
      return replyTo(script);
    },
  });
  return {
    backend: makeBackend(provider, { clock: systemClock, baseUrl: server.baseUrl, description: { timeoutMs: 5_000 } }),
    script: (next) => {
      script = next;
      server.setBehaviour(
        next.kind === 'fail'
          ? { kind: 'status', status: 500 }
          : next.kind === 'hold'
            ? { kind: 'stall', afterChunks: 1_000 }
            : undefined,
      );
    },
    prompts: () => prompts,
    idle: () => server.waitFor(({ requests }) => requests().every(({ outcome }) => outcome !== 'running')),
    counted: () =>
      server.requests().findLast(({ counted }) => counted !== undefined)?.counted ?? assert.fail('nothing was counted'),
    close: () => server.close(),
  };
}

function replyTo(script: Script): BrainReply {
  switch (script.kind) {
    case 'json':
      return { json: script.value };
    case 'tool':
      return { toolCalls: [{ name: script.name, arguments: { ...script.arguments } }] };
    case 'text':
    case 'hold':
      return { text: script.text };
    case 'fail':
      throw new Error('the status comes first');
    default:
      throw new Error('unknown script');
  }
}
