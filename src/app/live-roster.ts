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
import { discoverOllama } from '../backends/discover-ollama.ts';
import { discoveredRoster, type Discovered } from '../config/discovered-roster.ts';
import type { AgentFile } from '../config/agent-file.ts';
import { loadConfig, type Config } from '../config/load-config.ts';
import { describeProblem } from '../config/problem.ts';
import type { Backend } from '../core/backend.ts';
import type { Logger, Roster } from '../core/ports.ts';
import { readAgentFiles } from './agent-files.ts';
import { makeBackend } from './make-backend.ts';
import type { RosterReload, ShellPorts } from './shell.ts';

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
  #agentFiles: readonly AgentFile[] = [];
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

  async reload(how: RosterReload): Promise<void> {
    if (how.keepsAgents !== true)
      this.#agentFiles = this.#ports.isTrusted() ? await readAgentFiles(this.#ports.folders) : [];
    this.#config = this.#load();
    if (how.discover && !this.#config.isRosterConfigured && this.#ports.isTrusted())
      this.#found = await this.#discover();
    const before = this.#built;
    this.#build();
    const ids = new Set([...before.keys(), ...this.#built.keys()]);
    const edited = [...ids].filter((id) => before.get(id)?.signature !== this.#built.get(id)?.signature);
    this.#changes.emit({ edited });
  }

  #load(): Config {
    return loadConfig(this.#ports.settings(), {
      isTrusted: this.#ports.isTrusted(),
      insideVsCode: this.#ports.lmBackend !== undefined,
      agentFiles: this.#agentFiles,
    });
  }

  #build(): void {
    const isTrusted = this.#ports.isTrusted();
    const entries = !isTrusted
      ? discoveredRoster(NOTHING_FOUND)
      : this.#config.isRosterConfigured
        ? this.#config.roster
        : discoveredRoster(this.#found);
    const built = new Map<string, { readonly signature: string; readonly backend: Backend }>();
    const unusable: string[] = [];
    for (const entry of entries) {
      const { id } = entry.description;
      const signature = JSON.stringify(entry);
      const known = this.#built.get(id);
      const backend = known?.signature === signature ? known.backend : makeBackend(entry, this.#ports, this.#clock);
      if (backend === undefined)
        unusable.push(`${id}: provider vscode works only inside VS Code; its tasks go to the next backend that fits.`);
      else built.set(id, { signature, backend });
    }
    this.#built = built;
    this.#problems = [...this.#config.problems.map(describeProblem), ...unusable];
  }

  async #discover(): Promise<Discovered> {
    const [lmModels, ollama] = await Promise.all([this.#findLm(), findOllama(this.#clock, this.#ports.logger)]);
    return { lmModels, ollamaModels: ollama };
  }

  /** What VS Code cannot tell now is looked for again next time; the other backends work without it. */
  async #findLm(): Promise<Discovered['lmModels']> {
    try {
      return (await this.#ports.discoverLm?.()) ?? [];
    } catch (error) {
      this.#ports.logger.error('The models of VS Code could not be listed', error);
      return [];
    }
  }
}

async function findOllama(clock: Clock, logger: Logger): Promise<readonly string[]> {
  const models = await discoverOllama({ clock, logger, signal: new AbortController().signal });
  return models.ok ? models.value.map((model) => model.name) : [];
}
