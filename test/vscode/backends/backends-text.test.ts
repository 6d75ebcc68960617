import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BackendDescription } from '../../../src/core/backend.ts';
import { failure } from '../../../src/core/failure.ts';
import {
  backendRow,
  problemRow,
  type BackendRow,
  type BackendView,
} from '../../../src/vscode/backends/backends-text.ts';
import { spend } from '../../support/sample-run.ts';

const frontier: BackendDescription = {
  id: 'frontier',
  provider: 'openai',
  model: 'big_model',
  tier: 'api',
  goodAt: ['reasoning', 'code'],
  price: { inputUsdPerMTok: 3, outputUsdPerMTok: 15 },
  contextWindow: 200_000,
  maxConcurrency: 4,
  timeoutMs: 60_000,
  canOrchestrate: true,
  canDelegate: true,
  enabled: true,
  features: ['generation'],
  host: 'api.example.com',
};

const shown: BackendView = {
  description: frontier,
  health: { backend: 'frontier', callsInFlight: 1, restingForMs: 0, why: '' },
  check: { kind: 'unknown' },
  today: undefined,
};

function line(row: BackendRow): string {
  return `${row.icon.name} | ${row.label} | ${row.description} | ${row.spoken} | ${row.contextValue}`;
}

describe('rows of the Backends view', () => {
  it('say whether a backend answers, its slots and what it spent today', () => {
    const down = failure('connection', 'Nothing answers at http://x.', { whatToDo: 'Start it.' });
    const views: readonly BackendView[] = [
      shown,
      { ...shown, check: { kind: 'checking' } },
      {
        ...shown,
        check: { kind: 'reachable', report: { models: ['a'], ms: 12 } },
        today: {
          backend: 'frontier',
          calls: 2,
          spent: spend(1, 1, { usd: 0.25, usdKnown: false }),
          callMs: 0,
          timedCalls: 0,
        },
      },
      { ...shown, check: { kind: 'unreachable', failure: down } },
      { ...shown, check: { kind: 'not-asked', host: 'api.example.com' } },
      { ...shown, check: { kind: 'host-refused', host: 'api.example.com' } },
      {
        ...shown,
        check: { kind: 'reachable', report: { models: [], ms: 1 } },
        health: { backend: 'frontier', callsInFlight: 0, restingForMs: 11_200, why: 'it asked' },
      },
      { ...shown, description: { ...frontier, enabled: false, goodAt: [] } },
    ];
    assert.equal(
      views.map((view) => line(backendRow(view))).join('\n'),
      `circle-outline | frontier | not checked · 1/4 slots · api · reasoning, code | frontier, not checked | backend unknown
sync~spin | frontier | checking · 1/4 slots · api · reasoning, code | frontier, checking | backend checking
pass | frontier | reachable · 1/4 slots · api · reasoning, code · ~$0.2500 today | frontier, reachable | backend reachable
error | frontier | not reachable (connection) · 1/4 slots · api · reasoning, code | frontier, not reachable (connection) | backend unreachable
question | frontier | not checked: api.example.com is not allowed yet · 1/4 slots · api · reasoning, code | frontier, not checked: api.example.com is not allowed yet | backend not-asked
circle-slash | frontier | you did not allow api.example.com · 1/4 slots · api · reasoning, code | frontier, you did not allow api.example.com | backend host-refused
debug-pause | frontier | resting for 12.0 s · 0/4 slots · api · reasoning, code | frontier, resting for 12.0 s | backend reachable
circle-slash | frontier | disabled · 1/4 slots · api | frontier, disabled | backend unknown`,
    );
  });

  it('tell the rest on hover, with what to do about a failure', () => {
    const down = failure('connection', 'Nothing answers.', { whatToDo: 'Start [it](command:x).' });
    assert.equal(
      backendRow({
        ...shown,
        check: { kind: 'unreachable', failure: down },
        health: { backend: 'frontier', callsInFlight: 0, restingForMs: 5_000, why: '3 calls failed' },
      }).tooltip,
      `**frontier** · resting for 5.0 s

Left alone for a while: 3 calls failed

Nothing answers.

*What to do:* Start \\[it\\](command:x).

- Model: big_model (openai)
- Data goes to: api.example.com
- Tier: api
- Good at: reasoning, code
- Price: $3 in, $15 out, per million tokens
- Context window: 200,000 tokens
- May: orchestrate, be given tasks
- Spent today: nothing`,
    );
  });

  it('show each problem of the roster', () => {
    assert.equal(
      line(problemRow('roster[2] "x": baseUrl: expected an address')),
      'warning | roster[2] "x": baseUrl: expected an address |  | Problem: roster[2] "x": baseUrl: expected an address | problem',
    );
  });
});
