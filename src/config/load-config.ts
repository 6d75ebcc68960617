import type { AgentProfile } from '../core/agents/agent-profile.ts';
import type { DataRule } from '../core/data-rule.ts';
import type { Retention } from '../core/ports.ts';
import { DEFAULT_OPTIONS, type RunOptions } from '../core/run-request.ts';
import type { AgentFile } from './agent-file.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Problem } from './problem.ts';
import type { RawSettings } from './raw-settings.ts';
import type { RosterEntry } from './read-backend.ts';
import { readAgents } from './read-agents.ts';
import {
  readAllowApi,
  readAllowedCommands,
  readApproval,
  readConcurrency,
  readLocalOnly,
  readReducer,
  readStrategy,
} from './read-options.ts';
import { readDataRules } from './read-data-rules.ts';
import { readBudget } from './read-budget.ts';
import { readMcpServers, type McpServers } from './read-mcp-servers.ts';
import { readRetention } from './read-retention.ts';
import { readRoster } from './read-roster.ts';
import { toolProblems } from './tool-problems.ts';
import { PREFIX, SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts';
import { levelsOf, type Levels } from './levels.ts';

export interface Surroundings {
  readonly isTrusted: boolean;
  /** False on the command line, where there are no `vscode.lm` models and no stored secrets. */
  readonly insideVsCode: boolean;
  /** Of the workspace; they count only when it is trusted. */
  readonly agentFiles?: readonly AgentFile[];
}

export interface Config {
  /** Good entries, in the user's order; the workspace's additions follow. */
  readonly roster: readonly RosterEntry[];
  /** False when no roster is set anywhere: then the roster is what can be discovered. */
  readonly isRosterConfigured: boolean;
  readonly options: RunOptions;
  /** The user's rules, then the workspace's. */
  readonly dataRules: readonly DataRule[];
  /** Dollars that one session of an MCP client may spend; undefined: no limit. */
  readonly sessionMaxUsd: number | undefined;
  /** Only as the user says. */
  readonly retention: Retention;
  /** Built in ones too. */
  readonly agents: readonly AgentProfile[];
  readonly mcpServers: McpServers;
  /** Commands that checks may run, word for word, or with `*` at the end. */
  readonly allowedCommands: readonly (readonly string[])[];
  readonly problems: readonly Problem[];
}

/**
 * Unknown JSON to a configuration. Whatever is wrong becomes a problem, and all that is good keeps working; where a
 * faulty value guards money or data, the stricter reading counts. Never throws.
 */
export function loadConfig(raw: RawSettings, surroundings: Surroundings): Config {
  const setting = (name: SettingName): Levels => levelsOf(raw, name, surroundings.isTrusted);
  const roster = readRoster(setting('roster'), surroundings);
  const known = roster.isConfigured ? roster.entries.map((entry) => entry.description.id) : undefined;
  const budget = readBudget(setting('budget'));
  const strategy = readStrategy(setting('strategy'));
  const unset = surroundings.insideVsCode ? SETTINGS.approval.default : DEFAULT_OPTIONS.approval;
  const approval = readApproval(setting('approval'), unset);
  const localOnly = readLocalOnly(setting('localOnly'));
  const allowApi = readAllowApi(setting('allowApi'));
  const allowedCommands = readAllowedCommands(setting('allowedCommands'));
  const reducer = readReducer(setting('reducer'), known);
  const concurrency = readConcurrency(setting('concurrency'));
  const dataRules = readDataRules(setting('dataRules'));
  const agents = readAgents(setting('agents'), surroundings.isTrusted ? (surroundings.agentFiles ?? []) : []);
  const mcpServers = readMcpServers(setting('mcpServers'));
  const retention = readRetention(setting('retention'));
  const guards = [localOnly, dataRules, allowApi, retention, mcpServers, allowedCommands];
  const parts = [roster, strategy, approval, budget, agents, reducer, concurrency, ...guards];
  return {
    roster: roster.entries,
    isRosterConfigured: roster.isConfigured,
    options: {
      ...DEFAULT_OPTIONS,
      strategy: strategy.value,
      approval: approval.value,
      localOnly: localOnly.value,
      allowApi: allowApi.value,
      limits: budget.value.limits,
      perTask: budget.value.perTask,
      ...(reducer.value === undefined ? {} : { reducer: reducer.value }),
      ...(concurrency.value === undefined ? {} : { concurrency: concurrency.value }),
    },
    dataRules: dataRules.value,
    sessionMaxUsd: budget.value.perSession,
    retention: retention.value,
    agents: agents.value,
    allowedCommands: allowedCommands.value,
    mcpServers: mcpServers.value,
    problems: [
      ...unknownSettings(raw),
      ...parts.flatMap((part) => part.problems),
      ...toolProblems(agents.value, mcpServers.value, surroundings),
    ],
  };
}

function unknownSettings(raw: RawSettings): readonly Problem[] {
  const known: ReadonlySet<string> = new Set(SETTING_NAMES);
  return Object.keys(raw)
    .filter((key) => key.startsWith(PREFIX) && !known.has(key.slice(PREFIX.length)))
    .map((key) => {
      const meant = didYouMean(key.slice(PREFIX.length), SETTING_NAMES);
      const whatToDo =
        meant === undefined
          ? `Take it out; the settings are ${SETTING_NAMES.map((name) => PREFIX + name).join(', ')}.`
          : `Did you mean "${PREFIX}${meant}"? Else take it out.`;
      return {
        where: `the setting "${key.slice(0, 80)}"`,
        expected: 'a setting that is known',
        got: 'an unknown one',
        whatToDo,
      };
    });
}
