import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { foldRun } from '../../../src/core/run-fold.ts';
import { earlierTurns, runsOf, type PastTurn } from '../../../src/vscode/chat/chat-history.ts';
import { pickedBackend } from '../../../src/vscode/chat/chat-model.ts';
import { helpText, interruptedText, readResume, spendText } from '../../../src/vscode/chat/chat-spend.ts';
import { journaled, RUN, SAMPLE, spend } from '../../support/sample-run.ts';
import { describeBackend } from '../../support/scripted-backend.ts';

const asked = (prompt: string, command?: string): PastTurn => ({ kind: 'request', prompt, command });
const answered = (markdown: string, run?: string): PastTurn => ({ kind: 'response', markdown, run });

describe('earlier turns of the chat', () => {
  it('are the requests and the answers as they were written, else as they were shown, without the cost', () => {
    const past = [
      asked('one'),
      answered('shown\n\n---\n\nSpent \\$0.01 · 1 call', 'run-1'),
      asked('two'),
      answered('also shown\n\n---\n\nSpent \\$0 · no calls', 'run-2'),
      asked('', 'plan'),
      answered(''),
    ];
    assert.deepEqual(
      earlierTurns(past, (run) =>
        run === 'run-1' ? { text: 'as written', isLocalOnly: false } : { text: undefined, isLocalOnly: true },
      ),
      [
        { role: 'user', text: 'one' },
        { role: 'assistant', text: 'as written' },
        { role: 'user', text: 'two' },
        { role: 'assistant', text: 'also shown', localOnly: true },
      ],
    );
    assert.deepEqual(runsOf(past), ['run-1', 'run-2']);
  });

  it('hold the answer of a run once, whatever turns showed it, and not what was typed to run it or to answer its tasks', () => {
    const past = [
      asked('one', 'plan'),
      { ...answered('The plan waits', 'run-1'), waited: true },
      asked('this plan', 'run'),
      { ...answered('1 task waits', 'run-1'), waited: true },
      asked('1 use tabs', 'task'),
      answered('The answer', 'run-1'),
      asked('run-2', 'run'),
      answered('Of a run that began elsewhere', 'run-2'),
      asked('', 'task'),
      answered('1 task waits', 'run-3'),
    ];
    assert.deepEqual(
      earlierTurns(past, (run) => ({ text: run === 'run-3' ? undefined : `as written in ${run}`, isLocalOnly: false })),
      [
        { role: 'user', text: 'one' },
        { role: 'assistant', text: 'as written in run-1' },
        { role: 'assistant', text: 'as written in run-2' },
      ],
    );
  });

  it('leave out questions about the tool itself, and are bounded in number and length', () => {
    const aside = [asked('today', 'spend'), answered('| a |'), asked('', 'help'), answered('Say what you want')];
    assert.deepEqual(
      earlierTurns(aside, () => undefined),
      [],
    );
    const many = Array.from({ length: 60 }, (_, index) => asked(`${index}`));
    const kept = earlierTurns(many, () => undefined);
    assert.deepEqual([kept.length, kept.at(-1)?.text], [20, '59']);
    const long = earlierTurns([answered(`begin${'x'.repeat(50_000)}end`)], () => undefined)[0]?.text ?? '';
    assert.match(long, /^begin[^]*\[… 42008 characters left out …\][^]*end$/);
    assert.ok(long.length < 8_100);
  });
});

describe('the model picker', () => {
  const backends = [
    describeBackend({ id: 'local' }),
    describeBackend({ id: 'gpt', provider: 'vscode', model: 'copilot/gpt-4o' }),
    describeBackend({ id: 'exact', provider: 'vscode', model: 'other/f/m-2/3' }),
    describeBackend({ id: 'off', provider: 'vscode', model: 'other/f/m-1', enabled: false }),
    describeBackend({ id: 'named', provider: 'openai', model: 'copilot' }),
  ];
  const model = (vendor: string, id: string, family = 'f'): Parameters<typeof pickedBackend>[0] => ({
    vendor,
    id,
    family,
    version: '3',
  });

  it('chooses the orchestrator by our own model or by one that the roster has; auto and others choose none', () => {
    const picked = [
      model('orchestrator', 'auto'),
      model('orchestrator', 'local'),
      model('orchestrator', 'gone'),
      model('copilot', 'x', 'gpt-4o'),
      model('copilot', 'x', 'o1'),
      model('other', 'm-2'),
      model('other', 'm-1'),
    ];
    assert.deepEqual(
      picked.map((one) => pickedBackend(one, backends)),
      [undefined, 'local', undefined, 'gpt', undefined, 'exact', undefined],
    );
  });
});

