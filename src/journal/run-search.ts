/** Which runs hold all words of a search, and where. Only reads. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FoundText } from '../core/ports.ts';
import { TEXTS_OF_A_RUN } from './migrations.ts';
import { numberIn, textIn, type Row } from './row.ts';
import { titleIn, type TextKind } from './run-digest.ts';
import { snippetOf } from './search-snippet.ts';
import { ftsQuery, searchWords, type SearchWord } from './search-words.ts';

/** Texts that are shown of each run. */
export const FOUND_TEXTS = 3;
/** So many texts are looked at for the second and third of a run. */
const RANKED_TEXTS = 2_000;
/** Ranking more texts than this takes too long, and words of so many are no measure. */
const TELLING_TEXTS = 4_000;

/** Some milliseconds of work. */
const CHARS_AT_ONCE = 250_000;

interface CountedWord {
  readonly word: SearchWord;
  /** That hold it. */
  readonly texts: number;
}

export interface LookedUp {
  readonly words: readonly CountedWord[];
  readonly numbers: readonly number[];
}

export interface FoundTexts {
  /** Less is better. */
  readonly rank: number;
  /** Ids of the best few, best first. */
  readonly ids: readonly number[];
}

export class RunSearch {
  readonly #holding: StatementSync;
  readonly #ranked: StatementSync;
  readonly #newest: StatementSync;
  readonly #text: StatementSync;

  constructor(db: DatabaseSync) {
    this.#holding = db.prepare(
      `SELECT rowid / ${TEXTS_OF_A_RUN} AS number, count(*) AS texts FROM run_search WHERE run_search MATCH ? GROUP BY 1`,
    );
    this.#ranked = db.prepare(
      'SELECT rowid AS id, rank FROM run_search WHERE run_search MATCH ? ORDER BY rank, rowid DESC',
    );
    this.#newest = db.prepare(
      'SELECT rowid AS id, 0 AS rank FROM run_search WHERE run_search MATCH ? ORDER BY rowid DESC',
    );
    this.#text = db.prepare(
      `SELECT kind, task, whole.text AS text,
       (SELECT text FROM run_texts AS brief WHERE brief.number = run_texts.number AND brief.kind = 'task'
        AND brief.task = run_texts.task) AS brief
       FROM run_texts JOIN run_texts_whole AS whole USING (id) WHERE id = ?`,
    );
  }

  /** The runs that hold every word, each anywhere; undefined: there is nothing to look for, which all runs hold. */
  lookUp(text: string): LookedUp | undefined {
    if (text.trim() === '') return undefined;
    const words: CountedWord[] = [];
    let numbers: readonly number[] = [];
    for (const [index, word] of searchWords(text).entries()) {
      const rows = this.#holding.all(ftsQuery(word));
      words.push({ word, texts: rows.reduce((sum, row) => sum + numberIn(row, 'texts'), 0) });
      const found = rows.map((row) => numberIn(row, 'number'));
      const foundToo = new Set(found);
      numbers = index === 0 ? found : numbers.filter((number) => foundToo.has(number));
      if (numbers.length === 0) break;
    }
    return { words, numbers };
  }

  /** The best `limit` of the runs, by their best text. Words that are all over say nothing of how good a text is: then the newest. */
  best({ words, numbers }: LookedUp, limit: number): ReadonlyMap<number, FoundTexts> {
    let texts = 0;
    const telling = words
      .toSorted((a, b) => a.texts - b.texts)
      .filter((word) => {
        texts += word.texts;
        return texts <= TELLING_TEXTS;
      });
    const rows = telling.length > 0 ? this.#ranked.iterate(anyOf(telling)) : this.#newest.iterate(anyOf(words));
    return bestOf(rows, new Set(numbers), limit);
  }

  /** The first texts, as many as are looked through in a moment; at least one. Undefined: it is no longer there. */
  show(ids: readonly number[], words: readonly SearchWord[]): readonly (FoundText | undefined)[] {
    const shown: (FoundText | undefined)[] = [];
    for (let chars = 0; shown.length < ids.length && chars < CHARS_AT_ONCE;) {
      const row = this.#text.get(ids[shown.length] ?? 0);
      const text = row === undefined ? '' : textIn(row, 'text');
      chars += text.length;
      shown.push(row === undefined ? undefined : foundText(row, snippetOf(text, words)));
    }
    return shown;
  }
}

function foundText(row: Row, snippet: string): FoundText {
  const task = textIn(row, 'task');
  const title = typeof row['brief'] === 'string' ? titleIn(row['brief']) : null;
  return { kind: textIn(row, 'kind') as TextKind, task: task === '' ? null : task, title, snippet };
}

/** Rows come best first. Ends when `limit` runs have their texts, or when only such follow that hardly matter. */
function bestOf(
  rows: Iterable<Row>,
  numbers: ReadonlySet<number>,
  limit: number,
): ReadonlyMap<number, { readonly rank: number; readonly ids: readonly number[] }> {
  const best = new Map<number, { readonly rank: number; readonly ids: number[] }>();
  let complete = 0;
  let seen = 0;
  for (const row of rows) {
    seen += 1;
    const id = numberIn(row, 'id');
    const number = Math.floor(id / TEXTS_OF_A_RUN);
    const known = best.get(number);
    if (known === undefined && numbers.has(number) && best.size < limit)
      best.set(number, { rank: numberIn(row, 'rank'), ids: [id] });
    else if (known !== undefined && known.ids.length < FOUND_TEXTS) {
      known.ids.push(id);
      if (known.ids.length === FOUND_TEXTS) complete += 1;
    }
    const hasAll = best.size === Math.min(limit, numbers.size);
    if (hasAll && (complete === best.size || seen > RANKED_TEXTS)) break;
  }
  return best;
}

function anyOf(words: readonly CountedWord[]): string {
  return words.map(({ word }) => ftsQuery(word)).join(' OR ');
}
