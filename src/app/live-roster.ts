/**
 * The roster that follows the settings.
 *
 * Owns: which backends there are now, and what is wrong with the rest. Does not own: the settings, calls, resting times.
 *
 * 1. An entry that did not change keeps its backend object; one that did gets a new one and starts afresh.
 * 2. In an untrusted workspace there is only the embedded backend.
 * 3. Where nothing is configured the roster is what was found: `vscode.lm`, a local Ollama, and always the embedded backend.
 */
import { Emitter, type Subscription } from '../base/emitter.ts';
import type { Clock } from '../base/clock.ts';
import { failure } from '../core/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { createBackend, featuresOf } from '../backends/create-backend.ts';
import { discoverOllama } from '../backends/discover-ollama.ts';
import { discoveredRoster, type Discovered } from '../config/discovered-roster.ts';
import { loadConfig, type Config } from '../config/load-config.ts';
import { describeProblem } from '../config/problem.ts';
import type { RosterEntry } from '../config/read-backend.ts';
import { resolveSecret } from '../config/secret-ref.ts';
import type { Backend, BackendDescription } from '../core/backend.ts';
import type { Failure } from '../core/failure.ts';
import type { Logger, Roster } from '../core/ports.ts';
import type { ShellPorts } from './shell.ts';

const NOTHING_FOUND: Discovered = { lmModels: [], ollamaModels: [] };

export interface RosterChange {
  /** Ids of entries that were added, edited or removed. */
  readonly edited: readonly string[];
}

export class LiveRoster implements Roster {
  readonly #ports: ShellPorts;
  readonly #clock: Clock;
  readonly #changes: Emitter<RosterChange>;
  #config: Config;
  #found: Discovered = NOTHING_FOUND;
  #built = new Map<string, { readonly signature: string; readonly backend: Backend }>();
  #problems: readonly string[] = [];

  constructor(ports: ShellPorts, clock: Clock) {
    this.#ports = ports;
    this.#clock = clock;
    this.#changes = new Emitter((error) => ports.logger.error('A listener of the roster failed', error));
    this.#config = this.#load();
  }

  get config(): Config {
    return this.#config;
  }

  backends(): readonly Backend[] {
    return [...this.#built.values()].map((built) => built.backend);
  }

  problems(): readonly string[] {
    return this.#problems;
  }

  onChange(listener: (change: RosterChange) => void): Subscription {
    return this.#changes.subscribe(listener);
  }

  async reload(how: { readonly discover: boolean }): Promise<void> {
    this.#config = this.#load();
    if (how.discover && !this.#config.isRosterConfigured && this.#ports.isTrusted()) this.#found = await this.#discover();
    const before = this.#built;
    this.#build();
    const ids = new Set([...before.keys(), ...this.#built.keys()]);
    const edited = [...ids].filter((id) => before.get(id)?.signature !== this.#built.get(id)?.signature);
    this.#changes.emit({ edited });
  }

  #load(): Config {
    return loadConfig(this.#ports.settings(), { isTrusted: this.#ports.isTrusted(), insideVsCode: this.#ports.lmBackend !== undefined });
  }

  #build(): void {
    const isTrusted = this.#ports.isTrusted();
    const entries = !isTrusted ? discoveredRoster(NOTHING_FOUND) : this.#config.isRosterConfigured ? this.#config.roster : discoveredRoster(this.#found);
    const built = new Map<string, { readonly signature: string; readonly backend: Backend }>();
    const unusable: string[] = [];
    for (const entry of entries) {
      const { id } = entry.description;
      const signature = JSON.stringify(entry);
      const known = this.#built.get(id);
      const backend = known?.signature === signature ? known.backend : this.#make(entry);
      if (backend === undefined) unusable.push(`${id}: provider vscode works only inside VS Code; its tasks go to the next backend that fits.`);
      else built.set(id, { signature, backend });
    }
    this.#built = built;
    this.#problems = [...this.#config.problems.map(describeProblem), ...unusable];
  }

  #make(entry: RosterEntry): Backend | undefined {
    const { provider } = entry.description;
    if (provider === 'vscode') {
      if (this.#ports.lmBackend === undefined || entry.selector === undefined) return undefined;
      return this.#ports.lmBackend({ ...entry.description, features: [] }, entry.selector);
    }
    const description: BackendDescription = { ...entry.description, features: featuresOf(provider) };
    return createBackend({
      description,
      ...(entry.baseUrl === undefined ? {} : { baseUrl: entry.baseUrl }),
      secret: () => this.#secretOf(entry),
      headers: entry.headers,
      extraBody: entry.extraBody,
      allowPlainHttp: entry.allowPlainHttp,
      clock: this.#clock,
      logger: this.#ports.logger,
    });
  }

  #secretOf(entry: RosterEntry): Promise<Result<{ readonly value: string } | undefined, Failure>> {
    if (entry.secretRef.kind === 'none') return Promise.resolve(ok(undefined));
    if (entry.origin === undefined) {
      return Promise.resolve(err(failure('secret-origin', `Backend ${entry.description.id} has no address that a key could belong to.`, { whatToDo: 'Set baseUrl, or set apiKey to "none".' })));
    }
    return resolveSecret(entry.secretRef, entry.origin, { secrets: this.#ports.secrets, env: this.#ports.env, level: entry.level });
  }

  async #discover(): Promise<Discovered> {
    const [lmModels, ollama] = await Promise.all([this.#ports.discoverLm?.() ?? [], findOllama(this.#clock, this.#ports.logger)]);
    return { lmModels, ollamaModels: ollama };
  }
}

async function findOllama(clock: Clock, logger: Logger): Promise<readonly string[]> {
  const models = await discoverOllama({ clock, logger, signal: new AbortController().signal });
  return models.ok ? models.value.map((model) => model.name) : [];
}
