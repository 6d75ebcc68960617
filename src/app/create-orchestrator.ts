/** The wiring that all shells share. Everything heavy is reached from here, so shells load this file when they need it. */
import { randomUUID } from 'node:crypto';
import { systemClock } from '../base/clock.ts';
import { createEngine } from '../core/orchestrate.ts';
import type { Journal } from '../core/ports.ts';
import { createMemoryJournal } from '../journal/memory-journal.ts';
import { openJournal } from '../journal/open-journal.ts';
import { createNodeWorkspace } from '../tools/node-workspace.ts';
import { createBackendTrial } from './backend-trial.ts';
import { guardWorkspace } from './guarded-workspace.ts';
import { LiveRoster } from './live-roster.ts';
import type { OpenedOrchestrator, ShellPorts } from './shell.ts';

/** Opens journal, roster and workspace and puts the engine on top. Rejects only for bugs; what cannot be had shows as warnings. */
export async function openOrchestrator(ports: ShellPorts): Promise<OpenedOrchestrator> {
  const clock = ports.clock ?? systemClock;
  const roster = new LiveRoster(ports, clock);
  const [journal] = await Promise.all([openJournalOf(ports), roster.reload({ discover: true })]);
  const nodeWorkspace = createNodeWorkspace({ folders: ports.folders, dataRules: () => roster.config.dataRules });
  const workspace = guardWorkspace(nodeWorkspace, ports.isTrusted);
  const orchestrator = createEngine({
    journal,
    roster,
    workspace,
    approver: ports.approver,
    clock,
    logger: ports.logger,
    newId: randomUUID,
    random: Math.random,
  });
  roster.onChange(({ edited }) => orchestrator.rosterChanged(edited));
  return {
    orchestrator,
    journal,
    roster,
    workspace,
    options: () => roster.config.options,
    reload: (how) => roster.reload(how),
    onRosterChange: (listener) => roster.onChange(listener),
    trial: createBackendTrial(ports, clock),
    dispose: async () => {
      await orchestrator.dispose();
      await journal.close();
    },
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