describe('slash commands', () => {
  const runs = [
    { run: 'abc-1', title: 'New [x](command:y)', startedAtMs: 2, tasks: 3, isHere: true },
    { run: 'abd-2', title: 'Old', startedAtMs: 1, tasks: 1, isHere: true },
  ];

  it('/resume takes an id, its beginning, or the newest; alone it lists, unless there is only one', () => {
    const wishes = ['', 'newest', 'the latest', 'abd', '`abc-1`', 'ab', 'zzz'].map((prompt) =>
      readResume(prompt, runs),
    );
    assert.deepEqual(
      wishes.map((wish) => (wish.kind === 'run' ? wish.run : wish.kind)),
      ['list', 'abc-1', 'abc-1', 'abd-2', 'abc-1', 'unknown', 'unknown'],
    );
    assert.deepEqual(readResume('', runs.slice(0, 1)), { kind: 'run', run: 'abc-1' });
    assert.deepEqual(
      [readResume('', []), readResume('newest', [])],
      [{ kind: 'list' }, { kind: 'unknown', text: 'newest' }],
    );
    assert.equal(interruptedText([]), 'No run was interrupted: there is nothing to resume.');
    assert.match(
      interruptedText(runs),
      /^\*\*2 runs interrupted\.\*\* Nothing of it goes on by itself\.\n\n- `abc-1` New \\\[x\\\]\(command:y\) · .* · 3 tasks\n- `abd-2` Old · .* · 1 task\n/,
    );
  });

  it('/resume takes a run of another folder only by its name, which is how the user is told where it can go on', () => {
    const [here, other] = runs.map((run, index) => ({ ...run, isHere: index === 1 }));
    assert.ok(here !== undefined && other !== undefined);
    const wishes = ['', 'newest', 'abc'].map((prompt) => readResume(prompt, [here, other]));
    assert.deepEqual(
      wishes.map((wish) => (wish.kind === 'run' ? wish.run : wish.kind)),
      ['abd-2', 'abd-2', 'abc-1'],
    );
    assert.equal(
      interruptedText([], 1),
      'No run of this folder was interrupted.\n\n1 run of other folders can go on where those are open.',
    );
    assert.match(interruptedText(runs, 2), /newest`\.\n\n2 runs of other folders can go on where those are open\.$/);
  });

  it('/spend shows today by backend and the last run', () => {
    const state = foldRun(RUN, journaled(SAMPLE));
    assert.equal(
      spendText(
        [
          {
            backend: 'a_b',
            calls: 2,
            spent: spend(1_000, 20, { iterations: 2, usd: 0.5, ms: 9 }),
            callMs: 12,
            timedCalls: 2,
          },
        ],
        state,
      ),
      [
        '**Today:** 2 calls · 1,000 in / 20 out · \\$0.5000',
        '',
        '| backend | calls | input tokens | output tokens | cost |',
        '| --- | ---: | ---: | ---: | ---: |',
        '| a_b | 2 | 1,000 | 20 | \\$0.5000 |',
        '',
        '**Last run:** Explain \\[this\\](command:x) \\<b>project\\</b> and fix it · 5 calls · \\~6,900 in / \\~893 out · \\~\\$0.0378 · 32.1 s',
        '',
        '| backend | calls | input tokens | output tokens | cost |',
        '| --- | ---: | ---: | ---: | ---: |',
        '| frontier | 2 | 1,900 | 290 | \\$0.0328 |',
        '| long-1 | 1 | 4,000 | 500 | \\$0.0050 |',
        '| local | 1 | ~300 | ~100 | \\$0 |',
        '| code-1 | 1 | ~700 | ~3 | price unknown |',
      ].join('\n'),
    );
    assert.equal(spendText([], undefined), 'Nothing was spent today.');
  });

  it('/help names the commands, the roster with where data goes, and what is wrong', () => {
    const text = helpText({
      descriptions: [
        describeBackend({ id: 'local', goodAt: ['grunt'] }),
        describeBackend({ id: 'far', tier: 'api', host: 'api.test' }),
        describeBackend({ id: 'off', enabled: false }),
      ],
      problems: ['roster[1].cost: expected a number. Write one.'],
      warnings: [],
    });
    assert.equal(
      text.slice(text.indexOf('**Roster')),
      [
        '**Roster:** 2 backends, 1 disabled',
        '',
        '| backend | model | tier | good at | data goes to |',
        '| --- | --- | --- | --- | --- |',
        '| local | scripted (openai) | local | grunt | this machine |',
        '| far | scripted (openai) | api |  | api.test |',
        '',
        '**What is wrong with the settings**',
        '',
        '- roster\\[1\\].cost: expected a number. Write one.',
      ].join('\n'),
    );
    for (const name of ['/plan', '/run', '/resume', '/spend']) assert.ok(text.includes(`@orchestrator ${name}`));
  });
});
