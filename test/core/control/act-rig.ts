/** A run whose calls the test holds, and a person who acts on it. */
import assert from 'node:assert/strict';
import type { Result } from '../../../src/base/result.ts';
import type { Failure } from '../../../src/core/failure.ts';
import type { RunHandle } from '../../../src/core/orchestrator.ts';
import type { ActionDone, PersonAction } from '../../../src/core/person-action.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import type { RunOptions, RunRequest } from '../../../src/core/run-request.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { engineFixture, type EngineFixture, type FixtureOptions } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend, type RecordedCall } from '../../support/scripted-backend.ts';
import { watchAppends } from '../../support/watched-journal.ts';

export function task(id: string, own: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title: `Task ${id}`, objective: `Do ${id}.`, mode: 'autonomous', dependsOn: [], inputs: [], ...own };
}

/** The next append that has such an event waits until `open`. */
export interface Gate {
  readonly hold: (isSuch: (body: RunEventBody) => boolean) => void;
  /** Resolves when the append has come. */
  readonly held: () => Promise<void>;
  readonly open: () => void;
}

export interface Team {
  readonly fixture: EngineFixture;
  readonly handle: RunHandle;
  readonly worker: ScriptedBackend;
  readonly other: ScriptedBackend;
  readonly gate: Gate;
  readonly clock: ManualClock;
  readonly act: (action: PersonAction, run?: string) => Promise<Result<ActionDone, Failure>>;
  /** Lets everything that can happen happen. */
  readonly settle: () => Promise<void>;
  /** The call of the task that goes on. */
  readonly open: (task: string) => Promise<RecordedCall>;
  /** Waits until the tasks are so. */
  readonly become: (statuses: string, run?: string) => Promise<void>;
  readonly state: (run?: string) => RunState;
}

export interface TeamOptions extends Partial<Omit<FixtureOptions, 'backends'>> {
  readonly options?: Partial<RunOptions>;
  /** Instead of the two. */
  readonly backends?: readonly ScriptedBackend[];
}

/** A run of these tasks whose calls the test holds; results are the answer. */
export async function team(
  tasks: readonly TaskSpec[],
  { isPlanned = true, ...request }: Partial<RunRequest> & { readonly isPlanned?: boolean } = {},
  { options, backends: own, ...more }: TeamOptions = {},
): Promise<Team> {
  const worker = new ScriptedBackend({ id: 'worker', maxConcurrency: 8 });
  const other = new ScriptedBackend({ id: 'other', canOrchestrate: false, goodAt: ['rare'] });
  const clock = new ManualClock();
  const { journal, gate } = gatedJournal(clock);
  const backends = own ?? [worker, other];
  const fixture = engineFixture({ journal, clock, ...more, backends });
  const handle = await fixture.start(
    { text: 'go', ...(isPlanned ? { plan: { request: 'go', tasks } } : {}), ...request },
    { synthesis: false, ...options },
  );
  const settle = async (): Promise<void> => {
    for (let step = 0; step < 30; step++) await new Promise((resolve) => setImmediate(resolve));
  };
  const state = (run = handle.run): RunState => fixture.engine.state(run) ?? assert.fail(`no run ${run}`);
  const statuses = (run?: string): string =>
    [...state(run).tasks.values()].map(({ id, status }) => `${id} ${status}`).join(', ');
  await settle();
  return {
    fixture,
    handle,
    worker,
    other,
    gate,
    clock,
    state,
    act: async (action, run = handle.run) => {
      const done = await fixture.engine.act(run, action);
      await settle();
      return done;
    },
    settle,
    open: async (id) => {
      let call: RecordedCall | undefined;
      const look = (): boolean => {
        call = backends.flatMap(({ calls }) => calls).find((one) => one.isOpen && one.request.key.task === id);
        return call !== undefined;
      };
      await until(look, () => `no open call of ${id}: ${statuses()}`);
      return call ?? assert.fail();
    },
    become: (wanted, run) =>
      until(
        () => statuses(run) === wanted,
        () => `${statuses(run)}\nis not\n${wanted}`,
      ),
  };
}

function gatedJournal(clock: ManualClock): {
  readonly journal: NonNullable<FixtureOptions['journal']>;
  readonly gate: Gate;
} {
  let wanted: ((body: RunEventBody) => boolean) | undefined;
  let held = Promise.withResolvers<void>();
  let opened = Promise.withResolvers<void>();
  const journal = watchAppends(createMemoryJournal({ clock }), async (bodies, write) => {
    if (wanted !== undefined && bodies.some(wanted)) {
      wanted = undefined;
      held.resolve();
      await opened.promise;
    }
    return write();
  });
  const gate: Gate = {
    hold: (isSuch) => {
      wanted = isSuch;
      held = Promise.withResolvers<void>();
      opened = Promise.withResolvers<void>();
    },
    held: () => held.promise,
    open: () => opened.resolve(),
  };
  return { journal, gate };
}

/** Hashing is done by other threads, so the number of steps until something happens is not known; mocha's timeout bounds it. */
async function until(isSo: () => boolean, what: () => string): Promise<void> {
  const giveUpAt = performance.now() + 1_500;
  while (!isSo()) {
    if (performance.now() > giveUpAt) assert.fail(what());
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function said(done: Result<ActionDone, Failure>): string {
  return done.ok ? done.value.what : `refused: ${done.error.message}`;
}

export async function reply(on: Team, id: string, text = `Result of ${id}.`): Promise<void> {
  (await on.open(id)).reply({ text });
  await on.settle();
}
