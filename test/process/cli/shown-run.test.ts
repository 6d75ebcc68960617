/** What a person sees of a run: lines in a log, a tree at a terminal, the answer alone on stdout. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { BrainCall, BrainReply } from '../../servers/brain.ts';
import { startModelServer, type ModelServer } from '../../servers/model-server.ts';
import { modelCalls } from '../../servers/records.ts';
import { assertGolden } from '../../support/golden.ts';
import { tempTree, type TempTree } from '../../tools/temp-tree.ts';
import { cli, jsonLines, type CliResult, type FakeIoOptions } from '../../cli/fake-io.ts';
import { screenAfter } from '../../cli/screen.ts';

const PLAN = {
  request: 'Look into the parts',
  tasks: [
    { id: 'read', title: 'Read the part', objective: 'Read it.', inputs: [{ path: 'part.md' }] },
    { id: 'judge', title: 'Judge it', objective: 'Judge what was read.', dependsOn: ['read'] },
    { id: 'break', title: 'Break it', objective: 'Break it.', dependsOn: ['judge'] },
    { id: 'mend', title: 'Mend it', objective: 'Mend it.', dependsOn: ['break'] },
  ],
};

/** What a task that reads files replies: one claim, with the quotation that it rests on. */
function claim(text: string, quote: string): BrainReply {
  return { json: { claims: [{ text, quotes: [{ path: 'part.md', line: 1, text: quote }] }], missing: '' } };
}

function brain({ user, wantsJson }: BrainCall): string | BrainReply {
  if (user.includes('Write the answer.')) return 'The parts are **fine**.\u001B[2J\u0007';
  if (user.startsWith('Task: ') && wantsJson) {
    const line = /\| (.*)/.exec(user)?.[1] ?? 'nothing';
    return claim(`It says ${line}.`, line);
  }
  if (user.startsWith('Task: ')) return 'Well made.';
  return JSON.stringify({ decision: 'answer', answer: 'Straight from me.', tasks: [] });
}

/** Times, ids and ports are not the same twice. */
function steady(text: string): string {
  return text
    .replaceAll(/\d+(?:\.\d+)? (?:ms|s)\b/g, '<time>')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<run>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<host>');
}

