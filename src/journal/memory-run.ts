/** One run of the journal in memory, with its digest and the texts that are searched. */
import type { FoundText, RunSummary } from '../core/ports.ts';
import type { Payload, RunEventBody } from '../core/run-event.ts';
import type { Spend } from '../core/spend.ts';
import type { StoredBody } from './recorded-body.ts';
import { titleIn, type RunDigest, type Stand, type TextKind } from './run-digest.ts';
import { FOUND_TEXTS } from './run-search.ts';
import { callId, type BegunCall, type SummaryChange } from './run-summary.ts';
import { hitsIn, holds } from './search-hits.ts';
import { snippetOf } from './search-snippet.ts';
import type { SearchWord } from './search-words.ts';

interface SearchedText {
  readonly kind: TextKind;
  readonly task: string;
  readonly text: string;
}

export class MemoryRun implements RunDigest {
  readonly run: string;
  readonly events: { readonly at: number; readonly stored: StoredBody }[] = [];
  readonly calls = new Set<string>();
  readonly exports = new Set<string>();
  summary: SummaryChange & { readonly startedAtMs: number; readonly spent: Spend };
  lastAt: number;
  /** Identity of the writer that holds the lease. */
  owner: object | null = null;
  readonly #textOf: (hash: string) => string | undefined;
  readonly #stands = new Map<string, Stand>();
  readonly #texts = new Map<string, SearchedText>();
  #from: string | null = null;
  #planWaits = false;
  #figures: { readonly tasks: number; readonly completed: number } | undefined;

  constructor(
    run: string,
    options: { readonly at: number; readonly spent: Spend; readonly textOf: (hash: string) => string | undefined },
  ) {
    this.run = run;
    this.lastAt = options.at;
    this.summary = { startedAtMs: options.at, spent: options.spent };
    this.#textOf = options.textOf;
  }

  stand(task: string): Stand | undefined {
    return this.#stands.get(task);
  }

  tasks(): readonly string[] {
    return [...this.#stands.keys()];
  }

  setStand(task: string, stand: Stand): void {
    this.#stands.set(task, stand);
  }

  setPlanWaits(waits: boolean): void {
    this.#planWaits = waits;
  }

  removeTask(task: string): void {
    this.#stands.delete(task);
  }

  get from(): string | null {
    return this.#from;
  }

  setFrom(run: string | null): void {
    this.#from = run;
  }

  setText(kind: TextKind, task: string, payload: Payload): void {
    const text = typeof payload === 'string' ? payload : (this.#textOf(payload.hash) ?? '');
    this.#texts.set(textKey(kind, task), { kind, task, text });
  }

  removeText(kind: TextKind, task: string): void {
    this.#texts.delete(textKey(kind, task));
  }

  finish(figures: { readonly tasks: number; readonly completed: number }): void {
    this.#stands.clear();
    this.#figures = figures;
  }

  holds(words: readonly SearchWord[]): boolean {
    const texts = [...this.#texts.values()];
    return words.every((word) => texts.some(({ text }) => holds(text, word)));
  }

  /** The best texts with any of the words, and how good the best one is: more is better. */
  find(words: readonly SearchWord[]): { readonly score: number; readonly found: readonly FoundText[] } {
    const scored = [...this.#texts.values()]
      .map((searched) => ({ searched, score: score(searched.text, words) }))
      .filter((one) => one.score > 0)
      .sort((a, b) => b.score - a.score);
    const found = scored.slice(0, FOUND_TEXTS).map(({ searched: { kind, task, text } }) => ({
      kind,
      task: task === '' ? null : task,
      title: titleIn(this.#texts.get(textKey('task', task))?.text ?? ''),
      snippet: snippetOf(text, words),
    }));
    return { score: scored[0]?.score ?? 0, found };
  }

  /** Of a run that has not finished: those whose end is not written down. */
  openCalls(): readonly BegunCall[] {
    if (this.summary.outcome !== undefined) return [];
    return this.events.flatMap(({ at, stored }) => {
      const body = stored as unknown as RunEventBody;
      return body.type === 'call.started' && !this.calls.has(callId(body.key)) ? [{ ...body, at }] : [];
    });
  }

  line(): RunSummary {
    const { request = '', startedAtMs, outcome = null, spent } = this.summary;
    const stands = [...this.#stands.values()];
    const first = this.events[0]?.stored;
    return {
      run: this.run,
      request,
      startedAtMs,
      liveness: outcome !== null ? 'finished' : this.owner !== null ? 'running' : 'interrupted',
      outcome,
      spent: outcome !== null ? spent : { ...spent, ms: Math.max(0, this.lastAt - startedAtMs) },
      tasks: this.#figures?.tasks ?? stands.length,
      completed: this.#figures?.completed ?? stands.filter((stand) => stand === 'completed').length,
      from: this.#from,
      workspace: typeof first?.['workspace'] === 'string' ? first['workspace'] : '',
      waitsForUser: outcome === null && (this.#planWaits || stands.includes('waiting')),
    };
  }
}

function textKey(kind: TextKind, task: string): string {
  return JSON.stringify([kind, task]);
}

/** Every word counts, often less than twice, and less in a long text. */
function score(text: string, words: readonly SearchWord[]): number {
  const hits = hitsIn(text, words);
  return words.reduce((sum, _, word) => {
    const times = hits.filter((hit) => hit.word === word).length;
    return sum + (times * 2) / (times + 1 + text.length / 10_000);
  }, 0);
}
