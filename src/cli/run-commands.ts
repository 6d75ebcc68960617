/** `ask`, `plan`, `run` and `resume`: from a command to a run that is shown until its end. */
import path from 'node:path';
import { err, ok, type Result } from '../base/result.ts';
import type { Subscription } from '../base/emitter.ts';
import { oneLine } from '../app/safe-text.ts';
import { describeFailure, failure, type Failure } from '../core/failure.ts';
import type { RunFinished, RunHandle } from '../core/orchestrator.ts';
import type { RunOptions, RunRequest } from '../core/run-request.ts';
import { foldRun } from '../core/run-fold.ts';
import type { RunState } from '../core/run-state.ts';
import type { AskCommand, ResumeCommand, RunPlanCommand, RunSettings } from './command.ts';
import { EXIT, exitCodeOf, type ExitCode } from './exit-code.ts';
import { attachFiles } from './attach-files.ts';
import { readTextFile } from './file-text.ts';
import { findRun } from './find-run.ts';
import { HumanView } from './human-view.ts';
import type { CliIo } from './io.ts';
import { JsonView } from './json-view.ts';
import { inTurn } from './in-turn.ts';
import { openEngine, type CliEngine, type Hush } from './open-engine.ts';
import { Person, type GivenUp } from './person.ts';
import { refused, stopped, type Refusal } from './refusal.ts';
import type { RunView } from './run-view.ts';

type Ended = Result<ExitCode, Refusal>;
type Started = Result<RunHandle, Failure>;

export async function askOrPlan(io: CliIo, command: AskCommand): Promise<Ended> {
  return withEngine(io, command, async (engine, session) => {
    const files = await attachFiles(engine, { cwd: io.cwd, patterns: command.files, signal: session.signal });
    if (!files.ok) return files;
    for (const note of files.value.notes) io.err.write(`${note}\n`);
    const request = requestOf(engine, command, {
      ...attendance(session),
      text: command.request,
      files: files.value.patterns,
    });
    return follow(engine, session, {
      start: () => (command.kind === 'plan' ? engine.orchestrator.plan(request) : engine.orchestrator.start(request)),
    });
  });
}

export async function runPlan(io: CliIo, command: RunPlanCommand): Promise<Ended> {
  const text = await readTextFile(path.resolve(io.cwd, command.planFile));
  if (!text.ok)
    return refused(`The plan ${command.planFile} ${text.error}.`, 'Name a plan file: {"request": "…", "tasks": […]}.');
  return withEngine(io, command, async (engine, session) => {
    const { parsePlanFile } = await import('../core/plan/plan-check.ts');
    const { maxTasks, maxEdges } = engine.options();
    const limits = { maxTasks, maxEdges, targets: engine.namedBackends, agents: engine.agents() };
    const plan = parsePlanFile(text.value, limits);
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
    const again = await lineageOf(io, engine, command);
    if (!again.ok) return again;
    const what = { text: plan.value.request, files: [], plan: plan.value, ...again.value };
    const request = requestOf(engine, command, { ...what, ...attendance(session) });
    const isFolderNamed = command.workspace !== undefined;
    return follow(engine, session, { start: () => engine.orchestrator.start(request, { isFolderNamed }) });
  });
}

/** The run that the plan is run in the lineage of. */
async function lineageOf(
  io: CliIo,
  engine: CliEngine,
  { from, fresh }: RunPlanCommand,
): Promise<Result<Pick<RunRequest, 'again'>, Refusal>> {
  if (from === undefined) return ok({});
  const found = await findRun(io, engine.journal, from);
  return found.ok ? ok({ again: { run: found.value.run, redo: [], isFresh: fresh } }) : found;
}

export async function resumeRun(io: CliIo, command: ResumeCommand): Promise<Ended> {
  return withEngine(io, command, async (engine, session) => {
    const found = await findRun(io, engine.journal, command.run);
    if (!found.ok) return found;
    const { run, liveness, outcome } = found.value;
    if (liveness === 'finished')
      return refused(
        `Run ${run} has finished (${outcome ?? 'ended'}); there is nothing to resume.`,
        `"${io.program} show ${run} --format plan > plan.json" and "${io.program} run plan.json --from ${run}" run its plan again.`,
      );
    if (liveness === 'running')
      return refused(
        `Run ${run} is going on in another process.`,
        'Wait until it ends, or end it there; only an interrupted run can be resumed.',
      );
    const isFolderNamed = command.workspace !== undefined;
    const folder = isFolderNamed ? engine.folder : await folderOf(engine, run);
    if (folder !== undefined && folder !== engine.folder) return { again: folder };
    if (!command.fresh)
      return follow(engine, session, {
        start: () => engine.orchestrator.resume(run, { isFolderNamed }),
        isResumed: true,
      });
    const ended = await endInstead(engine, run);
    if (!ended.ok) return stopped([describeFailure(ended.error)], EXIT.failed);
    return follow(engine, session, {
      start: () => engine.orchestrator.again(run, { isFresh: true, isFolderNamed }),
      isResumed: true,
    });
  });
}

