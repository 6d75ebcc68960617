import type { RawSettings } from '../config/raw-settings.ts';

/** Hosts of the entries that can be read. */
type HostsOf = (settings: RawSettings) => ReadonlySet<string>;

const ROSTER = 'orchestrator.roster';

/**
 * The settings of a roster file that may be edited while a command goes on. Only its backends are taken anew: what else it
 * allows stays as it was, because who edits it need not be who started the command.
 */
export class FollowedRoster {
  readonly #start: RawSettings;
  readonly #hostsOf: HostsOf;
  readonly #startHosts: ReadonlySet<string>;
  readonly #laterHosts = new Set<string>();
  #now: RawSettings;

  constructor(start: RawSettings, hostsOf: HostsOf) {
    this.#start = start;
    this.#hostsOf = hostsOf;
    this.#startHosts = hostsOf(start);
    this.#now = start;
  }

  get settings(): RawSettings {
    return this.#now;
  }

  /** Returns the hosts that come with this edit. */
  take(edited: RawSettings): readonly string[] {
    const roster = edited[ROSTER];
    if (roster === undefined) return [];
    this.#now = { ...this.#start, [ROSTER]: roster };
    const hosts = [...this.#hostsOf(this.#now)].filter(
      (host) => !this.#startHosts.has(host) && !this.#laterHosts.has(host),
    );
    for (const host of hosts) this.#laterHosts.add(host);
    return hosts;
  }

  /** Did it come with an edit, or with one that mended its entry? `--yes` was not said of it. */
  isLater(host: string): boolean {
    return this.#laterHosts.has(host);
  }
}
