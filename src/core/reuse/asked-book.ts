import { canonicalJson } from '../../base/canonical-json.ts';
import { sha256OfText } from '../edits/sha-256.ts';
import type { Asked } from '../run-event.ts';

/** The questions of each kind, as they are journaled. */
export interface Questions {
  /** `isLocal`: for a backend on this machine. */
  readonly read: { readonly path: string; readonly isLocal: boolean };
  readonly list: { readonly glob?: string; readonly limit: number };
  readonly search: {
    readonly query: string;
    readonly isRegex: boolean;
    readonly matchCase: boolean;
    readonly glob?: string;
    readonly limit: number;
    readonly isLocal: boolean;
  };
  readonly place: { readonly path: string };
}

/** Takes down what is asked of the workspace; the same question with the same answer once. */
export class AskedBook {
  readonly #known: readonly Asked[];
  readonly #fresh: Asked[] = [];

  constructor(known: readonly Asked[]) {
    this.#known = known;
  }

  get fresh(): readonly Asked[] {
    return this.#fresh;
  }

  async add<K extends Asked['kind']>(kind: K, question: Questions[K], answer: unknown): Promise<void> {
    const asked = { kind, query: canonicalJson(question), hash: await sha256OfText(canonicalJson(answer)) };
    if (!isAmong(this.#known, asked) && !isAmong(this.#fresh, asked)) this.#fresh.push(asked);
  }

  has(asked: Asked): boolean {
    return isAmong(this.#fresh, asked);
  }
}

function isAmong(all: readonly Asked[], { kind, query, hash }: Asked): boolean {
  return all.some((one) => one.hash === hash && one.kind === kind && one.query === query);
}
