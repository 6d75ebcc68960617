/** The wiring that all shells share. Everything heavy is reached from here, so shells load this file when they need it. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import { loadConfig } from '../config/load-config.ts';
import type { RawSettings } from '../config/raw-settings.ts';
import type { CheckPorts } from '../core/deliverable/check-ports.ts';
import { createEditReview } from '../core/edits/review.ts';
import { createEngine } from '../core/orchestrate.ts';
import type { Orchestrator } from '../core/orchestrator.ts';
import { readPlanFile, type PlanLimits } from '../core/plan/plan-check.ts';
import type { EditTarget, Journal } from '../core/ports.ts';
import type { EngineDeps } from '../core/run-context.ts';
import type { Present } from '../core/run-request.ts';
import { createMemoryJournal } from '../journal/memory-journal.ts';
import { openJournal } from '../journal/open-journal.ts';
import { createCommandRunner } from '../tools/commands/command-runner.ts';
import { createToolBox } from '../tools/agent-tools/tool-box.ts';
import { checkedEditTarget, createDiskEditTarget } from '../tools/disk-edit-target.ts';
import { createNodeWorkspace, type NodeWorkspaceOptions } from '../tools/node-workspace.ts';
import { createParseChecker, createParseDiagnostics, joinCheckers, joinDiagnostics } from '../tools/parse-check.ts';
import { createBackendTrial } from './backend-trial.ts';
import { guardTarget, guardWorkspace } from './guarded-workspace.ts';
import { LiveRoster } from './live-roster.ts';
import { createOutsideTools } from './outside-tools.ts';
import { keepRuns } from './keep-runs.ts';
import { exportRun } from './export-run.ts';
import { createRunFeed } from './run-feed.ts';
import { RunFolders } from './run-folders.ts';
import type { OpenedOrchestrator, ShellPorts } from './shell.ts';

/** Opens journal, roster and workspace and puts the engine on top. Rejects only for bugs; what cannot be had shows as warnings. */
export async function openOrchestrator(ports: ShellPorts): Promise<OpenedOrchestrator> {
  const clock = ports.clock ?? systemClock;
  const roster = new LiveRoster(ports, clock);
  const [journal] = await Promise.all([openJournalOf(ports), roster.reload({ discover: true })]);
  const outside = createOutsideTools({ ports, roster, clock });
  const files = filesOf(ports, roster);
  const workspace = guardWorkspace(createNodeWorkspace(files), ports.isTrusted);
  const orchestrator = engineOf(ports, { journal, roster, workspace, outside, clock });
  const edits = createEditReview({ journal, orchestrator, workspace, target: targetOf(ports, files), pause });
  const onError = (error: unknown): void => ports.logger.error('Showing a run failed', error);
  const folders = new RunFolders({ open: workspace, clock, onError });
  const feed = createRunFeed({ orchestrator, journal, folders, clock, pause, onError });
  feed.onGone((run) => orchestrator.forget(run));
  roster.onChange(({ edited }) => {
    outside.changed();
    orchestrator.rosterChanged(edited);
  });
  const kept = ports.keepsRuns
    ? keepRuns({ journal, retention: () => roster.config.retention, clock, logger: ports.logger })
    : undefined;
  return {
    orchestrator,
    journal,
    feed,
    folders,
    exportRun: (run, format) => exportRun(journal, run, { format, nowMs: clock.wallMs() }),
    roster,
    workspace,
    edits,
    readPlan: (text, before) => readPlanFile(text, { ...planLimits(roster), before }),
    options: () => roster.config.options,
    sessionMaxUsd: () => roster.config.sessionMaxUsd,
    agents: () => roster.config.agents,
    toolSources: (signal) => outside.sources(signal),
    reload: (how) => roster.reload(how),
    onRosterChange: (listener) => roster.onChange(listener),
    trial: createBackendTrial(ports, clock),
    dispose: async () => {
      kept?.dispose();
      feed.dispose();
      await orchestrator.dispose();
      await outside.dispose();
      await journal.close();
    },
  };
}

