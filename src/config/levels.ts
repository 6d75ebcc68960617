import type { Problem } from './problem.ts';
import { gateValue } from './depth-gate.ts';
import type { RawSettings } from './raw-settings.ts';
import { PREFIX, SETTINGS, type SettingName } from './settings.ts';

/** One setting as its two levels say it; undefined where a level does not say, or may not. */
export interface Levels {
  readonly user: unknown;
  readonly workspace: unknown;
  /** True when a level says something that is too large or too odd to look at; it is then undefined here. */
  readonly isUnreadable: boolean;
  readonly problems: readonly Problem[];
}

const SIZE = { maxDepth: 20, maxValues: 10_000 };
/** More than any list may have; what follows refuses the rest by number. */
const MOST_ITEMS = 10_000;

/** Drops what a level may not say: anything of an untrusted workspace, and what only the user may set. `null` says nothing. */
export function levelsOf(raw: RawSettings, name: SettingName, isTrusted: boolean): Levels {
  const key = PREFIX + name;
  const value = Object.hasOwn(raw, key) ? raw[key] : undefined;
  const user = readable(() => value?.user, name);
  const workspace = readable(() => value?.workspace, `workspace ${name}`);
  const refusal = says(workspace) ? whyNotFromWorkspace(name, isTrusted) : undefined;
  if (refusal !== undefined)
    return {
      user: user.value,
      workspace: undefined,
      isUnreadable: user.isUnreadable,
      problems: [...user.problems, { where: `workspace ${name}`, ...refusal }],
    };
  return {
    user: user.value,
    workspace: workspace.value,
    isUnreadable: user.isUnreadable || workspace.isUnreadable,
    problems: [...user.problems, ...workspace.problems],
  };
}

function says(read: Read): boolean {
  if (read.isUnreadable) return true;
  return read.value !== undefined && !(Array.isArray(read.value) && read.value.length === 0);
}

function whyNotFromWorkspace(name: SettingName, isTrusted: boolean): Omit<Problem, 'where'> | undefined {
  if (SETTINGS[name].scope === 'application') {
    return {
      expected: "no value in a workspace's settings",
      got: 'one, which is ignored',
      whatToDo: `Set "${PREFIX}${name}" in your user settings, if you want it.`,
    };
  }
  if (isTrusted) return undefined;
  return {
    expected: 'a trusted workspace',
    got: 'an untrusted one, whose value is ignored',
    whatToDo: 'Run "Workspaces: Manage Workspace Trust" and trust this workspace, if you know who wrote its settings.',
  };
}

interface Read {
  readonly value: unknown;
  readonly isUnreadable: boolean;
  readonly problems: readonly Problem[];
}

/** Stands in a list for an item that is too deep or too large to look at; its neighbours are read all the same. */
export class UnreadableItem {
  readonly id: unknown;
  readonly why: string;

  constructor(item: unknown, why: string) {
    this.id = typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
    this.why = why;
  }
}

/** A plain copy of JSON that is neither deep nor huge: what follows recurses over it. Reading may run foreign getters, which may throw. */
function readable(get: () => unknown, where: string): Read {
  try {
    const value = get();
    if (value === undefined || value === null) return { value: undefined, isUnreadable: false, problems: [] };
    if (Array.isArray(value))
      return { value: value.slice(0, MOST_ITEMS).map(readableItem), isUnreadable: false, problems: [] };
    const fault = gateValue(value, SIZE);
    if (fault !== undefined) return unreadable(where, 'a value of reasonable size', fault);
    return { value: copy(value), isUnreadable: false, problems: [] };
  } catch {
    return unreadable(where, 'plain JSON', 'something that cannot be read');
  }
}

function readableItem(item: unknown): unknown {
  try {
    const fault = gateValue(item, SIZE);
    return fault === undefined ? copy(item) : new UnreadableItem(item, fault);
  } catch {
    return new UnreadableItem(undefined, 'something that cannot be read');
  }
}

function copy(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? null : (JSON.parse(text) as unknown);
}

function unreadable(where: string, expected: string, got: string): Read {
  return {
    value: undefined,
    isUnreadable: true,
    problems: [{ where, expected, got, whatToDo: 'Write the setting anew.' }],
  };
}
