import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import { FEATURES } from '../../src/core/backend.ts';
import { featuresOf } from '../../src/backends/create-backend.ts';
import { EmbeddedBackend } from '../../src/backends/embedded/backend.ts';
import { describeBackendContract } from './contract.ts';
import { describeBackend } from './harness.ts';

describeBackendContract(
  'embedded',
  () =>
    Promise.resolve({
      backend: new EmbeddedBackend(describeBackend('embedded'), systemClock),
      script: () => undefined,
      prompts: () => [],
      idle: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }),
  featuresOf('embedded'),
);

describe('The embedded backend', () => {
  it('declares exactly what it can do, and none of what only a model or a server can', () => {
    const declared = featuresOf('embedded');
    assert.deepEqual(
      FEATURES.filter((feature) => !declared.includes(feature)),
      ['generation', 'tools', 'structuredOutput', 'reportedUsage', 'embeddings', 'outputLimit'],
    );
  });
});
