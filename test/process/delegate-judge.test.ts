/** A judge with a rubric behind a wire of its own: what it costs is told and recorded as the servers say. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { openOrchestrator } from '../../src/app/create-orchestrator.ts';
import type { OpenedOrchestrator } from '../../src/app/shell.ts';
import type { Deliverable } from '../../src/core/deliverable/deliverable.ts';
import { DEFAULT_OPTIONS, type RunOptions } from '../../src/core/run-request.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import { delegateResult } from '../../src/core/supervise/delegate.ts';
import type { DelegateResult } from '../../src/core/supervise/delegation.ts';
import { silentLogger } from '../journal/fixture.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, reportedUsage, requestText } from '../servers/records.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, CLI } from './built.ts';

const RUBRIC = 'It names a harbour.';
const HARBOUR: Deliverable = {
  kind: 'all-of',
  checks: [
    { kind: 'judge', rubric: RUBRIC },
    { kind: 'diagnostics-clean', paths: ['settings.json'] },
  ],
};

describe('delegate with a judge, over model servers', function () {
  this.timeout(60_000);
  let outputs: readonly string[];
  let judgements: readonly string[];
  let chief: ModelServer;
  let judge: ModelServer;
  let tree: TempTree;
  let here: OpenedOrchestrator;

  before(() => buildOnce());

  beforeEach(async () => {
    let asked = 0;
    const lead = ({ messages }: BrainCall): BrainReply => {
      const output = outputs[messages.filter(({ role }) => role === 'assistant').length];
      return output === undefined
        ? { toolCalls: [{ name: 'stop', arguments: { why: 'no more' } }] }
        : { toolCalls: [{ name: 'submit_result', arguments: { output } }] };
    };
    [chief, judge] = await Promise.all([
      startModelServer({ protocol: 'openai', models: { c: { contextTokens: 100_000 } }, brain: lead }),
      startModelServer({
        protocol: 'ollama',
        models: { j: { contextTokens: 100_000 } },
        brain: () => ({ text: judgements[asked++] ?? 'no more' }),
      }),
    ]);
    const roster = [
      { id: 'chief', provider: 'openai', tier: 'local', model: 'c', baseUrl: chief.baseUrl, contextWindow: 60_000 },
      { id: 'court', provider: 'ollama', model: 'j', baseUrl: judge.baseUrl, contextWindow: 60_000 },
    ];
    tree = tempTree({ 'settings.json': '{"a": 1}' });
    here = await openOrchestrator({
      dbFile: path.join(tree.path, 'runs.db'),
      journalWorkerFile: path.join(path.dirname(CLI), 'journal-worker.cjs'),
      settings: () => ({ 'orchestrator.roster': { user: roster } }),
      isTrusted: () => true,
      secrets: { get: () => Promise.resolve(undefined) },
      env: {},
      folders: [{ name: 'main', path: tree.path }],
      approver: { decided: () => true, consent: () => Promise.resolve(true) },
      logger: silentLogger,
    });
  });
  afterEach(async () => {
    await here.dispose();
    await Promise.all([chief.close(), judge.close()]);
    tree.remove();
  });

  const delegate = async (options: Partial<RunOptions> = {}): Promise<DelegateResult> => {
    const begun = await here.orchestrator.delegate({
      intent: 'Name a harbour.',
      source: 'test',
      isUnattended: true,
      deliverable: HARBOUR,
      orchestrator: 'chief',
      options: { ...DEFAULT_OPTIONS, ...options },
    });
    if (!begun.ok) assert.fail(begun.error.message);
    const result = await begun.value.result;
    const usage = reportedUsage([...modelCalls(chief.requests()), ...modelCalls(judge.requests())]);
    const calls = modelCalls(chief.requests()).length + modelCalls(judge.requests()).length;
    const { tokens, iterations } = result.spentTotal;
    assert.deepEqual([tokens.input, tokens.output, iterations], [usage.inputTokens, usage.outputTokens, calls]);
    const events = await here.journal.readRun(begun.value.run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
    assert.ok(events.ok);
    const read = delegateResult(foldRun(begun.value.run, events.value));
    assert.deepEqual({ ...read.spentTotal, ms: 0 }, { ...result.spentTotal, ms: 0 });
    return result;
  };

  it('is won when the judge says so, after what it missed is there', async () => {
    outputs = ['A town.', 'Kiel.'];
    judgements = ['{"why": "No harbour is named.", "passes": false}', '{"why": "Kiel has one.", "passes": true}'];
    const result = await delegate();
    assert.equal(result.kind === 'winner' ? result.output : JSON.stringify(result), 'Kiel.');
    assert.deepEqual(
      result.verdict?.checks.map(({ outcome, note }) => `${outcome}: ${note}`),
      ['passed: the judge: Kiel has one.', 'passed: looked at for form only: settings.json'],
    );
    const [first, second] = modelCalls(judge.requests()).map(requestText);
    assert.match(first ?? '', /A town\./);
    assert.match(second ?? '', /Kiel\./);
    assert.match(modelCalls(chief.requests()).map(requestText).at(-1) ?? '', /the judge: No harbour is named\./);
  });

  it('is not won, and says that the check is broken, when the judge gives no judgement', async () => {
    outputs = ['Kiel.'];
    judgements = ['Well done!', 'Really.'];
    const result = await delegate();
    assert.equal(result.kind, 'no-winner');
    assert.equal(result.verdict?.kind, 'broken');
    assert.equal(modelCalls(judge.requests()).length, 2);
  });
});
