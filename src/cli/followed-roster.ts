import { loadConfig } from '../config/load-config.ts';
import type { RawSettings } from '../config/raw-settings.ts';

const ROSTER = 'orchestrator.roster';

/**
 * The settings of a roster file that may be edited while a command goes on. Only its backends are taken anew: what else it
 * allows stays as it was, because who edits it need not be who started the command.
 */
export class FollowedRoster {
  readonly #start: RawSettings;
  readonly #startHosts: ReadonlySet<string>;
  readonly #laterHosts = new Set<string>();
  #now: RawSettings;

  constructor(start: RawSettings) {
    this.#start = start;
    this.#startHosts = hostsOf(start);
    this.#now = start;
  }

  get settings(): RawSettings {
    return this.#now;
  }

  take(edited: RawSettings): void {
    const roster = edited[ROSTER];
    if (roster === undefined) return;
    const now = { ...this.#start, [ROSTER]: roster };
    for (const host of hostsOf(now)) if (!this.#startHosts.has(host)) this.#laterHosts.add(host);
    this.#now = now;
  }

  /** Did it come with an edit? `--yes` was not said of it. */
  isLater(host: string): boolean {
    return this.#laterHosts.has(host);
  }
}

function hostsOf(settings: RawSettings): ReadonlySet<string> {
  const { roster } = loadConfig(settings, { isTrusted: true, insideVsCode: false });
  return new Set(roster.flatMap(({ description }) => description.host ?? []));
}
