/** `ask`, `plan`, `run` and `resume`: from a command to a run that is shown until its end. */
import path from 'node:path';
import { ok, type Result } from '../base/result.ts';
import type { Subscription } from '../base/emitter.ts';
import { oneLine } from '../app/safe-text.ts';
import { describeFailure, type Failure } from '../core/failure.ts';
import type { RunFinished, RunHandle } from '../core/orchestrator.ts';
import type { Plan } from '../core/plan.ts';
import type { RunOptions, RunRequest } from '../core/run-request.ts';
import { foldRun } from '../core/run-fold.ts';
import type { AskCommand, ResumeCommand, RunPlanCommand, RunSettings } from './command.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-code.ts';
import { attachFiles } from './attach-files.ts';
import { readTextFile } from './file-text.ts';
import { findRun } from './find-run.ts';
import { HumanView } from './human-view.ts';
import type { CliIo } from './io.ts';
import { JsonView } from './json-view.ts';
import { openEngine, type CliEngine } from './open-engine.ts';
import { refused, stopped, type Refusal } from './refusal.ts';
import type { RunView } from './run-view.ts';

type Ended = Result<ExitCode, Refusal>;
type Started = Result<RunHandle, Failure>;

export async function askOrPlan(io: CliIo, command: AskCommand): Promise<Ended> {
  return withEngine(io, command, async (engine, session) => {
    const files = await attachFiles(engine, { cwd: io.cwd, patterns: command.files, signal: session.signal });
    if (!files.ok) return files;
    for (const note of files.value.notes) io.err.write(`${note}\n`);
    const request = requestOf(engine, command, { text: command.request, files: files.value.patterns });
    return follow(engine, session, () =>
      command.kind === 'plan' ? engine.orchestrator.plan(request) : engine.orchestrator.start(request),
    );
  });
}

export async function runPlan(io: CliIo, command: RunPlanCommand): Promise<Ended> {
  const text = await readTextFile(path.resolve(io.cwd, command.planFile));
  if (!text.ok)
    return refused(`The plan ${command.planFile} ${text.error}.`, 'Name a plan file: {"request": "…", "tasks": […]}.');
  return withEngine(io, command, async (engine, session) => {
    const { parsePlanFile } = await import('../core/plan-check.ts');
    const { maxTasks, maxEdges } = engine.options();
    const plan = parsePlanFile(text.value, { maxTasks, maxEdges, targets: engine.namedBackends });
    if (!plan.ok)
      return refused(
        `The plan ${command.planFile} cannot run:`,
        ...plan.error.map((fault) => `  ${oneLine(fault, 500)}`),
        'Mend what is named above and run it again.',
      );
    const { missingInputs } = await import('./plan-inputs.ts');
    const missing = await missingInputs(plan.value, engine, session.signal);
    if (missing.length > 0)
      return refused(
        `The plan ${command.planFile} cannot run:`,
        ...missing.map((fault) => `  ${oneLine(fault, 500)}`),
        'Mend what is named above and run it again.',
      );
    const request = requestOf(engine, command, { text: plan.value.request, files: [], plan: plan.value });
    return follow(engine, session, () => engine.orchestrator.start(request));
  });
}

export async function resumeRun(io: CliIo, command: ResumeCommand): Promise<Ended> {
  return withEngine(io, command, async (engine, session) => {
    const found = await findRun(io, engine.journal, command.run);
    if (!found.ok) return found;
    const { run, liveness, outcome } = found.value;
    if (liveness === 'finished')
      return refused(
        `Run ${run} has finished (${outcome ?? 'ended'}); there is nothing to resume.`,
        `"${io.program} show ${run}" prints it; ask again for a new run.`,
      );
    if (liveness === 'running')
      return refused(
        `Run ${run} is going on in another process.`,
        'Wait until it ends, or end it there; only an interrupted run can be resumed.',
      );
    const folder = command.workspace === undefined ? await folderOf(engine, run) : engine.folder;
    if (folder !== undefined && folder !== engine.folder) return { again: folder };
    return follow(engine, session, () => engine.orchestrator.resume(run));
  });
}

