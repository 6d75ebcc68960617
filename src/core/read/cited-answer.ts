/** Citations on their way through the last turn: results show `[[n]]` in place of links, the answer gets the links back. */
import type { ChatMessage } from '../backend.ts';
import type { CitedCounts } from '../run-event.ts';
import { payloadText } from '../run-event.ts';
import type { RunState, TaskState } from '../run-state.ts';
import { CitationFilter } from './citation-filter.ts';
import { citationLink, type Citation, type CitationReport } from './citation.ts';
import { struckNote, withoutStruckNotes } from './render-claims.ts';

/** All that the results of a run cite; `[[n]]` is the n-th of them. */
export interface RunCitations {
  readonly known: readonly Citation[];
  /** Files whose lines are only named with a citation: those that reading tasks read. */
  readonly files: readonly string[];
  /** Quotations that were struck in the results. */
  readonly struck: number;
  /** What was not read for the results, a sentence for each reason. */
  readonly notRead: readonly string[];
}

/** As their reports are in the record. */
export function citationsOf(state: RunState): RunCitations {
  const tasks = [...state.tasks.values()].filter((task) => task.status === 'completed' && task.citations !== null);
  const known = new Map<string, Citation>();
  for (const task of tasks) {
    for (const citation of reportOf(task)?.verified ?? []) {
      const link = citationLink(citation);
      if (!known.has(link)) known.set(link, citation);
    }
  }
  return {
    known: [...known.values()],
    files: [...new Set(tasks.flatMap((task) => task.files.map(({ path }) => path)))],
    struck: tasks.reduce((sum, task) => sum + (task.cited?.struck ?? 0), 0),
    notRead: [...new Set(tasks.flatMap((task) => reportOf(task)?.notRead ?? []))],
  };
}

/** Over all results, and what of the answer could not be verified; undefined when nothing was cited. */
export function countRunCitations(state: RunState): CitedCounts | undefined {
  const all = [...state.tasks.values()]
    .filter((task) => task.status === 'completed')
    .flatMap(({ cited }) => (cited === null ? [] : [cited]));
  const inAnswer = [...state.turns.values()].reduce((sum, { cited }) => sum + (cited?.struck ?? 0), 0);
  const counts = {
    verified: all.reduce((sum, { verified }) => sum + verified, 0),
    struck: all.reduce((sum, { struck }) => sum + struck, inAnswer),
    unchecked: all.some(({ unchecked }) => unchecked),
  };
  return counts.verified + counts.struck === 0 && !counts.unchecked ? undefined : counts;
}

function reportOf({ citations }: TaskState): CitationReport | undefined {
  // As this engine journaled it.
  return citations === null ? undefined : (JSON.parse(payloadText(citations)) as CitationReport);
}

/** Bounded, so that a text of nothing but brackets costs no more than any other. */
const LINK = /\[(?:\\.|[^[\]\\\n])*\]\([^()\s]{1,8192}#L\d+(?:-L\d+)?\)/g;

/** Each link to lines of a file, as it stands in the text. */
export function citationLinksIn(text: string): readonly string[] {
  return [...text.matchAll(LINK)].map(([link]) => link);
}

/** A result as the one who writes the answer is shown it. */
export function withNumbers(text: string, { known }: RunCitations): string {
  if (known.length === 0) return withoutStruckNotes(text);
  const numbers = new Map(known.map((citation, index) => [citationLink(citation), index + 1]));
  return withoutStruckNotes(text)
    .replaceAll(/\[\[(?=[\d ,\u2013-]{1,280}\]\])/g, '[ [')
    .replaceAll(LINK, (link) => {
      const number = numbers.get(link);
      return number === undefined ? link : `[[${number}]]`;
    });
}

/** The answer while it streams and when it is whole; both are the same text. */
export class CitedAnswer {
  readonly #citations: RunCitations;
  readonly #show: (text: string, restart: boolean) => void;
  #filter: CitationFilter;
  #numbers: ReadonlySet<number> | undefined;
  #shown = '';

  constructor(citations: RunCitations, show: (text: string, restart: boolean) => void) {
    this.#citations = citations;
    this.#show = show;
    this.#filter = this.#newFilter();
  }

  /** What the one who answers is asked: no other citations than those in it can be theirs. */
  asked(messages: readonly ChatMessage[]): void {
    const shown = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
    this.#numbers = new Set([...shown.join('\n').matchAll(/\[\[(\d+)\]\]/g)].map(([, number]) => Number(number)));
    this.#filter = this.#newFilter();
  }

  readonly add = (delta: string): void => this.#put(this.#filter.push(delta));

  readonly restart = (): void => {
    this.#filter = this.#newFilter();
    this.#shown = '';
    this.#show('', true);
  };

  /** The whole reply; shows what of it was not shown yet. Its report names what it links to and counts what it lost. */
  end(reply: string): { readonly text: string; readonly used: readonly Citation[]; readonly struck: number } {
    const filter = this.#newFilter();
    const text = `${filter.push(reply)}${filter.end()}`;
    if (text.startsWith(this.#shown)) this.#put(text.slice(this.#shown.length));
    else {
      this.#show('', true);
      this.#shown = '';
      this.#put(text);
    }
    return { text, used: filter.used, struck: filter.struck };
  }

  #put(text: string): void {
    if (text === '') return;
    this.#shown += text;
    this.#show(text, false);
  }

  #newFilter(): CitationFilter {
    return new CitationFilter(this.#citations.known, this.#citations.files, this.#numbers);
  }
}

const MOST_NOT_READ = 5;

/** What the reader of an answer must know: what was struck, in it and in the results it was written from, and what was not read. */
export function answerNote({ struck, notRead }: RunCitations, struckInAnswer: number): string {
  const more = notRead.length - MOST_NOT_READ;
  return [
    struckNote(struck + struckInAnswer, 'answer'),
    ...notRead.slice(0, MOST_NOT_READ).map((sentence) => `*${sentence.replaceAll('*', '\\*')}*`),
    ...(more > 0 ? [`*And for ${more} more reasons: see the results of the tasks.*`] : []),
  ]
    .filter((note) => note !== '')
    .join('\n\n');
}
