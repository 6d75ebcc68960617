/** Two engines over one journal, each with its feed, and a run of the first that goes on as a test says. */
import { createRunFeed, type ClosableRunFeed, type FedRun, type RunFeedDeps } from '../../src/app/run-feed.ts';
import type { Subscription } from '../../src/base/emitter.ts';
import type { TaskSpec } from '../../src/core/plan/plan.ts';
import type { Journal } from '../../src/core/ports.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { engineFixture, type EngineFixture } from './engine-fixture.ts';
import { Folders } from './folders.ts';
import { ManualClock } from './manual-clock.ts';
import { ScriptedBackend } from './scripted-backend.ts';

export function task(id: string, dependsOn: readonly string[] = []): TaskSpec {
  return { id, title: id, objective: `Do ${id}.`, mode: 'autonomous', dependsOn, inputs: [] };
}

/** `running: a active, b pending`. */
function told({ state, liveness, isOwn }: FedRun): string {
  const tasks = [...state.tasks.values()].map(({ id, status }) => `${id} ${status}`);
  return `${isOwn ? 'own' : 'other'} ${liveness}: ${tasks.join(', ') || state.phase}`;
}

export function readsOf(journal: Journal): RunFeedDeps['journal'] {
  return { readRun: (...given) => journal.readRun(...given), summary: (run) => journal.summary(run) };
}

/** Counts what is read, so that it can be told when reading has stopped. */
export function counting(journal: Journal): {
  readonly journal: Journal;
  readonly reads: () => number;
  readonly after: number[];
  fails: boolean;
} {
  let reads = 0;
  const after: number[] = [];
  const counted = {
    journal: new Proxy(journal, {
      get: (target, name: keyof Journal) => {
        const own: unknown = Reflect.get(target, name);
        if (typeof own !== 'function') return own;
        return (...given: readonly unknown[]): unknown => {
          if (name === 'readRun') {
            reads += 1;
            after.push((given[1] as { readonly afterSeq?: number }).afterSeq ?? 0);
          }
          if (counted.fails && (name === 'readRun' || name === 'summary'))
            return Promise.resolve({ ok: false, error: { reason: 'journal', message: 'No.', whatToDo: '' } });
          return Reflect.apply(own, target, given);
        };
      },
    }),
    reads: () => reads,
    /** From where on each time. */
    after,
    fails: false,
  };
  return counted;
}

export class FeedRig {
  readonly clock = new ManualClock();
  readonly backend = new ScriptedBackend({ id: 'b' });
  readonly #shared = createMemoryJournal({ clock: this.clock });
  readonly journal = counting(this.#shared);
  readonly here = this.#engine('here');
  readonly there = this.#engine('there');
  readonly feed = this.#feed(this.here, this.#shared);
  readonly elsewhere = this.#feed(this.there, this.journal.journal);

  async startHere(): Promise<string> {
    const tasks = [task('a'), task('b', ['a'])];
    const { run } = await this.here.start({ text: 'Do it.', plan: { request: 'Do it.', tasks } }, { synthesis: false });
    await this.clock.flush();
    return run;
  }

  async reply(): Promise<void> {
    this.backend.calls.at(-1)?.reply({ text: 'done' });
    await this.clock.flush();
  }

  following(of: ClosableRunFeed, run: string): { readonly seen: string[]; readonly end: Subscription } {
    const seen: string[] = [];
    return { seen, end: of.follow(run, (now) => seen.push(`${this.clock.monotonicMs()} ${told(now)}`)) };
  }

  #engine(ids: string): EngineFixture {
    return engineFixture({ backends: [this.backend], journal: this.#shared, clock: this.clock, ids });
  }

  #feed({ engine }: EngineFixture, journal: RunFeedDeps['journal']): ClosableRunFeed {
    return createRunFeed({ orchestrator: engine, journal, folders: new Folders(), clock: this.clock });
  }
}
