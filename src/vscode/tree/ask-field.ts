/** The questions by which a person changes the fields of a task. */
import * as vscode from 'vscode';
import { noticeText, oneLine } from '../../app/safe-text.ts';
import type { AgentProfile } from '../../core/agents/agent-profile.ts';
import { MODES, type Mode, type TaskSpec } from '../../core/plan/plan.ts';
import type { PlanEdit } from '../../core/plan/plan-edit.ts';
import type { TaskFields } from '../../core/plan/plan-fields.ts';
import type { Roster } from '../../core/ports.ts';
import type { RunState } from '../../core/run-state.ts';
import { dependentsOf } from '../../core/schedule.ts';
import { readLimit, shownLimit, TYPED_LIMITS, type LimitName } from './typed-limit.ts';

export interface FieldContext {
  readonly spec: TaskSpec;
  readonly state: RunState;
  readonly roster: Pick<Roster, 'backends'>;
  readonly agents: readonly AgentProfile[];
}

/** Undefined: the person thought better of it. `text`: it is better changed in the plan as a text. */
export type AskedField = TaskFields | Nesting | 'text' | undefined;

export type Nesting = Extract<PlanEdit, { readonly kind: 'nest' }>;

export async function askTitle({ spec }: Pick<FieldContext, 'spec'>): Promise<TaskFields | undefined> {
  const title = await askText('Title', { value: spec.title, isNeeded: true });
  return title === undefined ? undefined : { title };
}

/** Without white space around; undefined when it was closed. */
export async function askText(
  prompt: string,
  options: { readonly value?: string; readonly isNeeded?: boolean; readonly placeHolder?: string } = {},
): Promise<string | undefined> {
  const { value = '', isNeeded = false, placeHolder } = options;
  const text = await vscode.window.showInputBox({
    prompt,
    value,
    ignoreFocusOut: true,
    ...(placeHolder === undefined ? {} : { placeHolder }),
    validateInput: (typed) => (isNeeded && typed.trim() === '' ? 'It cannot be empty.' : undefined),
  });
  return text?.trim();
}

interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

async function pick<T>(placeHolder: string, choices: readonly Choice<T>[]): Promise<{ readonly value: T } | undefined> {
  return vscode.window.showQuickPick([...choices], { placeHolder, matchOnDescription: true });
}

const MODE_MEANINGS: Readonly<Record<Mode, string>> = {
  autonomous: 'runs by itself',
  interactive: 'waits for you before it begins, and may ask',
  hybrid: 'begins by itself, may ask',
};

export async function askMode({ spec }: FieldContext): Promise<TaskFields | undefined> {
  const choices = MODES.map((mode) => ({
    label: mode,
    description: described(MODE_MEANINGS[mode], mode === spec.mode),
    value: mode,
  }));
  const picked = await pick(`Mode of "${noticeText(spec.title, 60)}"`, choices);
  return picked === undefined ? undefined : { mode: picked.value };
}

function described(what: string, isNow: boolean): string {
  return isNow ? `${what} · now` : what;
}

export async function askCapability({ spec, roster }: FieldContext): Promise<TaskFields | undefined> {
  const offered = new Map<string, string[]>();
  for (const { description } of roster.backends())
    for (const tag of description.goodAt) offered.set(tag, [...(offered.get(tag) ?? []), description.id]);
  const picked = await pick<string | null>(`Capability that "${noticeText(spec.title, 60)}" needs`, [
    ...[...offered]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([tag, ids]) => ({
        label: tag,
        description: described(ids.join(', '), tag === spec.capability?.toLowerCase()),
        value: tag,
      })),
    { label: 'None', description: described('any backend may do it', spec.capability === undefined), value: null },
  ]);
  return picked === undefined ? undefined : { capability: picked.value };
}

export async function askAgent({ spec, agents }: FieldContext): Promise<TaskFields | undefined> {
  const picked = await pick<string | null>(`Agent that does "${noticeText(spec.title, 60)}"`, [
    { label: 'None', description: described('as its capability says', spec.agent === undefined), value: null },
    ...agents.map(({ name, description, source }) => ({
      label: name,
      description: described(
        [
          ...(source === 'built-in' ? [] : [source === 'user' ? 'yours' : 'of this workspace']),
          noticeText(description, 120),
        ].join(' · '),
        name === spec.agent,
      ),
      value: name,
    })),
  ]);
  return picked === undefined ? undefined : { agent: picked.value };
}