describe('a run on the command line', () => {
  let tree: TempTree;
  let server: ModelServer;
  before(async () => {
    server = await startModelServer({ protocol: 'openai', models: { m: {} }, brain });
    server.setBehaviour((record) =>
      record.bodyText.includes('Break it.') ? { kind: 'status', status: 400, message: 'cannot break it' } : undefined,
    );
  });
  beforeEach(() => {
    const backend = {
      id: 'one',
      provider: 'openai',
      model: 'm',
      baseUrl: server.baseUrl,
      cost: { input: 1, output: 2 },
      timeoutMs: 5000,
    };
    tree = tempTree({
      'plan.json': JSON.stringify(PLAN),
      'part.md': 'all is well\n',
      'roster.json': JSON.stringify([backend]),
      'away.json': JSON.stringify([{ ...backend, tier: 'api' }]),
    });
  });
  afterEach(() => tree.remove());
  after(() => server.close());

  const run = (argv: readonly string[], options: Partial<FakeIoOptions> = {}): Promise<CliResult> =>
    cli([...argv, '--db', 'runs.db'], { cwd: tree.path, ...options });
  const ROSTER = ['--roster', 'roster.json'];

  it('tells each change in a line of its own where there is no terminal, and prints the answer alone', async () => {
    const { exitCode, out, err } = await run(['run', 'plan.json', ...ROSTER]);
    assert.equal(exitCode, 4);
    assert.equal(out, 'The parts are **fine**.\u001B[2J\u0007\n', 'a pipe gets the answer as it is');
    assertGolden('cli-run-plain.txt', steady(err));
  });

  it('draws the tree over again at a terminal, streams the answer below it, and lets no control character through', async () => {
    const { exitCode, all } = await run(['run', 'plan.json', ...ROSTER], { tty: ['out', 'err'] });
    assert.equal(exitCode, 4);
    assert.match(all, /\u001B\[32m\[x\]/);
    assert.ok(!all.includes('\u001B[2J') && !all.includes('\u0007'), 'what the model sent does not reach the terminal');
    assertGolden('cli-run-terminal.txt', steady(screenAfter(all)));
  });

  it('draws the whole tree with its end, when the answer goes into a file', async () => {
    const { out, err } = await run(['run', 'plan.json', ...ROSTER], { tty: ['err'], env: { NO_COLOR: '1' } });
    assert.equal(out, 'The parts are **fine**.\u001B[2J\u0007\n');
    assert.ok(!/\u001B\[\d+m/.test(err), 'NO_COLOR is obeyed');
    const shown = steady(screenAfter(err)).split('\n');
    assert.equal(shown[0], 'Look into the parts');
    assert.match(shown[1] ?? '', /^partial · 2\/4 tasks · \$\d\.\d{4} · <time> · run <run>$/);
    assert.match(shown.at(-5) ?? '', /^\[x\] Answer · one · /);
    assert.equal(shown.at(-2), '1 citation verified');
    assert.match(shown.at(-3) ?? '', /^Spent \$\d\.\d{4} · 4 calls · [\d,]+ tokens · <time>$/);
  });

  it('is lines of JSON and nothing else with --json: the events as the record has them', async () => {
    const { exitCode, out, err } = await run(['run', 'plan.json', ...ROSTER, '--json']);
    assert.deepEqual([exitCode, err], [4, '']);
    const lines = jsonLines(out);
    assert.deepEqual(
      lines.map((line) => line['seq']),
      lines.map((_, index) => index + 1),
    );
    const last = lines.at(-1) ?? {};
    assert.deepEqual([last['type'], last['outcome'], last['stoppedBy']], ['run.finished', 'partial', 'failures']);
    const shown = await run(['show', String(last['run']).slice(0, 8), '--format', 'json']);
    assert.equal(shown.out, out);
    const alias = await run(['show', String(last['run']), '--json']);
    assert.equal(alias.out, out);
  });

  it('inlines texts up to 64 KiB, names longer ones by hash, and always inlines the answer', async () => {
    const own = await startModelServer({
      protocol: 'openai',
      models: { m: {} },
      brain: ({ user }) =>
        user.startsWith('Task: Read') ? claim('long words, '.repeat(1_300), 'über über über über') : 'short words',
    });
    const backend = { id: 'one', provider: 'openai', model: 'm', baseUrl: own.baseUrl, contextWindow: 200_000 };
    tree.write('roster.json', JSON.stringify([backend]));
    tree.write('part.md', 'über über über über\n'.repeat(5_000));
    const reading = Array.from({ length: 5 }, (_, index) => ({ ...PLAN.tasks[0], id: `read-${index}` }));
    tree.write('plan.json', JSON.stringify({ ...PLAN, tasks: reading }));
    const { out } = await run(['run', 'plan.json', ...ROSTER, '--json', '--no-synthesis']);
    await own.close();
    const lines = jsonLines(out);
    const prompt = lines.find((line) => line['type'] === 'call.started')?.['prompt'] as object;
    assert.deepEqual(Object.keys(prompt), ['hash', 'bytes']);
    const text = lines.find((line) => line['type'] === 'call.finished')?.['text'];
    assert.ok(String(text).includes('long words, '.repeat(1_300)), 'a text of 15 KiB stands in its event');
    const answer = String(lines.at(-1)?.['answer']);
    assert.ok(answer.length > 64 * 1024, `the answer has ${answer.length} characters`);
    const shown = await run(['show', String(lines.at(-1)?.['run']), '--json']);
    assert.ok(shown.out === out, 'the record gives back the same lines');
  });

  it('answers a simple request at once', async () => {
    const { exitCode, out, err } = await run(['ask', 'Who are you?', ...ROSTER, '--file', 'part.md']);
    assert.deepEqual([exitCode, out], [0, 'Straight from me.\n']);
    assert.match(steady(err), /^Run <run>: Who are you\?\n\[>\] Plan · one\n\[x\] Plan · one · /);
  });

  it('names each file that a task wanted and was not given, while it runs and in the record', async () => {
    tree.write('.env', 'TOKEN=1\n');
    const inputs = [{ path: 'part.md' }, { path: 'docs/*.md' }, { path: '.env' }];
    tree.write('plan.json', JSON.stringify({ ...PLAN, tasks: [{ ...PLAN.tasks[0], inputs }] }));
    const { err } = await run(['run', 'plan.json', ...ROSTER]);
    assert.match(err, /^ {4}docs\/\*\.md was not read: no such file$/m);
    assert.match(err, /^ {4}\.env was not read: /m);
    assert.doesNotMatch(err, /part\.md was not read/);
    const id = / · run (\S+)$/m.exec(err)?.[1] ?? '';
    assert.match((await run(['show', id])).out, /^ {4}docs\/\*\.md was not read: no such file$/m);
    const { out } = await run(['show', id, '--format', 'markdown']);
    assert.match(out, /^ {2}- docs\/\\\*\.md was not read: no such file$/m);
  });

  it('prints a plan that can be run as it is', async () => {
    const planner = await startModelServer({
      protocol: 'openai',
      models: { m: {} },
      brain: () => ({
        json: {
          decision: 'plan',
          answer: '',
          tasks: [
            {
              id: 'a',
              title: 'A',
              objective: 'Do a.',
              capability: null,
              target: null,
              mode: 'autonomous',
              dependsOn: [],
              inputs: ['part.md'],
              edits: false,
              deliverable: null,
            },
          ],
        },
      }),
    });
    tree.write('planner.json', JSON.stringify([{ id: 'p', provider: 'openai', model: 'm', baseUrl: planner.baseUrl }]));
    const { exitCode, out, err } = await run(['plan', 'Do it', '--roster', 'planner.json']);
    assert.match(steady(err), /\nplanned · 1 task · .* · run <run>\n/);
    assert.equal(modelCalls(planner.requests()).length, 1, 'nothing but the planner was asked');
    await planner.close();
    assert.equal(exitCode, 0);
    assert.deepEqual(JSON.parse(out), {
      request: 'Do it',
      tasks: [
        {
          id: 'a',
          title: 'A',
          objective: 'Do a.',
          mode: 'autonomous',
          dependsOn: [],
          inputs: [{ path: 'part.md' }],
          edits: false,
        },
      ],
    });
    tree.write('printed.json', out);
    assert.equal((await run(['run', 'printed.json', ...ROSTER])).exitCode, 0);
  });

  it('lets the command line go before the settings of the roster file', async () => {
    const [backend] = JSON.parse(readFileSync(path.join(tree.path, 'roster.json'), 'utf8')) as readonly object[];
    tree.write(
      'settings.json',
      JSON.stringify({
        'orchestrator.roster': [backend],
        'orchestrator.budget': { maxUsd: 5, maxTokens: 100_000, perTask: { maxIterations: 3 } },
        'orchestrator.concurrency': 2,
        'orchestrator.strategy': 'plan',
      }),
    );
    const { out } = await run([
      'ask',
      'Who?',
      '--roster',
      'settings.json',
      '--json',
      '--max-usd',
      '0.5',
      '--max-ms',
      '60000',
      '--max-iterations',
      '7',
      '--concurrency',
      '1',
      '--strategy',
      'auto',
      '--no-synthesis',
      '--local-only',
      '--yes',
    ]);
    assert.deepEqual(jsonLines(out)[0]?.['options'], {
      strategy: 'auto',
      approval: 'never',
      synthesis: false,
      localOnly: true,
      allowApi: true,
      limits: { maxUsd: 0.5, maxTokens: 100_000, maxMs: 60_000, maxIterations: 7 },
      perTask: { maxIterations: 3 },
      concurrency: 1,
      maxTasks: 200,
      maxEdges: 1000,
    });
    assert.equal(jsonLines(out)[0]?.['source'], 'cli');
  });

  it('takes files as they are named in the current folder, and from the workspace', async () => {
    tree.write('sub/deep.md', 'deep\n');
    tree.write('sub/part.md', 'of sub\n');
    const attached = async (cwd: string, ...argv: readonly string[]): Promise<unknown> => {
      const { out, err } = await cli(
        [
          'ask',
          'Who?',
          '--roster',
          path.join(tree.path, 'roster.json'),
          '--db',
          path.join(tree.path, 'runs.db'),
          '--json',
          ...argv,
        ],
        { cwd: path.join(tree.path, cwd) },
      );
      const read = jsonLines(out).find((line) => line['type'] === 'inputs.read');
      return [(read?.['files'] as readonly { readonly path: string }[] | undefined)?.map((file) => file.path), err];
    };
    assert.deepEqual(await attached('.', '--file', 'sub/*.md'), [['sub/deep.md', 'sub/part.md'], '']);
    assert.deepEqual(await attached('sub', '--workspace', '..', '--file', 'part.md'), [['sub/part.md'], '']);
    assert.deepEqual(await attached('sub', '--workspace', '..', '--file', './deep.md', '--file', 'plan.json'), [
      ['sub/deep.md', 'plan.json'],
      '',
    ]);
    assert.deepEqual(await attached('sub', '--file', path.join(tree.path, 'sub/deep.md')), [['deep.md'], '']);
    tree.write('.env', 'SECRET=1\n');
    const refused = async (file: string): Promise<string> => {
      const { exitCode, err } = await run(['ask', 'Who?', ...ROSTER, '--file', file]);
      assert.equal(exitCode, 2);
      return err;
    };
    assert.match(await refused('.env'), /^--file \.env gives no file: .*\.env/);
    assert.match(
      await refused('../outside.md'),
      /^--file \.\.\/outside\.md gives no file: .*\nName files of the workspace/,
    );
  });

  describe('for a backend elsewhere', () => {
    const AWAY = ['ask', 'Who?', '--roster', 'away.json', '--max-usd', '1'];
    const host = (): string => new URL(server.url).host;
    const allowing = (): void => {
      const [backend] = JSON.parse(readFileSync(path.join(tree.path, 'away.json'), 'utf8')) as readonly object[];
      tree.write('away.json', JSON.stringify({ 'orchestrator.roster': [backend], 'orchestrator.allowApi': true }));
    };

    it('sends nothing without a person or --yes, and says so', async () => {
      allowing();
      const before = server.requests().length;
      const { exitCode, out, err } = await run(AWAY);
      assert.deepEqual([exitCode, out], [1, '']);
      assert.ok(
        err.includes(
          `Nothing is sent to ${host()} (one), because you have not allowed it. Run the command again with --yes, or answer the question once at a terminal.\n`,
        ),
        err,
      );
      assert.equal(server.requests().length, before);
    });

    it('allows paid backends and their hosts with --yes, for this one command', async () => {
      const { exitCode, out } = await run([...AWAY, '--yes']);
      assert.deepEqual([exitCode, out], [0, 'Straight from me.\n']);
      assert.equal((await run(AWAY)).exitCode, 1);
    });

    it('asks once at a terminal and keeps the answer beside the database', async () => {
      allowing();
      const first = await run(AWAY, { tty: ['out', 'err'], ask: () => Promise.resolve('y') });
      assert.equal(first.exitCode, 0);
      assert.deepEqual(first.questions, [
        `May Orchestrator send data to ${host()}? Your request, the files that a task reads and results of other tasks go there when a task runs on one; it may cost money. [y/N] `,
      ]);
      const kept = JSON.parse(readFileSync(path.join(tree.path, 'consent.json'), 'utf8')) as Record<
        string,
        { readonly allowed: boolean }
      >;
      assert.equal(kept[host()]?.allowed, true);
      const second = await run(AWAY, { ask: () => assert.fail('asked again') });
      assert.deepEqual([second.exitCode, second.questions], [0, []]);
    });

    it('takes a no for a no, also the next time, and anything unclear for no answer', async () => {
      allowing();
      assert.equal((await run(AWAY, { ask: () => Promise.resolve(undefined) })).exitCode, 1);
      const before = server.requests().length;
      assert.equal((await run(AWAY, { ask: () => Promise.resolve('n') })).exitCode, 1);
      const again = await run(AWAY, { ask: () => assert.fail('asked again') });
      assert.equal(again.exitCode, 1);
      assert.ok(
        again.err.includes(
          `Nothing is sent to ${host()}: you did not allow it. To allow it now use --yes; to be asked again delete ${path.join(tree.path, 'consent.json')}.\n`,
        ),
        again.err,
      );
      assert.equal(server.requests().length, before);
    });

    it('does not check it without consent either', async () => {
      const before = server.requests().length;
      const { exitCode, out } = await run(['backends', '--check', '--roster', 'away.json']);
      assert.equal(exitCode, 1);
      assert.match(out, /not there: .* was not called, because you have not allowed it\. Use --yes to allow it\.\n$/);
      assert.equal(server.requests().length, before);
      const allowed = await run(['backends', '--check', '--yes', '--json', '--roster', 'away.json']);
      assert.equal(allowed.exitCode, 0);
      const [row] = jsonLines(allowed.out);
      assert.deepEqual(
        [row?.['type'], row?.['id'], (row?.['check'] as { readonly models: unknown } | undefined)?.models],
        ['backend', 'one', ['m']],
      );
    });
  });
});
