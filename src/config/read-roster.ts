import type { Levels } from './levels.ts';
import { show, type Problem } from './problem.ts';
import type { Level } from './raw-settings.ts';
import { idOf, readBackend, type RosterEntry } from './read-backend.ts';
import { pathText } from './shape-faults.ts';

export interface ReadRoster {
  readonly entries: readonly RosterEntry[];
  /** Did anyone write a roster, good or bad? */
  readonly isConfigured: boolean;
  readonly problems: readonly Problem[];
}

interface Where {
  readonly isTrusted: boolean;
  readonly insideVsCode: boolean;
}

const MOST_ENTRIES = 200;

/** A good workspace entry takes the place of the user's entry with the same id; the others follow after the user's. */
export function readRoster(levels: Levels, where: Where): ReadRoster {
  const user = readLevel(levels.user, 'user', where);
  const workspace = readLevel(levels.workspace, 'workspace', where);
  const replaced = new Map(workspace.entries.map((entry) => [entry.description.id.toLowerCase(), entry]));
  const kept = user.entries.map((entry) => take(replaced, entry.description.id.toLowerCase()) ?? entry);
  return {
    entries: [...kept, ...replaced.values()],
    isConfigured: user.isConfigured || workspace.isConfigured || levels.isUnreadable,
    problems: [...levels.problems, ...user.problems, ...workspace.problems],
  };
}

function take<K, V>(map: Map<K, V>, key: K): V | undefined {
  const value = map.get(key);
  map.delete(key);
  return value;
}

function readLevel(raw: unknown, level: Level, where: Where): ReadRoster {
  const name = level === 'user' ? 'roster' : 'workspace roster';
  if (raw === undefined) return { entries: [], isConfigured: false, problems: [] };
  if (!Array.isArray(raw)) {
    return {
      entries: [],
      isConfigured: true,
      problems: [
        {
          where: name,
          expected: 'a list of backends',
          got: show(raw),
          whatToDo: 'Write for example [{"id": "local", "provider": "ollama", "model": "qwen3:8b"}].',
        },
      ],
    };
  }
  const tooMany: readonly Problem[] =
    raw.length > MOST_ENTRIES
      ? [
          {
            where: name,
            expected: `at most ${MOST_ENTRIES} backends`,
            got: String(raw.length),
            whatToDo: `Take some out; those after the first ${MOST_ENTRIES} are not used.`,
          },
        ]
      : [];
  const seen = new Map<string, number>();
  const read = raw
    .slice(0, MOST_ENTRIES)
    .map((item: unknown, index) => readEntry(item, { level, index, name, seen, where }));
  return {
    entries: read.flatMap((one) => one.entries),
    isConfigured: raw.length > 0,
    problems: [...read.flatMap((one) => one.problems), ...tooMany],
  };
}

interface Place {
  readonly level: Level;
  readonly index: number;
  /** `roster` or `workspace roster`. */
  readonly name: string;
  /** Where each id of a good entry, in lower case, stood first. */
  readonly seen: Map<string, number>;
  readonly where: Where;
}

function readEntry(
  raw: unknown,
  place: Place,
): { readonly entries: readonly RosterEntry[]; readonly problems: readonly Problem[] } {
  const id = idOf(raw);
  const where = `${place.name}[${place.index}]${id === undefined ? '' : ` "${id}"`}`;
  const backend = id === undefined ? {} : { backend: id };
  const read = readBackend(raw, place.level);
  const problems = read.ok
    ? []
    : read.error.map(({ path, ...fault }) => ({ where: where + pathText(path), ...fault, ...backend }));
  const first = id === undefined ? undefined : place.seen.get(id.toLowerCase());
  if (id !== undefined && first !== undefined) {
    problems.push({
      where: `${where}.id`,
      expected: 'an id that no other entry has',
      got: `the id of ${place.name}[${first}]`,
      whatToDo: 'Give it another id, or take one of the two out; the first one is used.',
      ...backend,
    });
  } else if (id !== undefined && read.ok) {
    place.seen.set(id.toLowerCase(), place.index);
  }
  if (!read.ok || problems.length > 0) return { entries: [], problems };
  const unusable = whyNotHere(read.value, place.where);
  return unusable === undefined
    ? { entries: [read.value], problems }
    : { entries: [], problems: [{ where, ...unusable, ...backend }] };
}

/** A good entry that cannot work in these surroundings; it is listed with the reason. */
function whyNotHere(entry: RosterEntry, where: Where): Omit<Problem, 'where' | 'backend'> | undefined {
  if (!where.isTrusted && entry.description.provider !== 'embedded') {
    return {
      expected: 'a trusted workspace',
      got: 'an untrusted one, where only the embedded backend works',
      whatToDo: 'Run "Workspaces: Manage Workspace Trust" and trust this workspace to use this backend here.',
    };
  }
  if (where.insideVsCode) return undefined;
  if (entry.description.provider === 'vscode')
    return {
      expected: 'a backend that works outside VS Code',
      got: 'provider vscode, which works only inside VS Code',
      whatToDo: 'Use it inside VS Code; here its tasks go to the next fit.',
    };
  if (entry.secretRef.kind !== 'secret') return undefined;
  return {
    expected: 'a key that can be read outside VS Code',
    got: `"secret:${entry.secretRef.name}", which works only inside VS Code`,
    whatToDo: 'Use it inside VS Code, or write "apiKey": "env:NAME"; here its tasks go to the next fit.',
  };
}
