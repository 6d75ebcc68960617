/**
 * The tasks that a session has started, as resources: the document that the editor shows, and beside it what `get_task_status`
 * tells, as JSON.
 *
 * 1. A session lists, reads and watches its own runs and no others, whoever knows their addresses; the tool goes further, for who
 *    comes back in a new session.
 * 2. What a data rule keeps on this machine is not in a document: then it says what `get_task_status` says.
 */
import type { FedRun } from '../app/run-feed.ts';
import { runTitle } from '../app/run-text.ts';
import { oneLine } from '../app/safe-text.ts';
import { referencedBlobs, renderRunDocument, renderTaskDocument } from '../app/task-document.ts';
import { systemClock } from '../base/clock.ts';
import { err, ok, type Result } from '../base/result.ts';
import { localOnlySource } from '../core/local-only.ts';
import type { RunState, TaskState } from '../core/run-state.ts';
import type { CallerSession } from './caller-session.ts';
import type { EngineToolsDeps } from './engine-tool.ts';
import { runStatus, taskStatus } from './mcp-status.ts';
import type { ListedResource, ResourceText, SessionResources } from './session-resources.ts';
import { getTaskStatus } from './task-status.ts';
import { parseTaskUri, taskUri, type TaskAddress } from './task-uri.ts';

const PAGE = 50;
const MARKDOWN = 'text/markdown';
const ABOUT = 'The brief, what was said, the result and what it cost; get_task_status tells the same to a model.';

export function taskResources(deps: EngineToolsDeps, session: CallerSession): SessionResources {
  return {
    templates: [
      { uriTemplate: 'subtask:/{run}/{task}', name: 'task', title: 'A task', description: ABOUT, mimeType: MARKDOWN },
      { uriTemplate: 'subtask:/{run}', name: 'run', title: 'A run', description: ABOUT, mimeType: MARKDOWN },
    ],
    list: (cursor) => listPage(deps, session, cursor),
    read: async (uri) => {
      const found = await find(deps, session, uri);
      return found.ok ? ok(await contents(deps, found.value)) : found;
    },
    watch: async (uri, onChange) => {
      const found = await find(deps, session, uri);
      if (!found.ok) return found;
      const { address, seen } = found.value;
      let known = watched(address, seen.state);
      return ok(
        deps.engine.feed.follow(address.run, ({ state }) => {
          const now = watched(address, state);
          if (now === known) return;
          known = now;
          onChange();
        }),
      );
    },
  };
}

interface Found {
  readonly address: TaskAddress;
  readonly seen: FedRun;
  /** Undefined for the address of a run. */
  readonly task: TaskState | undefined;
}

async function find(deps: EngineToolsDeps, session: CallerSession, uri: string): Promise<Result<Found, string>> {
  const address = parseTaskUri(uri);
  if (address === undefined) return err(`${oneLine(uri, 100)} is not the address of a task`);
  if (!session.has(address.run))
    return err(`This session has started no task ${oneLine(uri, 100)}; get_task_status may know it`);
  const looked = await deps.engine.feed.look(address.run);
  if (!looked.ok) return err(looked.error.message);
  const task = address.task === undefined ? undefined : looked.value.state.tasks.get(address.task);
  if (address.task !== undefined && task === undefined)
    return err(`Run ${address.run} has no task ${oneLine(address.task, 60)}`);
  return ok({ address, seen: looked.value, task });
}

/** The same object as long as nothing has changed. */
function watched({ task }: TaskAddress, state: RunState): RunState | TaskState | undefined {
  return task === undefined ? state : state.tasks.get(task);
}

async function contents(deps: EngineToolsDeps, found: Found): Promise<readonly ResourceText[]> {
  const told = await getTaskStatus(deps, { task: taskUri(found.address) }, { signal: new AbortController().signal });
  const text = staysHere(found) ? told.text : await document(deps, found);
  return [
    { mimeType: MARKDOWN, text },
    { mimeType: 'application/json', text: JSON.stringify(told.structuredContent ?? {}) },
  ];
}

function staysHere({ seen: { state }, task }: Found): boolean {
  const ids = task === undefined ? [...state.tasks.keys()] : [task.id];
  return ids.some((id) => localOnlySource(state, id) !== undefined);
}

async function document(
  { engine, clock = systemClock }: EngineToolsDeps,
  { seen: { state, liveness }, task }: Found,
): Promise<string> {
  const refs = referencedBlobs(state, task);
  const texts = await Promise.all(refs.map(async (ref) => [ref.hash, await engine.journal.readBlob(ref)] as const));
  const blobs = new Map(texts.flatMap(([hash, text]) => (text.ok ? [[hash, text.value] as const] : [])));
  const view = { nowMs: clock.wallMs(), liveness, blobs };
  // Why this backend and no other is between the user and their roster.
  return task === undefined
    ? renderRunDocument(state, view)
    : renderTaskDocument({ ...task, route: null }, state, view);
}

/** Each run with its tasks, the newest run first. A cursor names the entry to begin with: `<run> <place>`. */
async function listPage(
  deps: EngineToolsDeps,
  session: CallerSession,
  cursor: string | undefined,
): ReturnType<SessionResources['list']> {
  const { runs } = session;
  const [run = runs[0], place = '0'] = cursor?.split(' ') ?? [];
  if (run === undefined) return ok({ resources: [] });
  if (!runs.includes(run) || !/^\d{1,9}$/.test(place)) return err(`${oneLine(cursor ?? '', 100)} is no cursor`);
  const resources: ListedResource[] = [];
  for (const id of runs.slice(runs.indexOf(run))) {
    const looked = await deps.engine.feed.look(id);
    if (!looked.ok) continue; // it was removed
    for (const [index, entry] of entries(looked.value).entries()) {
      if (id === run && index < Number(place)) continue;
      if (resources.length === PAGE) return ok({ resources, nextCursor: `${id} ${index}` });
      resources.push(entry);
    }
  }
  return ok({ resources });
}

function entries(seen: FedRun): readonly ListedResource[] {
  const { state } = seen;
  const whole = {
    uri: taskUri({ run: state.run }),
    name: runTitle(state),
    description: `run, ${runStatus(seen)}`,
    mimeType: MARKDOWN,
  };
  const tasks = [...state.tasks.values()].map((task) => ({
    uri: taskUri({ run: state.run, task: task.id }),
    name: oneLine(task.title),
    description: `task, ${taskStatus(task, seen)}`,
    mimeType: MARKDOWN,
  }));
  return [whole, ...tasks];
}