/** An interrupted run whose plan is to be done anew ends first, so that nobody goes on with it as well. */
async function endInstead({ orchestrator, journal }: CliEngine, run: string): Promise<Result<unknown, Failure>> {
  const events = await journal.readRun(run, { textsUpToBytes: 0 });
  if (!events.ok) return events;
  if (foldRun(run, events.value).tasks.size === 0) return err(noPlanYet(run));
  return orchestrator.act(run, { kind: 'cancel' });
}

function noPlanYet(run: string): Failure {
  return failure('interrupted', `Run ${run} was interrupted before it had a plan.`, {
    whatToDo: 'Resume it without --fresh: nothing of it was done.',
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
  readonly hush: Hush;
  readonly io: CliIo;
  readonly yes: boolean;
  /** Asks the person; undefined when there is none, or when a program reads what is printed. */
  readonly ask: CliIo['ask'];
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
    const ask = io.out.isTty && !wish.json ? io.ask : undefined;
    const hush = inTurn((work) => view.hush(work));
    return await openAndUse(io, wish, { use, session: { view, hush, io, yes: wish.yes, ask, signal: stop.signal } });
  } finally {
    interrupts.dispose();
  }
}

async function openAndUse(
  io: CliIo,
  wish: Wish,
  { use, session }: { readonly use: Use; readonly session: Session },
): Promise<Ended> {
  const opened = await openEngine(io, { ...wish, canAsk: session.ask !== undefined }, session.hush);
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

interface Following {
  readonly start: () => Promise<Started>;
  /** It stays as it is, to be resumed, when nobody can say what it waits for. */
  readonly isResumed?: boolean;
}

/** Starts a run and shows it to its end; whatever it waits for is asked of the person. */
async function follow(engine: CliEngine, session: Session, { start, isResumed = false }: Following): Promise<Ended> {
  const { orchestrator } = engine;
  const { view, signal } = session;
  const person = personOf(engine, session);
  const subscriptions: readonly Subscription[] = [
    orchestrator.onEvent((event) => {
      const state = orchestrator.state(event.run);
      view.onEvent(event, state);
      if (state !== undefined) person.onEvent(event, state);
    }),
    orchestrator.onText((delta) => view.onText(delta)),
    person,
  ];
  try {
    const started = await start();
    if (!started.ok) return stopped([describeFailure(started.error)], EXIT.failed);
    const handle = started.value;
    const finished = untilFinished(handle, signal);
    const end = await Promise.race([finished, person.givenUp]);
    if ('type' in end) return shownEnd(view, end, orchestrator.state(handle.run));
    if (isResumed) return givenUp(end, session.io, handle.run);
    handle.cancel();
    shownEnd(view, await finished, orchestrator.state(handle.run));
    return givenUp(end, session.io, undefined);
  } finally {
    for (const subscription of subscriptions) subscription.dispose();
  }
}

function shownEnd(view: RunView, finished: RunFinished, state: RunState | undefined): Ended {
  view.onFinished(finished, state);
  return ok(exitCodeOf(finished));
}

function personOf({ orchestrator }: CliEngine, { ask, yes, hush, signal, io }: Session): Person {
  return new Person({ orchestrator, ask, yes, hush, tell: (line) => io.err.write(`${line}\n`), signal });
}

/** `run`: it can be resumed. */
function givenUp({ what, lines }: GivenUp, { program }: CliIo, run: string | undefined): Ended {
  const again = run === undefined ? '' : ` ("${program} resume ${run}")`;
  return what === 'plan'
    ? refused(
        ...lines,
        `This plan waits for your approval, and nothing of it ran: add --yes to run it, or start it at a terminal${again}.`,
      )
    : stopped([...lines, `Nobody is here to answer. Resume it at a terminal${again} or in VS Code.`], EXIT.failed);
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

function attendance({ ask }: Session): Pick<RunRequest, 'isUnattended'> {
  return ask === undefined ? { isUnattended: true } : {};
}

function requestOf(
  engine: CliEngine,
  settings: RunSettings,
  what: Pick<RunRequest, 'text' | 'files' | 'plan' | 'again' | 'isUnattended'>,
): RunRequest {
  return { ...what, source: 'cli', history: [], options: optionsOf(engine.options(), settings) };
}

/** What the command line says goes before what the roster file says. */
export function optionsOf(base: RunOptions, settings: RunSettings): RunOptions {
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