/** Hosts that the entries of these settings send data to, outside of VS Code. */
export function rosterHosts(settings: RawSettings): ReadonlySet<string> {
  const { roster } = loadConfig(settings, { isTrusted: true, insideVsCode: false });
  return new Set(roster.flatMap(({ description }) => description.host ?? []));
}

function targetOf(ports: ShellPorts, files: NodeWorkspaceOptions): EditTarget {
  const disk = createDiskEditTarget(files);
  const target = ports.editTarget === undefined ? disk : checkedEditTarget(ports.editTarget(disk), disk);
  return guardTarget(target, ports.isTrusted);
}

/** The engine over the ports, which it asks anew whenever it needs them. */
function engineOf(
  ports: ShellPorts,
  parts: Pick<EngineDeps, 'journal' | 'workspace' | 'outside' | 'clock'> & { readonly roster: LiveRoster },
): Orchestrator {
  const { roster } = parts;
  return createEngine({
    ...parts,
    approver: ports.approver,
    tools: createToolBox(),
    checker: joinCheckers([createParseChecker(), ...(ports.checkers ?? [])]),
    checks: checksOf(ports, roster),
    pause,
    logger: ports.logger,
    newId: randomUUID,
    random: Math.random,
    present: () => presentOf(ports, roster),
    agents: () => roster.config.agents,
  });
}

/** Trust and what is allowed are asked before each command, as the settings are then. */
function checksOf(ports: ShellPorts, roster: LiveRoster): CheckPorts {
  const { folders, isTrusted, unsavedText, env, dbFile } = ports;
  return {
    diagnostics: joinDiagnostics([createParseDiagnostics(), ...(ports.diagnostics ?? [])]),
    commands: createCommandRunner({
      folders,
      isTrusted,
      env,
      allowed: () => roster.config.allowedCommands,
      dataRules: () => roster.config.dataRules,
      ...(unsavedText === undefined ? {} : { unsavedText }),
      ...(dbFile === undefined ? {} : { place: path.join(path.dirname(dbFile), 'checks') }),
    }),
  };
}

function presentOf({ isUnattended, keepsLimits, allowsApi }: ShellPorts, { config }: LiveRoster): Present {
  const { localOnly, allowApi, limits, perTask } = config.options;
  return {
    localOnly,
    allowApi: allowApi || allowsApi === true,
    canAsk: isUnattended !== true,
    agents: config.agents,
    ...(keepsLimits === true ? {} : { budget: { limits, perTask } }),
  };
}

function planLimits(roster: LiveRoster): PlanLimits {
  const { maxTasks, maxEdges } = roster.config.options;
  return {
    maxTasks,
    maxEdges,
    targets: roster.backends().map(({ description }) => description.id),
    agents: roster.config.agents,
  };
}

/** Lets everything else that waits run first. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Reading and writing go by the same folders and rules. */
function filesOf(ports: ShellPorts, roster: LiveRoster): NodeWorkspaceOptions {
  const { folders, unsavedText, symbols, ripgrep, settingsFile } = ports;
  return {
    folders,
    dataRules: () => roster.config.dataRules,
    ...(unsavedText === undefined ? {} : { unsavedText }),
    ...(symbols === undefined ? {} : { symbols }),
    ...(ripgrep === undefined ? {} : { ripgrep }),
    ...(settingsFile === undefined ? {} : { settingsFile }),
  };
}

function openJournalOf(ports: ShellPorts): Promise<Journal> {
  const { dbFile, journalWorkerFile, logger, clock } = ports;
  if (dbFile === undefined) return Promise.resolve(createMemoryJournal(clock === undefined ? {} : { clock }));
  return openJournal({
    file: dbFile,
    workerFile: journalWorkerFile,
    logger,
    ...(clock === undefined ? {} : { clock }),
  });
}
