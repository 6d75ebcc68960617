/** Runs whose tasks edit files as they see them, without models. */
import { createHash } from 'node:crypto';
import type { ProposedFile } from '../../../src/core/edits/proposal.ts';
import { buildProposal } from '../../../src/core/edits/build-proposal.ts';
import { viewOf } from '../../../src/core/edits/overlay-view.ts';
import { failure } from '../../../src/core/failure.ts';
import type { TextFormat } from '../../../src/core/text-format.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import type { RunEvent, RunEventBody } from '../../../src/core/run-event.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';

export type ScriptedEdit =
  | readonly ['write', path: string, text: string]
  | readonly ['delete', path: string]
  | readonly ['rename', path: string, to: string];

export interface ScriptedTask {
  readonly id: string;
  readonly needs?: readonly string[];
  readonly edits: readonly ScriptedEdit[];
  readonly ends?: 'completed' | 'failed' | 'cancelled';
  readonly problems?: readonly string[];
}

export interface WorkspaceFile {
  readonly text: string;
  readonly hash: string;
  readonly format: TextFormat;
  readonly unsaved?: true;
  readonly protectedBecause?: string;
}

export type WorkspaceFiles = ReadonlyMap<string, WorkspaceFile>;

export const UNIX: TextFormat = { encoding: 'utf8', eol: 'lf' };

export function hashOf(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function textFiles(files: Readonly<Record<string, string>>): WorkspaceFiles {
  return new Map(
    Object.entries(files).map(([path, text]) => [path, { text, hash: hashOf(text), format: UNIX }] as const),
  );
}

/** The events of a run up to and without its proposal. */
export function eventsOf(workspace: WorkspaceFiles, tasks: readonly ScriptedTask[], run = 'r'): readonly RunEvent[] {
  const events: RunEvent[] = [];
  const add = (body: RunEventBody): void => {
    events.push({ v: 1, seq: events.length + 1, at: 1000, run, ...body });
  };
  add({ type: 'plan.accepted', tasks: tasks.map(specOf) });
  for (const task of tasks) {
    const based = new Set<string>();
    for (const edit of task.edits) {
      const [kind, path] = edit;
      if (!based.has(path)) {
        const seen = viewOf(foldRun(run, events), task.id).lookup(path);
        based.add(path);
        add(basedOn({ task: task.id, path, file: workspace.get(path), seen }));
      }
      add({
        type: 'edit.made',
        task: task.id,
        turn: 0,
        path,
        change: kind,
        to: kind === 'rename' ? edit[2] : null,
        text: kind === 'write' ? edit[2] : '',
      });
    }
    if (task.problems !== undefined)
      add({ type: 'edits.checked', task: task.id, problems: task.problems, again: false });
    add(endOf(task));
  }
  return events;
}

export function editedRun(workspace: WorkspaceFiles, tasks: readonly ScriptedTask[]): RunState {
  return foldRun('r', eventsOf(workspace, tasks));
}

export function proposalOf(workspace: WorkspaceFiles, tasks: readonly ScriptedTask[]): readonly ProposedFile[] {
  const built = buildProposal(editedRun(workspace, tasks));
  if (!built.ok) throw new Error(built.error.message);
  return built.value;
}

function basedOn(given: {
  readonly task: string;
  readonly path: string;
  readonly file: WorkspaceFile | undefined;
  readonly seen: ReturnType<ReturnType<typeof viewOf>['lookup']>;
}): RunEventBody {
  const { task, path, file, seen } = given;
  const text = seen === undefined ? file?.text : seen.kind === 'text' ? seen.text : undefined;
  return {
    type: 'edit.based',
    task,
    path,
    exists: text !== undefined,
    text: text ?? '',
    hash: seen === undefined ? (file?.hash ?? '') : hashOf(text ?? ''),
    format: file?.format ?? UNIX,
    unsaved: file?.unsaved ?? false,
    protectedBecause: file?.protectedBecause ?? null,
  };
}

function specOf({ id, needs = [] }: ScriptedTask): TaskSpec {
  return { id, title: `Task ${id}`, objective: id, mode: 'autonomous', dependsOn: needs, inputs: [] };
}

function endOf({ id, ends = 'completed' }: ScriptedTask): RunEventBody {
  if (ends === 'cancelled') return { type: 'task.cancelled', task: id, partial: '' };
  if (ends === 'failed')
    return { type: 'task.failed', task: id, failure: failure('timeout', 'Late.', { whatToDo: 'Wait.' }), partial: '' };
  return { type: 'task.completed', task: id, backend: 'b', result: 'done', partial: false };
}

export function write(id: string, path: string, text: string): ScriptedTask {
  return { id, edits: [['write', path, text]] };
}

/** One line for each file, then its text in quotes; for comparing whole proposals. */
export function shown(files: readonly ProposedFile[]): string {
  return files
    .map(({ path, kind, from, text, tasks, conflict }) =>
      [
        `${path} ${kind}${from === undefined ? '' : ` from ${from}`} by ${tasks.join(',')}: ${JSON.stringify(text)}`,
        ...(conflict?.sides.map((side) => `  ${side.task} (${side.title}): ${JSON.stringify(side.text)}`) ?? []),
      ].join('\n'),
    )
    .join('\n');
}

export const FIVE = 'one\ntwo\nthree\nfour\nfive\n';
/** The files that `proposal` begins with. */
export const FILES = textFiles({ 'a.txt': FIVE, 'b.txt': 'b\n', 'c.txt': 'c\n' });

/** What tasks make of `FILES`, shown. */
export function proposal(...tasks: readonly ScriptedTask[]): string {
  return shown(proposalOf(FILES, tasks));
}
