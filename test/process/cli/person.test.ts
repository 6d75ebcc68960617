/** The person at the terminal is asked whether a plan runs and what a task wants to know; without a person nothing waits. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { BrainCall } from '../../servers/brain.ts';
import { startModelServer, type ModelServer } from '../../servers/model-server.ts';
import { modelCalls, requestText, type RequestRecord } from '../../servers/records.ts';
import { tempTree, type TempTree } from '../../tools/temp-tree.ts';
import { cli, jsonLines, type CliResult, type FakeIoOptions } from '../../cli/fake-io.ts';

const NOTHING = { capability: null, target: null, dependsOn: [], inputs: [], edits: false, deliverable: null };
const task = (id: string, title: string, more: object = {}): object => ({
  ...NOTHING,
  id,
  title,
  objective: `Do: ${title}.`,
  mode: 'autonomous',
  ...more,
});
const TASKS = [
  task('names', 'Choose the names', { mode: 'interactive' }),
  task('look', 'Look around'),
  task('sum', 'Sum it up', { dependsOn: ['names', 'look'] }),
];

function brain({ user }: BrainCall): string {
  if (user.includes('Write the answer.')) return 'All three are done.';
  if (user.includes('Do: ')) return `Done: ${/Do: ([^.]*)\./.exec(user)?.[1] ?? ''}`;
  return JSON.stringify({ decision: 'plan', answer: '', tasks: TASKS });
}

const TTY: FakeIoOptions['tty'] = ['out', 'err'];

describe('the person at the terminal', function () {
  this.timeout(60_000);
  let tree: TempTree;
  let server: ModelServer;
  before(async () => {
    server = await startModelServer({ protocol: 'openai', models: { m: {} }, brain });
  });
  beforeEach(() => {
    const roster = [
      { id: 'one', provider: 'openai', model: 'm', baseUrl: server.baseUrl, cost: { input: 1, output: 2 } },
    ];
    tree = tempTree({
      'roster.json': JSON.stringify(roster),
      'asks.json': JSON.stringify({ 'orchestrator.roster': roster, 'orchestrator.approval': 'always' }),
      'writes.json': JSON.stringify({ 'orchestrator.roster': roster, 'orchestrator.approval': 'whenItWrites' }),
    });
    calledBefore = modelCalls(server.requests()).length;
  });
  afterEach(() => tree.remove());
  after(() => server.close());

  let calledBefore = 0;
  const calls = (): readonly RequestRecord[] => modelCalls(server.requests()).slice(calledBefore);
  const ask = (roster: string, io: Partial<FakeIoOptions>, ...more: readonly string[]): Promise<CliResult> =>
    cli(['ask', 'Work on it', '--roster', roster, '--db', 'runs.db', ...more], {
      cwd: tree.path,
      env: { NO_COLOR: '1' },
      ...io,
    });

  /** Answers each question by the first pattern that it matches. */
  const answers =
    (...pairs: readonly (readonly [RegExp, string | undefined])[]) =>
    (question: string): Promise<string | undefined> =>
      Promise.resolve(pairs.find(([pattern]) => pattern.test(question))?.[1]);

  it('sees the plan first where the settings say so, and a yes runs it', async () => {
    const run = await ask('asks.json', {
      tty: TTY,
      ask: answers([/Run this plan/, 'y'], [/first word/, 'short ones']),
    });
    assert.equal(run.exitCode, 0, run.err);
    assert.match(
      run.questions[0] ?? '',
      /^Plan: 3 tasks\n1\. ◆ Choose the names.* · interactive.*\n2\. ▸ Look around.*\n3\. ▸ Sum it up.* · after 1, 2.*\n[^]*\nEstimate with the answer: .*\nRun this plan\? \[y\]es, \[n\]o $/,
    );
    assert.match(
      run.questions[1] ?? '',
      /^\[\?\] Choose the names waits for your first word\. Its brief:\n {4}Do: Choose the names\.\nYour answer \(empty: go on\): $/,
    );
    assert.equal(run.questions.length, 2);
    const told = calls().find((call) => requestText(call).includes('Do: Choose the names'));
    assert.ok(told !== undefined && requestText(told).includes('short ones'), 'the task heard the answer');
    assert.match(run.out, /All three are done\./);
  });

  it('says no, and nothing but the planning was spent', async () => {
    const run = await ask('asks.json', { tty: TTY, ask: answers([/Run this plan/, 'n']) });
    assert.deepEqual([run.exitCode, calls().length], [130, 1]);
  });

  it('may close the input at a question, which means: go on', async () => {
    const run = await ask('roster.json', { tty: TTY, ask: answers([/first word/, undefined]) });
    assert.deepEqual([run.exitCode, run.questions.length], [0, 1], run.err);
  });

  it('is not asked with --yes, whose plan runs at once', async () => {
    const run = await ask('asks.json', { tty: TTY, ask: answers([/first word/, '']) }, '--yes');
    assert.equal(run.exitCode, 0, run.err);
    assert.deepEqual(
      run.questions.map((question) => /Run this plan/.test(question)),
      [false],
    );
  });

  it('is told to add --yes where nobody can be asked, and the plan is printed and not run', async () => {
    for (const json of [[], ['--json']]) {
      const run = await ask(
        'asks.json',
        json.length === 0 ? {} : { tty: TTY, ask: () => assert.fail('asked') },
        ...json,
      );
      assert.equal(run.exitCode, 2);
      assert.match(run.err, /Plan: 3 tasks\n1\. ▸ Choose the names/);
      assert.match(
        run.err,
        /This plan waits for your approval, and nothing of it ran: add --yes to run it, or start it at a terminal\.\n$/,
      );
      if (json.length > 0) assert.equal(jsonLines(run.out).at(-1)?.['outcome'], 'cancelled');
    }
    assert.equal(calls().length, 2, 'only the planner was asked, twice');
  });

  it('is not needed: without one all tasks run by themselves, and without a setting no plan waits', async () => {
    for (const roster of ['roster.json', 'writes.json']) {
      const run = await ask(roster, {}, '--json');
      assert.equal(run.exitCode, 0, run.err);
      const types = jsonLines(run.out).map((event) => event['type']);
      assert.deepEqual(
        types.filter((type) => type === 'plan.waiting' || type === 'task.waiting'),
        [],
      );
    }
  });
});
