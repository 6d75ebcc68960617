/** What the steps of "Add a Backend" need from the outside. */
import type { BackendTrial } from '../../app/shell.ts';
import type { LmSelector } from '../../config/lm-selector.ts';
import type { BoundSecret } from '../consent/secret-record.ts';

export interface Question {
  readonly title: string;
  readonly placeHolder: string;
}

export interface Choice<T> {
  readonly label: string;
  readonly description?: string;
  readonly value: T;
}

export interface InputQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly value: string;
  readonly isSecret?: boolean;
  /** Why the text cannot be taken; undefined: it can. */
  readonly validate: (text: string) => string | undefined;
}

/** Every question answers undefined when the user leaves it. */
export interface Asking {
  pick<T>(question: Question, choices: readonly Choice<T>[]): Promise<T | undefined>;
  pickMany<T>(
    question: Question,
    choices: readonly (Choice<T> & { readonly picked: boolean })[],
  ): Promise<readonly T[] | undefined>;
  input(question: InputQuestion): Promise<string | undefined>;
  /** Shows that something works and lets the user stop it. */
  busy<T>(title: string, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined>;
  warn(message: string, buttons: readonly string[]): Promise<string | undefined>;
  told(message: string, buttons: readonly string[]): Promise<string | undefined>;
}

export type RosterTarget = 'user' | 'workspace';

export interface RosterSettings {
  /** What stands in the settings of that level now. */
  entries(target: RosterTarget): readonly unknown[];
  write(target: RosterTarget, entries: readonly unknown[]): Promise<void>;
  /** Ids of all backends there are, and of entries that are faulty. */
  ids(): readonly string[];
  isConfigured(): boolean;
  hasWorkspace(): boolean;
  isApiAllowed(): boolean;
  allowApi(): Promise<void>;
}

export interface KeyStore {
  names(): Promise<readonly string[]>;
  get(name: string): Promise<BoundSecret | undefined>;
  store(name: string, secret: BoundSecret): Promise<void>;
  delete(name: string): Promise<void>;
}

export interface AddBackendPorts {
  readonly ask: Asking;
  readonly trial: BackendTrial;
  readonly roster: RosterSettings;
  readonly secrets: KeyStore;
  /** Models that VS Code offers, never our own. */
  readonly lmModels: () => Promise<readonly LmSelector[]>;
  readonly consent: (host: string, backends: readonly string[], signal: AbortSignal) => Promise<boolean>;
  readonly nowMs: () => number;
}
