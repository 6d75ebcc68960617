/** What the command line says to bad input. Each message names the thing and what to do next; the golden file is to be read. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { assertGolden } from '../../support/golden.ts';
import { tempTree, type TempTree } from '../../tools/temp-tree.ts';
import { cli } from '../../cli/fake-io.ts';

const GOOD = { id: 'good', provider: 'ollama', model: 'qwen3:8b', baseUrl: 'http://127.0.0.1:9' };
const KEY = 'sk-proj-8fJx2mQ7canary0pT5vB1nZ4';

const FILES: Readonly<Record<string, unknown>> = {
  'roster.json': [GOOD],
  'broken.json': '[\n  {"id": "a",\n   "provider" "ollama"}\n]',
  'text.json': 'my roster',
  'number.json': 42,
  'no-roster.json': { 'editor.fontSize': 12, 'orchestrator.budget': { maxUsd: 1 } },
  'all-bad.json': [
    { id: 'gpt', provider: 'openai', model: 'm', baseUrl: 'https://api.example.com/v1', apiKey: KEY },
    { id: 'two words', provider: 'ollama', model: 'm' },
    { ...GOOD, id: 'typo', maxConcurency: 2 },
  ],
  'elsewhere.json': [
    { id: 'copilot', provider: 'vscode', model: { vendor: 'copilot' } },
    { id: 'gpt', provider: 'openai', model: 'm', baseUrl: 'https://api.example.com/v1', apiKey: 'secret:gpt' },
  ],
  'some-bad.json': [GOOD, { ...GOOD, id: 'costly', cost: { input: -1, output: 2 } }],
  'settings.json':
    '{\n  // of a workspace\n  "orchestrator.roster": [{"id": "x", "provider": "ollama"}],\n  "orchestrator.allowAPI": true,\n}',
  'plan.json': { request: 'r', tasks: [{ id: 'a', title: 'A', objective: 'Do a.' }] },
  'plan-text.json': 'Sure! Here is the plan.',
  'plan-list.json': [{ id: 'a' }],
  'plan-empty.json': { request: 'r', tasks: [] },
  'plan-fields.json': {
    request: 'r',
    tasks: [{ id: 'a', title: 'A', objective: 'Do a.', depends: ['b'] }],
    strategy: 'fast',
  },
  'plan-task.json': {
    request: 'r',
    tasks: [
      { id: 'a', title: 'A', objective: 'Do a.', depends: ['b'] },
      { id: 'b c', title: '', maxTokens: 0 },
    ],
  },
  'plan-cycle.json': {
    request: 'r',
    tasks: [
      { id: 'a', title: 'A', objective: 'Do a.', dependsOn: ['b'] },
      { id: 'b', title: 'B', objective: 'Do b.', dependsOn: ['a'] },
    ],
  },
  'plan-many.json': {
    request: 'r',
    tasks: [
      { id: 'a', title: 'A', objective: 'Do a.', dependsOn: ['a', 'x'], target: 'gpt-9', agent: 'nobody' },
      { id: 'a', title: 'A', objective: 'Do it again.', mode: 'interactive', parent: 'y' },
    ],
  },
  'plan-large.json': {
    request: 'r',
    tasks: Array.from({ length: 201 }, (_, i) => ({ id: `t${i}`, title: 't', objective: 'o' })),
  },
  'plan-deep.json': '{"request":"r","tasks":'.concat('['.repeat(50), ']'.repeat(50), '}'),
  'plan-inputs.json': {
    request: 'r',
    tasks: [
      {
        id: 'a',
        title: 'A',
        objective: 'Do a.',
        inputs: [{ path: 'src/a.ts' }, { path: 'src/b.ts' }, { path: 'src' }],
      },
      {
        id: 'b',
        title: 'B',
        objective: 'Do b.',
        inputs: [{ path: 'docs/*.md' }, { path: 'src/b.ts' }, { text: 'src/c.ts' }],
      },
    ],
  },
  'src/a.ts': 'export const a = 1;\n',
  'docs/blob.bin': 'PNG\0\u0001\0',
  'no.db': 'this is no database',
};

const ROSTER = ['--roster', 'roster.json', '--db', 'runs.db'];

/** The command line as a person would type it. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  'no command': [],
  'an unknown command': ['frobnicate'],
  'a command with a slip': ['asq', 'What is here?'],
  'a command of a later version': ['experiment', 'file.json'],
  'options before the command': ['--json', 'ask', 'What is here?'],
  'no request': ['ask'],
  'an empty request': ['ask', ' '],
  'a request without quotes': ['ask', 'What', 'is', 'here?'],
  'an unknown option': ['ask', 'What is here?', '--frobnicate'],
  'an option with a slip': ['ask', 'What is here?', '--rooster', 'roster.json'],
  'a port that is none': ['mcp', '--http', 'all'],
  'words behind mcp': ['mcp', 'stdio'],
  'an option of another command': ['runs', '--file', 'a.ts'],
  'an option without its value': ['ask', 'What is here?', '--file'],
  'dollars that are no number': ['ask', 'What is here?', '--max-usd', 'five'],
  'negative dollars': ['ask', 'What is here?', '--max-usd', '-1'],
  'dollars beyond reason': ['ask', 'What is here?', '--max-usd', '1e308'],
  'half a token': ['ask', 'What is here?', '--max-tokens', '0.5'],
  'no token': ['ask', 'What is here?', '--max-tokens', '0'],
  'a time with a unit': ['ask', 'What is here?', '--max-ms', '10s'],
  'an empty number': ['ask', 'What is here?', '--max-iterations', ''],
  'hexadecimal iterations': ['ask', 'What is here?', '--max-iterations', '0x10'],
  'too many at once': ['ask', 'What is here?', '--concurrency', '5000'],
  'a strategy that is not there': ['ask', 'What is here?', '--strategy', 'guess'],
  'an unknown strategy': ['ask', 'What is here?', '--strategy', 'fast'],
  'a format that is not there': ['show', 'abc', '--format', 'otlp'],
  'a plan that is not named': ['run'],
  'a roster that is not there': ['ask', 'What is here?', '--roster', 'nowhere.json'],
  'a roster that is a folder': ['ask', 'What is here?', '--roster', 'src'],
  'a roster that is no JSON': ['ask', 'What is here?', '--roster', 'broken.json'],
  'a roster that is prose': ['ask', 'What is here?', '--roster', 'text.json'],
  'a roster that is a number': ['ask', 'What is here?', '--roster', 'number.json'],
  'settings without a roster': ['ask', 'What is here?', '--roster', 'no-roster.json'],
  'a roster without a good entry': ['ask', 'What is here?', '--roster', 'all-bad.json', '--db', 'runs.db'],
  'a roster that works only inside VS Code': ['ask', 'What is here?', '--roster', 'elsewhere.json', '--db', 'runs.db'],
  'settings with a bad entry and an unknown setting': [
    'plan',
    'What is here?',
    '--roster',
    'settings.json',
    '--db',
    'runs.db',
  ],
  'a workspace that is not there': ['ask', 'What is here?', ...ROSTER, '--workspace', 'nowhere'],
  'a workspace that is a file': ['ask', 'What is here?', ...ROSTER, '--workspace', 'src/a.ts'],
  'files that are not there': [
    'ask',
    'What is here?',
    ...ROSTER,
    '--file',
    'src/b.ts',
    '--file',
    'src/a.ts',
    '--file',
    'docs/*.md',
  ],
  'a file that is no text': ['ask', 'What is here?', ...ROSTER, '--file', 'docs/blob.bin'],
  'lines of a file that is no text': ['ask', 'What is here?', ...ROSTER, '--file', 'docs/blob.bin#L1-L3'],
  'a plan that is not there': ['run', 'nowhere.json', ...ROSTER],
  'a plan that is prose': ['run', 'plan-text.json', ...ROSTER],
  'a plan that is a list': ['run', 'plan-list.json', ...ROSTER],
  'a plan without tasks': ['run', 'plan-empty.json', ...ROSTER],
  'a plan with an unknown field': ['run', 'plan-fields.json', ...ROSTER],
  'tasks with bad fields': ['run', 'plan-task.json', ...ROSTER],
  'tasks that wait for each other': ['run', 'plan-cycle.json', ...ROSTER],
  'many faults in one plan': ['run', 'plan-many.json', ...ROSTER],
  'a plan with too many tasks': ['run', 'plan-large.json', ...ROSTER],
  'a plan that is nested too deep': ['run', 'plan-deep.json', ...ROSTER],
  'inputs that are not there': ['run', 'plan-inputs.json', ...ROSTER],
  'a database that is not there': ['runs', '--db', 'nowhere.db'],
  'a run that is not there': ['show', 'abc123', '--db', 'runs.db'],
  'a run without a name': ['show', ''],
  'applying a run without a name': ['apply', ' ', '--yes'],
  'resuming a run without a name': ['resume', '', ...ROSTER],
  'the diff of a run that is not there': ['show', 'abc123', '--format', 'diff', '--db', 'runs.db'],
  'no run to apply': ['apply'],
  'applying a run that is not there': ['apply', 'abc123', '--db', 'runs.db'],
  'applying from a database that is not there': ['apply', 'abc123', '--db', 'nowhere.db'],
  'taking back one file': ['apply', 'abc123', '--revert', '--file', 'src/a.ts', '--db', 'runs.db'],
  'taking a side of no file': ['apply', 'abc123', '--take', 'fix', '--db', 'runs.db'],
  'merging two files': ['apply', 'abc123', '--merge', '--file', 'a.ts', '--file', 'b.ts', '--db', 'runs.db'],
  'taking a side and merging': ['apply', 'abc123', '--take', 'fix', '--merge', '--file', 'a.ts', '--db', 'runs.db'],
  'merging and taking back': ['apply', 'abc123', '--merge', '--revert', '--file', 'a.ts', '--db', 'runs.db'],
  'resuming a run that is not there': ['resume', 'abc123', ...ROSTER],
};

describe('bad input to the command line', () => {
  let tree: TempTree;
  before(() => {
    tree = tempTree(
      Object.fromEntries(
        Object.entries(FILES).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
      ),
    );
  });
  after(() => tree.remove());

  it('is refused with exit code 2 and a message that says what to do next', async () => {
    const report: string[] = [];
    for (const [title, argv] of Object.entries(REFUSED)) {
      const { exitCode, out, err } = await cli(argv, { cwd: tree.path });
      assert.deepEqual([exitCode, out], [2, ''], `${title}: ${err}`);
      assert.ok(!err.includes(KEY), `${title} shows a key`);
      const typed = argv.map((word) => (/^[\w./-]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
      report.push(`# ${title}\n$ orchestrator ${typed}\n${err.replaceAll(tree.path, '<dir>')}`);
    }
    assertGolden('cli-messages.txt', report.join('\n'));
  }).timeout(40_000); // some sixty commands

  it('names the command as it was typed', async () => {
    const typed = { cwd: tree.path, program: 'node dist/cli.js' };
    const say = async (...argv: readonly string[]): Promise<string> => (await cli(argv, typed)).err;
    assert.match(await say('ask'), /\n"node dist\/cli\.js ask --help" tells what there is\.\n$/);
    assert.match(await say('ask', 'a', 'b'), /\nPut the whole request in quotes: node dist\/cli\.js ask "/);
    assert.match(await say('--json', 'ask'), /: node dist\/cli\.js ask ".*"node dist\/cli\.js --help" tells/);
    assert.match(await say('show', 'abc123', '--db', 'runs.db'), /\n"node dist\/cli\.js runs" lists the runs\.\n$/);
  });

  it('does not stop a roster with good entries: the problems are named beside them', async () => {
    const { exitCode, out, err } = await cli(['backends', '--roster', 'some-bad.json', '--db', 'runs.db'], {
      cwd: tree.path,
    });
    assert.equal(exitCode, 0);
    assert.equal(
      out,
      'good  ollama qwen3:8b · local · good at general work · free · context window not known · 1 at once · may orchestrate\n',
    );
    assert.equal(
      err,
      'roster[1] "costly".cost.input: expected a number of US dollars from 0 to 100,000, got -1. Write for example "input": 3.\n',
    );
  });

  it('is refused, with exit code 2, when the database is none', async () => {
    const { exitCode, out, err } = await cli(['show', 'abc', '--db', 'no.db'], { cwd: tree.path });
    assert.deepEqual([exitCode, out], [2, '']);
    assert.match(err, /no\.db is not a database; it was left as it is\. /);
  });
});

describe('the help', () => {
  it('tells all commands and options', async () => {
    const pages = ['', 'ask', 'plan', 'run', 'mcp', 'resume', 'show', 'apply', 'runs', 'backends'];
    const texts: string[] = [];
    for (const page of pages) {
      const argv = [...(page === '' ? [] : [page]), '--help'];
      const { exitCode, out, err } = await cli(argv, { cwd: '/' });
      assert.deepEqual([exitCode, err], [0, '']);
      texts.push(`$ orchestrator ${argv.join(' ')}\n${out}`);
    }
    assertGolden('cli-help.txt', texts.join('\n'));
  });

  it('of a command is told for "help" with its name as well', async () => {
    for (const [words, page] of [
      [['help'], ['--help']],
      [
        ['help', 'ask'],
        ['ask', '--help'],
      ],
    ] as const)
      assert.deepEqual(await cli(words, { cwd: '/' }), await cli(page, { cwd: '/' }));
    const { exitCode, out } = await cli(['help', 'ask'], { cwd: '/' });
    assert.equal(exitCode, 0);
    assert.match(out, /^Usage: orchestrator ask /);
  });

  it('tells the version', async () => {
    const { exitCode, out } = await cli(['--version'], { cwd: '/' });
    assert.equal(exitCode, 0);
    assert.match(out, /^\d+\.\d+\.\d+\n$/);
  });
});
