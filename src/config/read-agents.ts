/** All agents that can be named: built in, the user's, the workspace's. */
import type { AgentProfile } from '../core/agents/agent-profile.ts';
import { BUILT_IN_AGENTS } from '../core/agents/built-in-agents.ts';
import { readAgentFile, type AgentFile } from './agent-file.ts';
import { agentSchema, toProfile } from './agent-schema.ts';
import { AGENT_WORDS } from './agent-words.ts';
import type { Levels } from './levels.ts';
import { UnreadableItem } from './levels.ts';
import { show, type Problem } from './problem.ts';
import type { Read } from './read-setting.ts';
import type { Level } from './raw-settings.ts';
import { pathText, shapeFaults } from './shape-faults.ts';

const MOST_AGENTS = 200;

interface Placed {
  readonly where: string;
  readonly profile: AgentProfile;
}

/**
 * A later one takes the place of an earlier one of the same name: the user's of one that is built in, the workspace's of both.
 * Whoever opens a folder is told what its agents take the place of. `files` are those of a trusted workspace.
 */
export function readAgents(levels: Levels, files: readonly AgentFile[]): Read<readonly AgentProfile[]> {
  const problems: Problem[] = [...levels.problems];
  const user = listed(levels.user, 'user', problems);
  const workspace = [...listed(levels.workspace, 'workspace', problems), ...filed(files, problems)];
  const own = unique(user, problems);
  const theirs = unique(workspace, problems);
  const before = new Map([...BUILT_IN_AGENTS, ...own].map((profile) => [profile.name, profile]));
  for (const { where, profile } of workspace) {
    const replaced = before.get(profile.name);
    if (replaced !== undefined && theirs.includes(profile)) problems.push(shadowing(where, replaced));
  }
  for (const profile of theirs) before.set(profile.name, profile);
  return { value: [...before.values()], problems };
}

function listed(raw: unknown, level: Level, problems: Problem[]): readonly Placed[] {
  if (raw === undefined) return [];
  const place = level === 'user' ? 'agents' : 'workspace agents';
  if (!Array.isArray(raw)) {
    problems.push({
      where: place,
      expected: 'a list of agents',
      got: show(raw),
      whatToDo: 'Write for example [{"name": "reviewer"}].',
    });
    return [];
  }
  if (raw.length > MOST_AGENTS)
    problems.push({
      where: place,
      expected: `at most ${MOST_AGENTS} agents`,
      got: `${raw.length}`,
      whatToDo: 'Take some out; the first ones count.',
    });
  return raw.slice(0, MOST_AGENTS).flatMap((item: unknown, index) => {
    const where = `${place}[${index}]`;
    if (item instanceof UnreadableItem) {
      problems.push({ where, expected: 'an agent', got: item.why, whatToDo: 'Write it anew.' });
      return [];
    }
    const parsed = agentSchema.safeParse(item);
    if (parsed.success)
      return [{ where: `${where} "${parsed.data.name}"`, profile: toProfile(parsed.data.name, parsed.data, level) }];
    for (const { path, ...rest } of shapeFaults(parsed.error.issues, item, AGENT_WORDS))
      problems.push({ where: `${where}${pathText(path)}`, ...rest });
    return [];
  });
}

function filed(files: readonly AgentFile[], problems: Problem[]): readonly Placed[] {
  return files.flatMap((file) => {
    const read = readAgentFile(file);
    if (read.ok) return [{ where: file.path, profile: read.value }];
    problems.push(...read.error);
    return [];
  });
}

/** The first of each name. */
function unique(placed: readonly Placed[], problems: Problem[]): readonly AgentProfile[] {
  const first = new Map<string, Placed>();
  for (const one of placed) {
    const { name } = one.profile;
    const other = first.get(name);
    if (other === undefined) first.set(name, one);
    else
      problems.push({
        where: one.where,
        expected: 'a name of its own',
        got: `"${name}", which ${other.where} has`,
        whatToDo: `Rename it or take it out; ${other.where} counts.`,
      });
  }
  return [...first.values()].map(({ profile }) => profile);
}

function shadowing(where: string, { name, source }: AgentProfile): Problem {
  return {
    where,
    expected: 'a name of its own',
    got: `"${name}", which ${source === 'built-in' ? 'is built in' : 'your settings define'} as well`,
    whatToDo: 'In this workspace this one counts; rename it if you want the other.',
  };
}
