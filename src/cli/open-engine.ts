/** The engine for a command: roster file, folder, record and consent put together. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ok, type Result } from '../base/result.ts';
import { systemClock } from '../base/clock.ts';
import { journalFile } from '../app/data-folder.ts';
import { oneLine } from '../app/safe-text.ts';
import type { OpenedOrchestrator, RawSettings, ShellPorts } from '../app/shell.ts';
import type { Approver, Journal, Logger } from '../core/ports.ts';
import { TerminalConsent } from './consent.ts';
import { EXIT } from './exit-code.ts';
import { readTextFile, whyNoFolder } from './file-text.ts';
import { FollowedRoster } from './followed-roster.ts';
import type { CliIo } from './io.ts';
import { versionIn } from './version-in.ts';
import { refused, stopped, type Refusal } from './refusal.ts';

export interface EngineWish {
  readonly roster: string | undefined;
  readonly workspace: string | undefined;
  readonly db: string | undefined;
  readonly yes: boolean;
  /** A person can be asked. */
  readonly canAsk?: boolean;
}

/** Called around a question, so that nothing is drawn over it. */
export type Hush = <T>(work: () => Promise<T>) => Promise<T>;

export interface CliEngine extends OpenedOrchestrator {
  readonly approver: Approver;
  /** Ids of the roster file, also of entries that work only elsewhere. */
  readonly namedBackends: readonly string[];
  /** The folder that is worked on. */
  readonly folder: string;
  /** Takes the backends from the roster file anew, for the next call, and tells what is wrong there. */
  readonly reread: () => Promise<void>;
}

export async function openEngine(io: CliIo, wish: EngineWish, hush: Hush): Promise<Result<CliEngine, Refusal>> {
  const noDatabase = await whyNoRecord(dbFileOf(io, wish.db));
  if (noDatabase !== undefined) return refused(noDatabase);
  const settings = await readSettings(io, wish.roster);
  if (!settings.ok) return settings;
  const folder = path.resolve(io.cwd, wish.workspace ?? '.');
  const noFolder = await whyNoFolder(folder);
  if (noFolder !== undefined)
    return refused(`The workspace ${folder} ${noFolder}.`, 'Name an existing folder with --workspace.');
  const { openOrchestrator, rosterHosts } = await import('../app/create-orchestrator.ts');
  const file = new FollowedRoster(settings.value, rosterHosts);
  const yes = (host: string): boolean => wish.yes && !file.isLater(host);
  const ports = portsOf(io, { wish, hush, folder, settings: () => file.settings, yes });
  const opened = await openOrchestrator(ports);
  const problems = opened.roster.problems();
  const backends = opened.roster.backends().map((backend) => backend.description.id);
  if (backends.length === 0) {
    await opened.dispose();
    return refused(...problems, `No backend of ${wish.roster ?? 'the roster'} can be used; mend what is named above.`);
  }
  tellProblems(io, opened);
  return ok({
    ...opened,
    approver: ports.approver,
    folder,
    namedBackends: [...new Set([...backends, ...namedIn(settings.value)])],
    reread: () => reread(io, { wish, approver: ports.approver, file, opened }),
  });
}

interface Edited {
  readonly wish: EngineWish;
  readonly approver: Approver;
  readonly file: FollowedRoster;
  readonly opened: OpenedOrchestrator;
}

async function reread(io: CliIo, { wish, approver, file, opened }: Edited): Promise<void> {
  const read = await readSettings(io, wish.roster);
  if (!read.ok) return read.error.lines.forEach((line) => io.err.write(`${line}\n`));
  const hosts = file.take(read.value).filter((host) => wish.yes && approver.decided(host) === undefined);
  await opened.reload({ discover: false, keepsAgents: true });
  for (const host of hosts)
    io.err.write(
      `Nothing is sent to ${oneLine(host, 200)}: --yes speaks for the hosts of entries that could be used when this command started. Start it again to allow this one too.\n`,
    );
  tellProblems(io, opened);
}

function tellProblems({ err }: CliIo, { roster }: OpenedOrchestrator): void {
  for (const problem of roster.problems()) err.write(`${problem.startsWith('roster[') ? '' : 'roster: '}${problem}\n`);
}

/** For `apply`: no model is called, so nothing is looked for and nobody is asked; `folder` is there. */
export async function openForEdits(
  io: CliIo,
  { db, folder }: { readonly db: string | undefined; readonly folder: string },
): Promise<OpenedOrchestrator> {
  const { openOrchestrator } = await import('../app/create-orchestrator.ts');
  const wish = { roster: undefined, workspace: folder, db, yes: false };
  const settings = { 'orchestrator.roster': { user: [{ id: 'embedded', provider: 'embedded' }] } };
  const parts = {
    wish,
    hush: <T>(work: () => Promise<T>) => work(),
    folder,
    settings: () => settings,
    yes: () => false,
  };
  return openOrchestrator(portsOf({ ...io, ask: undefined }, parts));
}

