/** Delegation on a real disk: a supervisor, a coder and a helper behind their wire protocols, a journal in a file. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import { openOrchestrator } from '../../src/app/create-orchestrator.ts';
import type { OpenedOrchestrator } from '../../src/app/shell.ts';
import type { DelegateHandle } from '../../src/core/orchestrator.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { foldRun } from '../../src/core/run-fold.ts';
import { delegateResult } from '../../src/core/supervise/delegate.ts';
import type { DelegateRequest, DelegateResult } from '../../src/core/supervise/delegation.ts';
import { silentLogger } from '../journal/fixture.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { costOf, modelCalls, reportedUsage, requestText } from '../servers/records.ts';
import { codeWithTools } from '../support/reading-brains.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { buildOnce, CLI, cliProcess } from './built.ts';

const PRICES = { chief: { input: 3, output: 15 }, coder: { input: 1, output: 4 } } as const;
const FILES = { 'src/limit.ts': 'export const limit = 1;\n', 'notes.md': '# Notes\n' };
const PASSES = {
  kind: 'all-of',
  checks: [
    { kind: 'file-contains', path: 'src/limit.ts', text: 'limit = 100', isNew: true },
    { kind: 'file-matches', path: 'src/fresh.ts', pattern: '^export const fresh = \\d+;$' },
  ],
} as const;
const HONEST =
  'In `src/limit.ts` replace `limit = 1` by `limit = 100`. Create `src/fresh.ts` with `export const fresh = 7;`.';

type Calls = readonly { readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }[];

const spawn = (objective: string): Calls => [
  { name: 'spawn', arguments: { title: 'The change', objective, capability: 'code', edits: true } },
];
const wait: Calls = [{ name: 'wait', arguments: { all: true, seconds: 60 } }];
const submit = (output: string): Calls => [{ name: 'submit_result', arguments: { output } }];

describe('delegate, over model servers and a workspace on disk', function () {
  this.timeout(60_000);
  let script: readonly Calls[];
  let gate: Gate | undefined;
  let chief: ModelServer;
  let coder: ModelServer;
  let tree: TempTree;
  let here: OpenedOrchestrator;

  before(() => buildOnce());

  beforeEach(async () => {
    gate = undefined;
    const turnOf = (call: BrainCall): number => call.messages.filter(({ role }) => role === 'assistant').length;
    const lead = (call: BrainCall): BrainReply => ({
      toolCalls: script[turnOf(call)] ?? [{ name: 'stop', arguments: { why: 'no more' } }],
    });
    const work = async (call: BrainCall): Promise<BrainReply> => {
      await gate?.pass(call.signal);
      return call.user.includes('Say that all is done.') ? { text: 'All is done.' } : codeWithTools(call);
    };
    [chief, coder] = await Promise.all([
      startModelServer({ protocol: 'openai', name: 'chief', models: { c: { contextTokens: 100_000 } }, brain: lead }),
      startModelServer({ protocol: 'openai', name: 'coder', models: { w: { contextTokens: 60_000 } }, brain: work }),
    ]);
    const entry = (server: ModelServer, more: object): object => ({
      provider: 'openai',
      baseUrl: server.baseUrl,
      contextWindow: 60_000,
      ...more,
    });
    const roster = [
      entry(chief, { id: 'chief', model: 'c', goodAt: ['reasoning'], cost: PRICES.chief }),
      entry(coder, { id: 'coder', model: 'w', goodAt: ['code'], canOrchestrate: false, cost: PRICES.coder }),
    ];
    const asks = { 'orchestrator.roster': roster, 'orchestrator.approval': 'whenItWrites' };
    tree = tempTree({ ...FILES, 'roster.json': JSON.stringify(roster), 'asks.json': JSON.stringify(asks) });
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
    gate?.open();
    await here.dispose();
    await Promise.all([chief.close(), coder.close()]);
    tree.remove();
  });

  const begin = async (more: Partial<DelegateRequest> = {}): Promise<DelegateHandle> => {
    const begun = await here.orchestrator.delegate({
      intent: 'Raise the limit and add the fresh file.',
      source: 'test',
      isUnattended: true,
      deliverable: PASSES,
      options: { ...DEFAULT_OPTIONS, allowApi: true },
      ...more,
    });
    return begun.ok ? begun.value : assert.fail(begun.error.message);
  };

  const onDisk = (file: string): string | undefined => {
    const at = path.join(tree.path, file);
    return existsSync(at) ? readFileSync(at, 'utf8') : undefined;
  };

  /** What the servers say that they were asked for is what is told, and what the journal says. */
  const assertBilled = async (run: string, result: DelegateResult): Promise<void> => {
    const usage = reportedUsage([...modelCalls(chief.requests()), ...modelCalls(coder.requests())]);
    const { spentTotal } = result;
    assert.deepEqual(
      [spentTotal.tokens.input, spentTotal.tokens.output, spentTotal.iterations],
      [
        usage.inputTokens,
        usage.outputTokens,
        modelCalls(chief.requests()).length + modelCalls(coder.requests()).length,
      ],
    );
    const usd = (['chief', 'coder'] as const)
      .map((name) =>
        costOf(modelCalls((name === 'chief' ? chief : coder).requests()), {
          inputUsdPerMTok: PRICES[name].input,
          outputUsdPerMTok: PRICES[name].output,
        }),
      )
      .reduce((sum, one) => sum + one, 0);
    assert.ok(Math.abs(spentTotal.usd - usd) < 1e-9, `${spentTotal.usd} is ${usd}`);
    const events = await here.journal.readRun(run, { textsUpToBytes: Number.MAX_SAFE_INTEGER });
    assert.ok(events.ok);
    const read = delegateResult(foldRun(run, events.value));
    assert.equal(read.kind, result.kind);
    assert.deepEqual({ ...read.spentTotal, ms: 0 }, { ...spentTotal, ms: 0 });
  };

  it('is won by what a worker wrote into the overlay, and puts nothing on disk before the user does', async () => {
    script = [spawn(HONEST), wait, submit('The limit is 100, and fresh is 7.')];
    const handle = await begin();
    const result = await handle.result;
    assert.equal(
      result.kind === 'winner' ? result.output : JSON.stringify(result),
      'The limit is 100, and fresh is 7.',
    );
    assert.deepEqual(
      result.verdict?.checks.map(({ outcome, heldBefore }) => `${outcome} ${heldBefore}`),
      ['passed false', 'passed false'],
    );
    await assertBilled(handle.run, result);
    const finished = await handle.finished;
    assert.equal(finished.outcome, 'answered');
    assert.deepEqual(
      finished.tasks.map(({ id, status, backend }) => `${id} ${status} on ${backend}`),
      ['supervisor completed on chief', 'w1 completed on coder'],
    );
    assert.equal(onDisk('src/limit.ts'), FILES['src/limit.ts']);
    assert.equal(onDisk('src/fresh.ts'), undefined);
    const applied = await cliProcess(['apply', handle.run, '--db', 'runs.db'], { cwd: tree.path });
    assert.equal(applied.exitCode, 0, applied.out + applied.err);
    assert.equal(onDisk('src/limit.ts'), 'export const limit = 100;\n');
    assert.equal(onDisk('src/fresh.ts'), 'export const fresh = 7;\n');
  });

  it('is how a request is worked on by --strategy delegate: what is handed in is the answer, and its edits a proposal', async () => {
    script = [spawn(HONEST), wait, submit('The limit is 100 now.')];
    const said = await cliProcess(
      ['ask', 'Raise the limit.', '--strategy', 'delegate', '--roster', 'roster.json', '--db', 'runs.db', '--yes'],
      { cwd: tree.path },
    );
    assert.equal(said.exitCode, 0, said.err);
    assert.match(said.out, /The limit is 100 now\./);
    assert.match(requestText(modelCalls(chief.requests())[0] ?? assert.fail()), /Raise the limit\./);
    const { out } = await cliProcess(['runs', '--json', '--db', 'runs.db'], { cwd: tree.path });
    const run = /"run":"([^"]+)"/.exec(out)?.[1] ?? assert.fail(out);
    assert.equal(onDisk('src/limit.ts'), 'export const limit = 1;\n', 'nothing is written before the user wants it');
    const applied = await cliProcess(['apply', run, '--db', 'runs.db'], { cwd: tree.path });
    assert.equal(applied.exitCode, 0, applied.out + applied.err);
    assert.equal(onDisk('src/limit.ts'), 'export const limit = 100;\n');
  });

  it('waits for a yes before a request is decided about as it goes, where the settings ask for one', async () => {
    script = [spawn(HONEST), wait, submit('The limit is 100 now.')];
    const ask = (...more: readonly string[]): ReturnType<typeof cliProcess> =>
      cliProcess(
        ['ask', 'Raise the limit.', '--strategy', 'delegate', '--roster', 'asks.json', '--db', 'runs.db', ...more],
        { cwd: tree.path },
      );
    const refused = await ask('--max-tokens', '50000');
    assert.equal(refused.exitCode, 2, refused.err);
    assert.match(
      refused.err,
      /Plan: decided as it goes\n1\. ▸ Supervisor · decides as it goes; its workers may edit files and be any of your agents\nWhat it will take is not known beforehand; the run may spend at most 50,000 tokens\./,
    );
    assert.match(refused.err, /This plan waits for your approval, and nothing of it ran: add --yes to run it/);
    assert.deepEqual([...modelCalls(chief.requests()), ...modelCalls(coder.requests())], []);
    const said = await ask('--yes');
    assert.equal(said.exitCode, 0, said.err);
    assert.match(said.out, /The limit is 100 now\./);
  });

  it('is not won by a worker that claims and does not do', async () => {
    script = [
      spawn('Say that all is done.'),
      wait,
      submit('All is done.'),
      submit('All is done.'),
      submit('All is done.'),
    ];
    const handle = await begin();
    const result = await handle.result;
    assert.ok(result.kind === 'no-winner');
    assert.equal(result.reason, 'not-delivered');
    assert.equal(
      result.failure.message,
      'What was submitted last did not pass: src/limit.ts contains "limit = 100", which it did not before: it does not; src/fresh.ts matches /^export const fresh = \\d+;$/: there is no such file.',
    );
    assert.equal(result.partial, 'All is done.');
    assert.ok(result.spentTotal.usd > 0);
    await assertBilled(handle.run, result);
  });

  it('mends what the check names, by another worker', async () => {
    script = [
      spawn('In `src/limit.ts` replace `limit = 1` by `limit = 100`.'),
      wait,
      submit('Half.'),
      spawn('In `notes.md` replace `# Notes` by `# Note`. Create `src/fresh.ts` with `export const fresh = 9;`.'),
      wait,
      submit('Whole.'),
    ];
    const result = await (await begin()).result;
    assert.equal(result.kind === 'winner' ? result.output : JSON.stringify(result), 'Whole.');
  });

  it('names a check that is broken', async () => {
    tree.write('logo.bin', new Uint8Array([0, 1, 2, 0, 255]));
    script = [submit('x'), submit('x'), submit('x')];
    const result = await (await begin({ deliverable: { kind: 'file-contains', path: 'logo.bin', text: 'x' } })).result;
    assert.ok(result.kind === 'no-winner');
    assert.equal(result.verdict?.kind, 'broken');
    assert.match(result.failure.message, /^A check of the deliverable is broken: logo\.bin contains "x": /);
  });

  it('hands back what there is when the budget is gone half way, with what the servers reported', async () => {
    script = [spawn(HONEST), wait, ...Array.from({ length: 50 }, (): Calls => [{ name: 'observe', arguments: {} }])];
    const handle = await begin({
      options: { ...DEFAULT_OPTIONS, allowApi: true, limits: { maxTokens: 60_000, maxUsd: 1 } },
    });
    const result = await handle.result;
    assert.ok(result.kind === 'no-winner');
    assert.equal(
      `${result.reason}\n${result.partial}`,
      'budget-exhausted\n## The change\n\nDone: 2 edits are proposed.',
    );
    assert.match(result.failure.message, /The limit of (?:the run|task supervisor) is 60,000 tokens/);
    assert.ok(result.spentTotal.tokens.input + result.spentTotal.tokens.output <= 60_000);
    await assertBilled(handle.run, result);
    const finished = await handle.finished;
    assert.deepEqual([finished.outcome, finished.stoppedBy], ['partial', 'budget']);
  });

  it('leaves no call running when it is cancelled', async () => {
    gate = createGate();
    script = [spawn(HONEST), wait, submit('x')];
    const handle = await begin();
    await gate.arrived(1);
    const startedMs = performance.now();
    handle.cancel();
    const result = await handle.result;
    assert.ok(performance.now() - startedMs < 1_000);
    assert.equal(result.kind === 'no-winner' ? result.reason : 'winner', 'cancelled');
    await coder.waitFor((server) => server.requests().every(({ outcome }) => outcome !== 'running'), 1_000);
    assert.ok(result.spentTotal.iterations >= 2);
  });
});