/** The folder that the run worked on; undefined when it worked on none, or its record cannot be read (resuming says why). */
async function folderOf(engine: CliEngine, run: string): Promise<string | undefined> {
  const events = await engine.journal.readRun(run, { textsUpToBytes: 0 });
  const workspace = events.ok ? foldRun(run, events.value).workspace : '';
  return workspace === '' ? undefined : workspace;
}

interface Session {
  readonly view: RunView;
  /** Aborts when the user wants it to end. */
  readonly signal: AbortSignal;
}

interface Wish {
  readonly roster: string | undefined;
  readonly workspace: string | undefined;
  readonly db: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

/** What `use` gives back: the end, or the folder to be opened instead of the one that is open. */
type Use = (engine: CliEngine, session: Session) => Promise<Ended | { readonly again: string }>;

async function withEngine(io: CliIo, wish: Wish, use: Use): Promise<Ended> {
  const stop = new AbortController();
  const interrupts = io.onInterrupt(() => stop.abort());
  try {
    const view: RunView = wish.json ? new JsonView(io.out) : new HumanView(io);
    return await openAndUse(io, wish, { use, session: { view, signal: stop.signal } });
  } finally {
    interrupts.dispose();
  }
}

async function openAndUse(
  io: CliIo,
  wish: Wish,
  { use, session }: { readonly use: Use; readonly session: Session },
): Promise<Ended> {
  const opened = await openEngine(io, wish, (work) => session.view.hush(work));
  if (!opened.ok) return opened;
  const engine = opened.value;
  let ended: Awaited<ReturnType<Use>>;
  try {
    ended = session.signal.aborted ? ok(EXIT.cancelled) : await use(engine, session);
  } finally {
    await engine.dispose();
  }
  return 'again' in ended ? openAndUse(io, { ...wish, workspace: ended.again }, { use, session }) : ended;
}

/** Starts a run and shows it to its end. */
async function follow(engine: CliEngine, { view, signal }: Session, start: () => Promise<Started>): Promise<Ended> {
  const { orchestrator } = engine;
  const subscriptions: readonly Subscription[] = [
    orchestrator.onEvent((event) => view.onEvent(event, orchestrator.state(event.run))),
    orchestrator.onText((delta) => view.onText(delta)),
  ];
  try {
    const started = await start();
    if (!started.ok) return stopped([describeFailure(started.error)], EXIT.failed);
    const finished = await untilFinished(started.value, signal);
    view.onFinished(finished, orchestrator.state(started.value.run));
    return ok(exitCodeOf(finished));
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
}

async function untilFinished(handle: RunHandle, signal: AbortSignal): Promise<RunFinished> {
  const cancel = (): void => handle.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    return await handle.finished;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function requestOf(
  engine: CliEngine,
  settings: RunSettings,
  what: { readonly text: string; readonly files: readonly string[]; readonly plan?: Plan },
): RunRequest {
  return { ...what, source: 'cli', history: [], options: optionsOf(engine.options(), settings) };
}

/** What the command line says goes before what the roster file says. */
function optionsOf(base: RunOptions, settings: RunSettings): RunOptions {
  const { maxUsd, maxTokens, maxMs, maxIterations } = settings;
  return {
    ...base,
    strategy: settings.strategy ?? base.strategy,
    synthesis: base.synthesis && settings.synthesis,
    localOnly: base.localOnly || settings.localOnly,
    allowApi: base.allowApi || settings.yes,
    limits: {
      ...base.limits,
      ...(maxUsd === undefined ? {} : { maxUsd }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(maxMs === undefined ? {} : { maxMs }),
      ...(maxIterations === undefined ? {} : { maxIterations }),
    },
    ...(settings.concurrency === undefined ? {} : { concurrency: settings.concurrency }),
  };
}