interface Parts {
  readonly wish: EngineWish;
  readonly hush: Hush;
  readonly folder: string;
  readonly settings: () => RawSettings;
  readonly yes: (host: string) => boolean;
}

function portsOf(io: CliIo, { wish, hush, folder, settings, yes }: Parts): ShellPorts {
  const dbFile = dbFileOf(io, wish.db);
  const { ask } = io;
  return {
    dbFile,
    journalWorkerFile: io.journalWorkerFile,
    settings,
    ...(wish.roster === undefined ? {} : { settingsFile: path.resolve(io.cwd, wish.roster) }),
    isTrusted: () => true,
    // Keys are stored by VS Code; entries that name one are listed as problems and never called from here.
    secrets: { get: () => Promise.resolve(undefined) },
    env: io.env,
    folders: [{ name: path.basename(folder), path: folder }],
    approver: new TerminalConsent({
      yes,
      file: path.join(path.dirname(dbFile), 'consent.json'),
      ask: ask === undefined ? undefined : (question, signal) => hush(() => ask(question, signal)),
      tell: (line) => void hush(async () => io.err.write(`${line}\n`)),
      nowMs: () => systemClock.wallMs(),
    }),
    logger: createLogger(io),
    version: versionIn(io.packageRoot),
    isUnattended: wish.canAsk !== true,
    // They may have been said on the command line that began the run.
    keepsLimits: true,
    allowsApi: wish.yes,
  };
}

/** `undefined`: nothing is configured, so what is found on this machine is used. */
async function readSettings(io: CliIo, file: string | undefined): Promise<Result<RawSettings, Refusal>> {
  if (file === undefined) return ok({});
  const text = await readTextFile(path.resolve(io.cwd, file));
  if (!text.ok) return refused(`The roster ${file} ${text.error}.`, 'Name a JSON file with --roster.');
  const [{ parseRosterFile }, { describeProblem }] = await Promise.all([
    import('../config/roster-file.ts'),
    import('../config/problem.ts'),
  ]);
  const parsed = parseRosterFile(text.value, file);
  return parsed.ok ? parsed : refused(describeProblem(parsed.error));
}

function namedIn(settings: RawSettings): readonly string[] {
  const roster: unknown = settings['orchestrator.roster']?.user;
  if (!Array.isArray(roster)) return [];
  return roster.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string' ? [entry.id] : [],
  );
}

/** The record alone, for commands that call no model. */
export async function openRecord(io: CliIo, db: string | undefined): Promise<Result<Journal | undefined, Refusal>> {
  const file = dbFileOf(io, db);
  if (!existsSync(file)) {
    // Opening would make it; whoever only looks wants to know that the name is wrong.
    return db === undefined
      ? ok(undefined)
      : refused(`The database ${file} is not there.`, 'Name the file that a run was recorded in with --db.');
  }
  const noDatabase = await whyNoRecord(file);
  if (noDatabase !== undefined) return refused(noDatabase);
  const { openJournal } = await import('../journal/open-journal.ts');
  const journal = await openJournal({ file, workerFile: io.journalWorkerFile, logger: createLogger(io) });
  if (journal.warnings.length === 0) return ok(journal);
  const usable = await journal.listRuns({ limit: 1 });
  if (usable.ok && usable.value.length > 0) return ok(journal);
  await journal.close();
  return stopped(['The record of runs cannot be read; see the warning above.'], EXIT.failed);
}

/** Known before anything runs, so that no run goes unrecorded because of a wrong name. */
async function whyNoRecord(file: string): Promise<string | undefined> {
  const { whyNoDatabase } = await import('../journal/not-a-database.ts');
  try {
    return whyNoDatabase(file);
  } catch {
    return undefined; // it cannot be read: the journal says why
  }
}

function dbFileOf(io: CliIo, db: string | undefined): string {
  if (db !== undefined) return path.resolve(io.cwd, db);
  return journalFile({ platform: io.platform, homeDir: io.homeDir, env: io.env });
}

export function createLogger(io: CliIo): Logger {
  return {
    info: () => undefined,
    warn: (message) => io.err.write(`warning: ${message}\n`),
    error: (message, error) => {
      const why = error instanceof Error ? ` (${error.message})` : '';
      io.err.write(`error: ${message}${why}\n`);
    },
  };
}
