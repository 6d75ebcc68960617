import assert from 'node:assert/strict';
import type { Journal } from '../../src/core/ports.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { hitsIn, regionsOf } from '../../src/journal/search-hits.ts';
import { snippetOf } from '../../src/journal/search-snippet.ts';
import { searchWords } from '../../src/journal/search-words.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { fc, propertyOptions, unicodeText } from '../support/properties.ts';
import { Workbench, completed, finished, planned, record, spec, started, value } from './fixture.ts';

const LONG = 'Nothing of note stands here. '.repeat(40);

/** Both journals promise this. */
for (const kind of ['SQLite', 'memory'] as const) {
  describe(`the search in ${kind}`, () => {
    let bench: Workbench;
    let clock: ManualClock;
    let journal: Journal;

    before(async () => {
      bench = new Workbench();
      clock = new ManualClock(1_000);
      journal = kind === 'SQLite' ? await bench.open({ clock }) : createMemoryJournal({ clock });
      await record(journal, 'parser', [
        started('Where is the PARSER of "settings"?'),
        planned(['t1', 'Find it', 'Look for parseConfigFile in src/config/read_settings.ts']),
        completed('t1', `${LONG}The function begins on line 12 and Überläufe are caught. ${LONG}`),
        finished('It is a café of rules.'),
      ]);
      clock.setWall(2_000);
      await record(journal, 'words', [
        started('Translate 100% of the texts'),
        planned(['t1', 'German', 'Translate into German'], ['t2', 'Japanese', '設定ファイルを読む']),
        completed('t1', 'Schmetterling, zwei Schmetterlinge und noch ein Schmetterling'),
        completed('t2', 'It\0s done 🎉'),
      ]);
      clock.setWall(3_000);
      await record(journal, 'third', [started('A Schmetterling among many other words that say nothing of it')]);
    });
    after(() => bench.dispose());

    const runs = async (search: string): Promise<string> =>
      value(await journal.listRuns({ limit: 9, search }))
        .map(({ run }) => run)
        .join(' ');

    async function found(text: string, limit = 9): Promise<string> {
      return value(await journal.searchRuns({ text, limit }))
        .map(({ run, found: texts }) =>
          [
            run.run,
            ...texts.map(({ kind: what, task, snippet }) => `  ${what} ${task ?? '-'}: ${marked(snippet)}`),
          ].join('\n'),
        )
        .join('\n');
    }

    it('looks into requests, tasks, results and answers, for all words, each anywhere in the run', async () => {
      assert.equal(await runs('settings'), 'parser');
      assert.equal(await runs('parser function café look find'), 'parser');
      assert.equal(await runs('german'), 'words');
      assert.equal(await runs('schmetterling'), 'third words');
      assert.equal(await runs('schmetterling german'), 'words');
      assert.equal(await runs('schmetterling parser'), '');
    });

    it('names a task by its title, as it was last', async () => {
      const titles = async (text: string): Promise<readonly unknown[]> =>
        value(await journal.searchRuns({ text, limit: 9 })).flatMap(({ found: texts }) =>
          texts.map(({ kind: what, title }) => [what, title]),
        );
      assert.deepEqual(await titles('zwei'), [['result', 'German']]);
      assert.deepEqual(await titles('translate german'), [
        ['task', 'German'],
        ['request', null],
      ]);
    });

    it('takes each word as a beginning, in any case, with accents or without', async () => {
      for (const text of ['pars', 'UBERLAUFE', 'überläu', 'cafe', 'CAFÉ', 'fu 12'])
        assert.equal(await runs(text), 'parser', text);
      assert.equal(await runs('arser'), '');
    });

    it('finds the parts of identifiers, and what is joined by signs only where it stands together', async () => {
      for (const text of [
        'config',
        'ConfigFile',
        'parseconfig',
        'parseConfigFile',
        'read_settings',
        'src/config/read',
        'settings.ts',
      ])
        assert.equal(await runs(text), 'parser', text);
      for (const text of ['settings_read', 'src/read', 'parse_file']) assert.equal(await runs(text), '', text);
    });

    it('finds any part of a text in a script without spaces', async () => {
      for (const text of ['設定', 'ファイル', '読む', '設定ファイルを読む'])
        assert.equal(await runs(text), 'words', text);
      assert.equal(await runs('定設'), '');
    });

    it('finds what literally stands there, also from the middle of what is written without spaces, over signs and other letters', async () => {
      clock.setWall(400);
      await record(journal, 'mixed', [
        started(
          'まずAPIの設定、次に変更を確認する。サーバー2台とユーザーid、サーバーconfigを見る src/x.parseHttpHead.ts',
        ),
        planned(['t', 'T', 'x']),
        completed('t', 'データの設定・変更'),
      ]);
      const typed = ['設定、次に', 'の設定、次に変', '設定・変更', '2台', 'サーバー2台', 'id', 'config', 'バー', 'ー'];
      for (const text of [...typed, 'HttpHead.ts', 'x.parseHttp']) {
        assert.match(await runs(text), /mixed/, text);
        assert.match(await found(text), /\[/, text);
      }
      for (const text of ['次に、設定', '定・設', 'erver2台', 'Head.parse'])
        assert.doesNotMatch(await runs(text), /mixed/, text);
      value(await journal.deleteRun('mixed'));
    });

    it('looks into what tasks had when they failed or were stopped', async () => {
      clock.setWall(450);
      const failure = { reason: 'timeout', message: 'm', whatToDo: 'w', retryable: true } as const;
      await record(journal, 'partial', [
        started('plain'),
        planned(['t', 'T', 'x'], ['u', 'U', 'y'], ['v', 'V', 'z']),
        { type: 'task.cancelled', task: 't', partial: 'zebra crossing' },
        { type: 'task.failed', task: 'u', failure, partial: `${'giraffe '.repeat(20_000)}okapi` },
        { type: 'task.failed', task: 'v', failure, partial: '' },
        finished(''),
      ]);
      assert.equal(await found('zebra'), 'partial\n  result t: [zebra] crossing');
      assert.match(await found('okapi'), /^partial\n {2}result u: ….* \[okapi\]$/);
      value(await journal.deleteRun('partial'));
    });

    it('takes nothing that a person types for syntax, and finds nothing where there is no word', async () => {
      for (const text of [
        '"',
        '"parser" OR words',
        '* ',
        '100%',
        'NEAR(a b)',
        'text:parser',
        '-parser',
        '^parser',
        'a"b',
        "'; DROP TABLE runs",
        'AND',
        '(',
        'parser NOT',
      ])
        await runs(text);
      assert.equal(await runs('100%'), 'words');
      assert.equal(await runs('"parser"'), 'parser');
      assert.equal(await runs('"translate" OR'), '');
      assert.equal(await runs('It\0s'), 'words');
      for (const text of ['🎉', '"*"', '\0', '%', '\ud800', '-- ()']) {
        assert.equal(await runs(text), '', JSON.stringify(text));
        assert.equal(await found(text), '', JSON.stringify(text));
      }
      assert.equal(await runs('  '), 'third words parser');
      assert.equal(await found(''), '');
      assert.equal(await runs('a b c d e f g h i j k l m n o p '.repeat(40)), '');
    });

    it('tells where the words are, best run first, with marks around the hits', async () => {
      assert.equal(
        await found('schmetterling'),
        `words
  result t1: [Schmetterling], zwei [Schmetterlinge] und noch ein [Schmetterling]
third
  request -: A [Schmetterling] among many other words that say nothing of it`,
      );
      assert.equal(await found('schmetterling', 1), (await found('schmetterling')).split('\nthird')[0]);
      assert.equal(
        await found('überl begins'),
        `parser
  result t1: …here. Nothing of note stands here. The function [begins] on line 12 and [Überläufe] are caught. Nothing of note stands here. Nothing of note stands here. Nothing of note stands here.…`,
      );
      assert.equal(
        await found('settings ConfigFile'),
        `parser
  task t1: Find it Look for parse[ConfigFile] in src/config/read_[settings].ts
  request -: Where is the PARSER of "[settings]"?`,
      );
      const [best] = value(await journal.searchRuns({ text: 'cafe', limit: 9 }));
      assert.deepEqual(best?.run, value(await journal.summary('parser')));
    });

    it('follows a plan that the user changes, and results that are made anew', async () => {
      clock.setWall(500);
      const writer = value(await journal.createRun('going on'));
      const change = { what: '', put: [spec('b', 'Tulip'), spec('c', 'Narcissus')], removed: ['a'], order: null };
      value(await writer.append([started('Plant'), planned(['a', 'Rose'], ['b', 'Violet'])]));
      value(await writer.append([completed('b', 'Watered'), { type: 'plan.edited', change, undoes: false }]));
      const all = async (): Promise<string> =>
        (await Promise.all(['rose', 'violet', 'tulip', 'narcissus', 'watered', 'dug'].map(runs)))
          .map((at) => (at === '' ? '-' : '+'))
          .join('');
      assert.equal(await all(), '--+++-');
      value(await writer.append([{ type: 'task.retried', task: 'b', because: null }, completed('b', 'Dug')]));
      assert.equal(await all(), '--++-+');
      await writer.release();
      value(await journal.deleteRun('going on'));
      assert.equal(await all(), '------');
    });

    it('never fails, whatever is typed and whatever is written', async function () {
      this.timeout(60_000);
      let number = 0;
      const text = unicodeText({ maxLength: 40 });
      const identifier = fc.stringMatching(/^[A-Za-z]{1,6}[_./-]?[A-Z][a-z]{1,5}[A-Z]{0,3}\d?$/);
      await fc.assert(
        fc.asyncProperty(text, fc.oneof(text, identifier), async (typed, written) => {
          number += 1;
          const run = `any ${number}`;
          await record(journal, run, [started(written), finished(typed)]);
          const hits = value(await journal.searchRuns({ text: typed, limit: 3 }));
          value(await journal.listRuns({ limit: 3, search: typed }));
          if (searchWords(typed).length === 0) assert.deepEqual(hits, []);
          // Letters that are younger than the tokenizer of SQLite are left out.
          if (/^[\p{ASCII}]*[a-z0-9][\p{ASCII}]*$/iu.test(typed))
            assert.ok(
              value(await journal.listRuns({ limit: 99, search: typed })).some((one) => one.run === run),
              typed,
            );
          if (/^[\p{ASCII}]*[a-z0-9][\p{ASCII}]*$/iu.test(written))
            assert.ok(
              value(await journal.listRuns({ limit: 99, search: written })).some((one) => one.run === run),
              written,
            );
          value(await journal.deleteRun(run));
        }),
        propertyOptions('search', kind === 'SQLite' ? 8 : 1),
      );
    });
  });
}

describe('a word in a long text', () => {
  const filler = 'Lines of it say nothing, über parseConfigFile und 設定 noch viel weniger. '.repeat(2_000);
  const looked = (text: string, typed: string): number =>
    [...regionsOf(text, searchWords(typed))].reduce((sum, { from, to }) => sum + to - from, 0);

  it('is marked also where its parts stand joined otherwise', () => {
    for (const [typed, written] of [
      ['FooBar', 'foo_bar'],
      ['HTTPServer', 'http_server'],
      ['foo_bar', 'FooBar'],
    ] as const) {
      const words = searchWords(typed);
      const text = `${'nothing of note '.repeat(80)} ${written} here`;
      assert.equal(hitsIn(text, words).length, 1, `${typed} in ${written}`);
      assert.match(snippetOf(text, words), /\u0002/);
    }
  });

  it('may go on at its end alone, not where it is joined', () => {
    assert.equal(hitsIn('foo_bargain', searchWords('foo_bar')).length, 1);
    assert.deepEqual(hitsIn('footer_bar', searchWords('foo_bar')), []);
  });

  it('is found without cutting all of it into words', () => {
    for (const needle of ['needle', 'Übermut', '変更', 'HttpServer', 'naïve.needle']) {
      const text = `${filler}${needle} ${filler}`;
      assert.deepEqual(
        hitsIn(text, searchWords(needle)).map(({ start, end }) => text.slice(start, end)),
        [needle],
      );
      assert.ok(looked(text, needle) < 5_000, needle);
    }
    assert.equal(looked(filler, 'nowhere'), 0);
  });

  it('is found wherever it stands, and once', () => {
    const line = 'a.b cD 設定、次に e '.repeat(400);
    for (let at = 1_900; at < 2_200; at += 7) {
      const text = `${line.slice(0, at)} xyZzy.設定 ${line.slice(at)}`;
      for (const typed of ['Zzy.設', 'xyzzy', 'zzy'])
        assert.equal(hitsIn(text, searchWords(typed)).length, 1, `${typed} at ${at}`);
    }
  });

  it('is no longer looked for in a text beyond its first million of characters', () => {
    const text = `${'x '.repeat(600_000)}needle`;
    assert.deepEqual(hitsIn(text, searchWords('needle')), []);
    assert.match(snippetOf(text, searchWords('needle')), /^x x .*…$/);
  });
});

describe('a snippet', () => {
  const snippet = (text: string, typed: string): string => marked(snippetOf(text, searchWords(typed)));

  it('is one line of whole words, without marks of the text itself', () => {
    assert.equal(snippet('one\n\ttwo \u0002three\u0003 four', 'thr'), 'one two [three] four');
    assert.equal(snippet('x', 'nothing of it'), 'x');
    assert.equal(snippet('', 'a'), '');
    const words = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ');
    assert.equal(
      snippet(words, 'word150'),
      '…word144 word145 word146 word147 word148 word149 [word150] word151 word152 word153 word154 word155 word156 word157 word158 word159 word160 word161 word162 word163 word164 word165…',
    );
  });

  it('shows the place that has most of the words', () => {
    const text = `alpha ${'filler '.repeat(60)}beta alpha gamma ${'filler '.repeat(60)}`;
    assert.match(snippet(text, 'alpha beta gamma'), /^….*\[beta\] \[alpha\] \[gamma\].*…$/);
  });

  it('is found without looking at what follows the first place that has all of the words', () => {
    let asked = 0;
    const text = `alpha beta ${'filler alpha '.repeat(5_000)}`;
    const counted = searchWords('alpha beta').map((word) => ({
      ...word,
      get needle(): string {
        asked += 1;
        return word.needle;
      },
    }));
    assert.match(marked(snippetOf(text, counted)), /^\[alpha\] \[beta\] filler \[alpha\] filler/);
    assert.ok(asked <= 4, `${asked} looks for two words`);
  });

  it('never cuts a letter in two', () => {
    const text = `${'😀'.repeat(300)} target ${'😀'.repeat(300)}`;
    assert.ok(snippet(text, 'target').isWellFormed());
    assert.equal(snippet(text, 'target').includes('\ufffd'), false);
  });

  it('marks hits at the places where they are', () => {
    assert.deepEqual(hitsIn('getHTTPServerName2 İstanbul e\u0301te', searchWords('HTTPServer name istan été')), [
      { word: 0, start: 3, end: 13 },
      { word: 1, start: 13, end: 18 },
      { word: 2, start: 19, end: 27 },
      { word: 3, start: 28, end: 32 },
    ]);
  });
});

function marked(snippet: string): string {
  return snippet.replaceAll('\u0002', '[').replaceAll('\u0003', ']');
}
