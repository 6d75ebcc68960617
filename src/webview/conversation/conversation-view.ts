/**
 * What the panel of a task's conversation shows, as the extension hands it over. All texts are raw: whoever draws them sees
 * to it that they stay text.
 */

/** A text, whole or its beginning. */
export interface ShownText {
  readonly text: string;
  /** There is more of it: ask for the whole by this key. */
  readonly more?: { readonly key: string; readonly bytes: number };
}

/** A name and a value, for a line of facts. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Another task, and how it stands. */
export interface TaskLink {
  readonly run: string;
  readonly task: string;
  readonly title: string;
  readonly status: string;
}

export type InputShown =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'text'; readonly text: ShownText };

export interface CandidateShown {
  readonly backend: string;
  readonly verdict: string;
  readonly score: string;
  readonly why: string;
}

export interface FileShown {
  readonly path: string;
  readonly note: string;
}

export interface EditShown {
  readonly path: string;
  /** `created`, `modified`, `deleted`, `renamed from a.ts`. */
  readonly change: string;
  /** Lines; null: not known. */
  readonly added: number | null;
  readonly removed: number | null;
  /** It is in the run's proposal, so that its diff can be opened. */
  readonly canOpen: boolean;
  /** Key of the change as a diff. */
  readonly diff: string | null;
}

export interface PartShown {
  readonly title: string;
  readonly state: 'read' | 'reading' | 'waiting' | 'failed';
  readonly note: string;
}

export const CHECK_OUTCOMES = ['passed', 'failed', 'broken'] as const;

/** One check of a deliverable. `broken`: it could not be made. */
export interface CheckShown {
  readonly check: string;
  readonly outcome: (typeof CHECK_OUTCOMES)[number];
  /** Empty for one that passed. */
  readonly why: string;
  readonly notes: readonly string[];
}

export type ItemBody =
  | {
      readonly kind: 'brief';
      readonly objective: ShownText;
      readonly facts: readonly Fact[];
      readonly deliverable: string | null;
      readonly needs: readonly TaskLink[];
      readonly inputs: readonly InputShown[];
      readonly given: readonly FileShown[];
      readonly withheld: readonly FileShown[];
      /** What it goes on from. */
      readonly earlier: readonly { readonly role: 'user' | 'assistant'; readonly text: ShownText }[];
    }
  | { readonly kind: 'route'; readonly why: string; readonly candidates: readonly CandidateShown[] }
  | { readonly kind: 'note'; readonly text: string; readonly link: TaskLink | null }
  | {
      readonly kind: 'message';
      readonly by: 'user' | 'model';
      readonly name: string;
      readonly meta: string;
      readonly text: ShownText;
      /** Whom it asks; null: it is no question. */
      readonly asks: Asked | null;
      /** For programs, not for people: shown folded, as it is. */
      readonly isData: boolean;
      /** Key of what was sent to the model. */
      readonly prompt: string | null;
      /** Its text arrives. */
      readonly isOpen: boolean;
    }
  | {
      readonly kind: 'failure';
      readonly title: string;
      readonly message: string;
      readonly whatToDo: string;
      readonly partial: ShownText | null;
      readonly meta: string;
      readonly prompt: string | null;
    }
  | {
      readonly kind: 'tool';
      readonly name: string;
      readonly brief: string;
      readonly outcome: string;
      readonly isOk: boolean;
      readonly time: string;
      /** Keys of the arguments (JSON) and of what the model was told. */
      readonly arguments: string;
      readonly result: string;
    }
  | {
      readonly kind: 'reading';
      readonly done: number;
      readonly parts: readonly PartShown[];
      readonly unread: readonly string[];
    }
  | {
      readonly kind: 'result';
      readonly title: string;
      readonly text: ShownText;
      readonly notes: readonly string[];
      readonly meta: string;
      readonly prompt: string | null;
    }
  | { readonly kind: 'edits'; readonly files: readonly EditShown[]; readonly canReview: boolean }
  /** How a submission was judged. `verdict`: in a sentence. */
  | { readonly kind: 'checks'; readonly verdict: string; readonly checks: readonly CheckShown[] }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }
  | { readonly kind: 'spend'; readonly rows: readonly SpendRow[]; readonly total: string }
  | { readonly kind: 'attempt'; readonly title: string; readonly items: readonly Item[] };

export interface SpendRow {
  readonly backend: string;
  readonly calls: string;
  readonly input: string;
  readonly output: string;
  readonly cost: string;
}

/** One piece of the conversation. Pieces with the same key are the same piece, perhaps changed. */
export type Item = { readonly key: string } & ItemBody;
export type ItemOf<Kind extends Item['kind']> = Extract<Item, { readonly kind: Kind }>;

export const STATUS_ICONS = ['pending', 'active', 'waiting', 'completed', 'failed', 'stopped'] as const;
export type StatusIcon = (typeof STATUS_ICONS)[number];

export interface Head {
  readonly run: string;
  readonly task: string;
  readonly title: string;
  readonly request: string;
  readonly status: { readonly icon: StatusIcon; readonly words: string };
  readonly facts: readonly Fact[];
  /**
   * For how long somebody had it in hand, milliseconds; null: it has not begun, or nobody knows when it ended. It goes on
   * `sinceMs` (wall time) on top of that; null: it does not.
   */
  readonly time: { readonly ms: number; readonly sinceMs: number | null } | null;
}

/** What a button does. `say` and `continue` send what stands in the box. */
export const ACTS = [
  'say',
  'continue',
  'go-on',
  'stop-and-keep',
  'stop',
  'retry',
  'retry-elsewhere',
  'mark-done',
  'approve',
  'resume',
] as const;
export type Act = (typeof ACTS)[number];

/** What a person wished. `text`: what stood in the box, where the act sends it. */
export interface Wish {
  /** From 1, over all pages of a panel. */
  readonly id: number;
  readonly act: Act;
  readonly text: string;
}

export interface ActButton {
  readonly act: Act;
  readonly label: string;
  /** What will happen. */
  readonly hint: string;
}

export const ASKED = ['you', 'its supervisor'] as const;
export type Asked = (typeof ASKED)[number];

/** The foot of the panel. */
export interface Box {
  /** What the task asked and waits for. */
  readonly question: ShownText | null;
  readonly asks: Asked;
  /** It waits for a word, whether it asked or not. */
  readonly isWaiting: boolean;
  /** What Enter does; null: nothing can be said now, and why. */
  readonly send: (ActButton & { readonly placeholder: string }) | null;
  readonly whyNot: string;
  readonly buttons: readonly ActButton[];
}

export interface ConversationView {
  readonly head: Head;
  /** In their order. */
  readonly items: readonly Item[];
  readonly box: Box;
  /** New text may arrive. */
  readonly isLive: boolean;
}
