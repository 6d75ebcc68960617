import assert from 'node:assert/strict';
import { discoveredRoster } from '../../src/config/discovered-roster.ts';

describe('A discovered roster', () => {
  it('is only the embedded backend where nothing is found', () => {
    assert.deepEqual(
      discoveredRoster({ lmModels: [], ollamaModels: [] }).map(
        ({ description: d }) => `${d.id} ${d.provider} ${d.tier}`,
      ),
      ['embedded embedded local'],
    );
  });

  it('holds what is there under unique ids, without our own models, and says what each may do', () => {
    const roster = discoveredRoster({
      lmModels: [
        { vendor: 'copilot', family: 'gpt-4o', id: 'gpt-4o' },
        { vendor: 'copilot', family: 'gpt-4o', id: 'gpt-4o' },
        { vendor: 'orchestrator', id: 'auto' },
        { vendor: 'x', id: 'Ünï / c' },
      ],
      ollamaModels: ['qwen3:8b', 'nomic-embed-text:latest', 'gpt-oss:120b-cloud', 'hf.co/org/model:Q4_K_M'],
    });
    assert.deepEqual(
      roster.map(({ description: d }) => `${d.id} | ${d.model} | ${d.tier} | ${d.canOrchestrate} ${d.canDelegate}`),
      [
        'copilot-gpt-4o-gpt-4o | copilot/gpt-4o/gpt-4o | subscription | true true',
        'copilot-gpt-4o-gpt-4o-2 | copilot/gpt-4o/gpt-4o | subscription | true true',
        'x-n-c | x/Ünï / c | subscription | true true',
        'ollama-qwen3-8b | qwen3:8b | local | true true',
        'ollama-nomic-embed-text-latest | nomic-embed-text:latest | local | false false',
        'ollama-gpt-oss-120b-cloud | gpt-oss:120b-cloud | subscription | true true',
        'ollama-hf.co-org-model-Q4_K_M | hf.co/org/model:Q4_K_M | local | true true',
        'embedded | extraction | local | true true',
      ],
    );
  });
});