export async function askBackend(context: FieldContext): Promise<TaskFields | undefined> {
  const { spec } = context;
  const picked = await pick<string | null>(`Backend of "${noticeText(spec.title, 60)}"`, [
    { label: 'Any', description: described('whichever fits best', spec.target === undefined), value: null },
    ...backendChoices(context.roster, spec.target),
  ]);
  return picked === undefined ? undefined : { target: picked.value };
}

/** Another backend than `not`. */
export async function askOtherBackend(
  { spec, roster }: Pick<FieldContext, 'spec' | 'roster'>,
  not: string | null,
): Promise<string | undefined> {
  const choices = backendChoices(roster, undefined).filter(({ value }) => value !== not);
  const picked = await pick(`Backend to try "${noticeText(spec.title, 60)}" on`, choices);
  return picked?.value;
}

function backendChoices(roster: Pick<Roster, 'backends'>, now: string | undefined): readonly Choice<string>[] {
  return roster.backends().map(({ description: { id, model, tier, goodAt } }) => ({
    label: id,
    description: described([model, tier, ...goodAt].join(' · '), id === now),
    value: id,
  }));
}

/** Tasks that need this one cannot be what it needs. */
export async function askDependencies({ spec, state }: FieldContext): Promise<TaskFields | undefined> {
  const specs = [...state.tasks.values()].flatMap((task) => (task.spec === null ? [] : [task.spec]));
  const above = new Set([spec.id, ...dependentsOf(specs, [spec.id])]);
  const items = specs
    .filter(({ id }) => !above.has(id))
    .map(({ id, title }) => ({
      label: oneLine(title, 100),
      description: id,
      picked: spec.dependsOn.includes(id),
      id,
    }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage('Orchestrator: There is no other task that it could depend on.');
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    placeHolder: `What "${noticeText(spec.title, 60)}" waits for; tasks that need it are left out`,
  });
  return picked === undefined ? undefined : { dependsOn: picked.map(({ id }) => id) };
}

export async function askEdits({ spec }: FieldContext): Promise<TaskFields | undefined> {
  const picked = await pick<boolean | null>(`Does "${noticeText(spec.title, 60)}" change files?`, [
    { label: 'Yes', description: described('it gets tools and proposes edits', spec.edits === true), value: true },
    { label: 'No', description: described('it reads and writes text', spec.edits === false), value: false },
    { label: 'As its capability says', description: described('', spec.edits === undefined), value: null },
  ]);
  return picked === undefined ? undefined : { edits: picked.value };
}

/** Null: no limit; undefined: the person thought better of it. */
export async function askMost(name: LimitName, now: number | undefined): Promise<number | null | undefined> {
  const { prompt, wanted } = TYPED_LIMITS[name];
  const typed = await vscode.window.showInputBox({
    prompt: `${prompt}; empty: no limit`,
    value: shownLimit(name, now),
    ignoreFocusOut: true,
    validateInput: (text) => (readLimit(name, text) === undefined ? wanted : undefined),
  });
  return typed === undefined ? undefined : readLimit(name, typed);
}

/** What is nested under the task cannot be what it is nested under. */
export async function askParent({ spec, state }: FieldContext): Promise<Nesting | undefined> {
  const others = [...state.tasks.values()].filter(({ id }) => !isUnder(state, id, spec.id));
  const picked = await pick<string | null>(`What "${noticeText(spec.title, 60)}" is nested under`, [
    { label: 'None', description: described('at the top of the run', spec.parent === undefined), value: null },
    ...others.map(({ id, title }) => ({
      label: oneLine(title, 100),
      description: described(id, id === spec.parent),
      value: id,
    })),
  ]);
  return picked === undefined ? undefined : { kind: 'nest', task: spec.id, parent: picked.value };
}

/** Is it the task, or nested under it? */
function isUnder({ tasks }: RunState, id: string, above: string): boolean {
  for (let at: string | undefined = id; at !== undefined; at = tasks.get(at)?.spec?.parent)
    if (at === above) return true;
  return false;
}
