/** Runs with a given plan, in which a person speaks to tasks. */
import assert from 'node:assert/strict';
import type { PersonAction } from '../../../src/core/person-action.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import type { RunFinished, RunHandle } from '../../../src/core/orchestrator.ts';
import { payloadText, type RunEvent } from '../../../src/core/run-event.ts';
import type { RunOptions, RunRequest } from '../../../src/core/run-request.ts';
import type { TaskState } from '../../../src/core/run-state.ts';
import { engineFixture, type EngineFixture, type FixtureOptions } from '../../support/engine-fixture.ts';
import { ScriptedBackend, type RecordedCall } from '../../support/scripted-backend.ts';

export function task(id: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title: id.toUpperCase(), objective: `do ${id}`, mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

/** A backend whose calls the test answers one by one. */
export function held(id = 'held', more: Partial<ScriptedBackend['description']> = {}): ScriptedBackend {
  return new ScriptedBackend({ id, ...more });
}

export interface Stage {
  readonly fixture: EngineFixture;
  readonly handle: RunHandle;
  readonly finished: () => Promise<RunFinished>;
  readonly act: (action: PersonAction) => Promise<void>;
  readonly say: (id: string, text: string) => Promise<void>;
  readonly task: (id: string) => TaskState;
}

/** Starts the run of a plan; what comes of it is not put together. */
export async function stage(
  given: FixtureOptions & { readonly tasks: readonly TaskSpec[] },
  options: Partial<RunOptions> = {},
  request: Partial<RunRequest> = {},
): Promise<Stage> {
  const fixture = engineFixture(given);
  const plan = { request: 'go', tasks: given.tasks };
  const handle = await fixture.start({ text: 'go', plan, ...request }, { synthesis: false, ...options });
  return onStage(fixture, handle);
}

export function onStage(fixture: EngineFixture, handle: RunHandle): Stage {
  const act = async (action: PersonAction): Promise<void> => {
    const done = await fixture.engine.act(handle.run, action);
    assert.ok(done.ok, done.ok ? '' : done.error.message);
  };
  return {
    fixture,
    handle,
    finished: () => handle.finished,
    act,
    say: (id, text) => act({ kind: 'say', task: id, text }),
    task: (id) => taskIn(fixture, handle.run, id),
  };
}

export function taskIn(fixture: EngineFixture, run: string, id: string): TaskState {
  const found = fixture.engine.state(run)?.tasks.get(id);
  if (found === undefined) throw new Error(`There is no task ${id}`);
  return found;
}

/** Lets everything run that can until it is so. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let turns = 0; turns < 2_000; turns++) {
    if (isSo()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`It never came to it: ${what}`);
}

/** The nth call of a backend, from 0, when it has come. */
export async function callOf(backend: ScriptedBackend, index: number): Promise<RecordedCall> {
  await until(() => backend.calls.length > index, `call ${index} of ${backend.description.id}`);
  const call = backend.calls[index];
  if (call === undefined) throw new Error('no call');
  return call;
}

/** The messages after the brief, one a paragraph. */
export function saidSince({ request }: RecordedCall): string {
  return request.messages
    .slice(2)
    .map(({ role, content }) => `${role}: ${content}`)
    .join('\n\n');
}

export function briefOf({ request }: RecordedCall): string {
  return request.messages[1]?.content ?? '';
}

/** `turn.attempt: words heard` of each call that began. */
export function heardBy(events: readonly RunEvent[], id: string): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'call.started' && event.key.task === id
      ? [`${event.key.turn}.${event.key.attempt}: ${event.said ?? 0}`]
      : [],
  );
}

export function resultOf({ status, partial, result, isKept }: TaskState): string {
  const text = result === null ? '' : payloadText(result);
  return `${status}${isKept ? ', kept' : ''}${partial ? ', partial' : ''}: ${text}`;
}

export function questionsOf({ talk }: TaskState): readonly string[] {
  return talk.map(({ by, turn, text }) => `${by}#${turn}: ${payloadText(text)}`);
}
