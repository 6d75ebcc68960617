/** The chat participant `@orchestrator`: slash commands, follow-ups, and errors as a person reads them. */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../app/shell.ts';
import { systemClock } from '../base/clock.ts';
import type { Plan } from '../core/plan.ts';
import { payloadText } from '../core/run-event.ts';
import type { RunState, TaskState } from '../core/run-state.ts';
import { abortSignalOf } from './abort-signal.ts';
import { runsOf, type PastTurn } from './chat-history.ts';
import type { Foresee } from './chat-plan.ts';
import { buildRequest, pastTurns, runIdOf } from './chat-request.ts';
import { followRun, type RunTurn, type TurnEnd } from './chat-run.ts';
import { ChatStream, type Turn } from './chat-stream.ts';
import {
  helpText,
  interruptedText,
  readResume,
  shortHelp,
  spendText,
  startOfDay,
  type ResumeChoice,
} from './chat-spend.ts';
import { COMMANDS, PARTICIPANT } from './ids.ts';
import { loadRun } from './load-run.ts';
import { chooseForTask } from './lm-choice.ts';
import { TaskRows } from './progress-tool.ts';
import { asText } from './safe-part.ts';
import type { ShellDeps } from './shell-deps.ts';
import { fileLookup } from './workspace-path.ts';

/** What a finished turn was, for its follow-ups; kept by VS Code with the chat. */
type TurnKind = 'answer' | 'plan' | 'interrupted' | 'aside';

export function registerChat(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const rows = TaskRows.register(context);
  // oxlint-disable-next-line max-params -- the signature is VS Code's
  const handler: vscode.ChatRequestHandler = (request, chat, stream, cancellation) =>
    new ChatTurn(deps, {
      request,
      past: pastTurns(chat),
      turn: { stream, toolToken: request.toolInvocationToken, cancellation },
      rows,
    }).answer();
  const participant = vscode.chat.createChatParticipant(PARTICIPANT, handler);
  participant.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'icon.png');
  participant.followupProvider = { provideFollowups: (result) => followups(result) };
  context.subscriptions.push(participant);
}

interface Given {
  readonly request: vscode.ChatRequest;
  readonly past: readonly PastTurn[];
  readonly turn: Turn;
  readonly rows: TaskRows;
}

const INTERRUPTED_SHOWN = 10;
const RUNS_LOOKED_AT = 200;

class ChatTurn {
  readonly #deps: ShellDeps;
  readonly #given: Given;

  constructor(deps: ShellDeps, given: Given) {
    this.#deps = deps;
    this.#given = given;
  }

  /** Never rejects: what went wrong is said in the turn. */
  async answer(): Promise<vscode.ChatResult> {
    const { turn } = this.#given;
    try {
      return await this.#dispatch();
    } catch (error) {
      if (turn.cancellation.isCancellationRequested) return {};
      this.#deps.log.error('A chat turn failed', error);
      const what = error instanceof Error ? error.message : String(error);
      return {
        errorDetails: {
          message: `${asText(what)} Ask again; the log ("Orchestrator" in the Output panel) has the details.`,
        },
      };
    }
  }

  async #dispatch(): Promise<vscode.ChatResult> {
    const { request, turn } = this.#given;
    const isEmpty = request.prompt.trim() === '' && request.references.length === 0;
    if (isEmpty && (request.command === undefined || request.command === 'plan')) {
      turn.stream.markdown(shortHelp());
      turn.stream.button({ command: COMMANDS.askSample, title: 'Try It' });
      return result('aside', { run: undefined, error: undefined });
    }
    if (this.#deps.engine.opened() === undefined) turn.stream.progress('Opening the engine');
    const opened = await this.#deps.engine.open();
    switch (request.command) {
      case 'plan':
        return this.#plan(opened);
      case 'run':
        return this.#runPlan(opened);
      case 'resume':
        return this.#resume(opened);
      case 'spend':
        return this.#spend(opened);
      case 'help':
        return this.#help(opened);
      default:
        return this.#ask(opened);
    }
  }

  async #ask(opened: OpenedOrchestrator, plan?: Plan): Promise<vscode.ChatResult> {
    const built = await this.#build(opened, plan);
    return result(
      'answer',
      await followRun(() => opened.orchestrator.start(built.request), this.#runTurn(opened, { notes: built.notes })),
    );
  }

  async #plan(opened: OpenedOrchestrator): Promise<vscode.ChatResult> {
    const built = await this.#build(opened);
    const foresee: Foresee = (task) => chooseForTask(task, rosterView(opened, this.#deps));
    const run = this.#runTurn(opened, { notes: built.notes });
    return result(
      'plan',
      await followRun(() => opened.orchestrator.plan(built.request), {
        ...run,
        presenter: { ...run.presenter, planOnly: foresee },
      }),
    );
  }

  /** Runs the last plan of this chat as it is, unless that was done since it was shown. */
  async #runPlan(opened: OpenedOrchestrator): Promise<vscode.ChatResult> {
    const done = new Set<string>();
    for (const run of runsOf(this.#given.past).toReversed()) {
      const loaded = await loadRun(opened, run);
      if (!loaded.ok || loaded.value.state.tasks.size === 0) continue;
      const plan = await planOf(loaded.value.state, opened);
      const tasks = JSON.stringify(plan.tasks);
      if (isUnrunPlan(loaded.value.state) && !done.has(tasks)) return this.#ask(opened, plan);
      done.add(tasks);
    }
    return said(
      'There is no plan in this chat that has not run. Ask for one with `/plan` and your request.',
      this.#given,
    );
  }

  async #resume(opened: OpenedOrchestrator): Promise<vscode.ChatResult> {
    const listed = await opened.journal.listRuns({ limit: RUNS_LOOKED_AT });
    if (!listed.ok) throw new Error(`${listed.error.message} ${listed.error.whatToDo}`);
    const interrupted = listed.value
      .filter((run) => run.liveness === 'interrupted')
      .map(({ run, request, startedAtMs, tasks }): ResumeChoice => ({ run, title: request, startedAtMs, tasks }))
      .sort((a, b) => b.startedAtMs - a.startedAtMs);
    const wish = readResume(this.#given.request.prompt, interrupted);
    if (wish.kind === 'run') {
      const loaded = await loadRun(opened, wish.run);
      const attached = loaded.ok ? { attachedTo: loaded.value.state } : {};
      return result(
        'answer',
        await followRun(() => opened.orchestrator.resume(wish.run), this.#runTurn(opened, attached)),
      );
    }
    const unknown = wish.kind === 'unknown' ? `No single interrupted run is named ${asText(wish.text, 80)}.\n\n` : '';
    this.#given.turn.stream.markdown(unknown + interruptedText(interrupted.slice(0, INTERRUPTED_SHOWN)));
    return {
      metadata: { kind: 'interrupted', runs: interrupted.slice(0, 3).map(({ run, title }) => ({ run, title })) },
    };
  }

  async #spend(opened: OpenedOrchestrator): Promise<vscode.ChatResult> {
    const today = await opened.journal.spendSince(startOfDay(systemClock.wallMs()));
    if (!today.ok) throw new Error(`${today.error.message} ${today.error.whatToDo}`);
    const latest = runsOf(this.#given.past).at(-1) ?? (await latestRun(opened));
    const loaded = latest === undefined ? undefined : await loadRun(opened, latest);
    return said(spendText(today.value, loaded?.ok === true ? loaded.value.state : undefined), this.#given);
  }

  #help(opened: OpenedOrchestrator): vscode.ChatResult {
    const words = {
      descriptions: opened.roster.backends().map((backend) => backend.description),
      problems: opened.roster.problems(),
      warnings: opened.journal.warnings,
    };
    const end = said(helpText(words), this.#given);
    this.#given.turn.stream.button({ command: COMMANDS.askSample, title: 'Try It' });
    this.#given.turn.stream.button({ command: COMMANDS.addBackend, title: 'Add a Backend' });
    return end;
  }

  async #build(opened: OpenedOrchestrator, plan?: Plan): ReturnType<typeof buildRequest> {
    const { request, past, turn } = this.#given;
    const aborting = abortSignalOf(turn.cancellation);
    try {
      return await buildRequest({ request, past, opened, signal: aborting.signal }, plan);
    } finally {
      aborting.dispose();
    }
  }

  #runTurn(opened: OpenedOrchestrator, more: Partial<Pick<RunTurn, 'notes' | 'attachedTo'>>): RunTurn {
    const { turn, rows } = this.#given;
    const enabled = opened.roster.backends().filter((backend) => backend.description.enabled);
    const isOnlyEmbedded = enabled.every((backend) => backend.description.provider === 'embedded');
    const answer = (run: string): ChatStream => new ChatStream(turn, rows, run);
    return {
      orchestrator: opened.orchestrator,
      cancellation: turn.cancellation,
      clock: systemClock,
      answer,
      presenter: { isFile: fileLookup(), isOnlyEmbedded },
      notes: [],
      ...more,
    };
  }
}

function said(markdown: string, { turn }: Given): vscode.ChatResult {
  turn.stream.markdown(markdown);
  return result('aside', { run: undefined, error: undefined });
}

function result(kind: TurnKind, { run, error }: TurnEnd): vscode.ChatResult {
  return {
    metadata: { kind, ...(run === undefined ? {} : { runId: run }) },
    ...(error === undefined ? {} : { errorDetails: { message: error } }),
  };
}

function rosterView(opened: OpenedOrchestrator, deps: ShellDeps): Parameters<typeof chooseForTask>[1] {
  return {
    descriptions: opened.roster.backends().map((backend) => backend.description),
    health: opened.orchestrator.health(),
    options: opened.options(),
    consentFor: (host) => deps.consent.decided(host),
  };
}

function isUnrunPlan(state: RunState): boolean {
  return (
    state.phase === 'finished' &&
    state.tasks.size > 0 &&
    [...state.tasks.values()].every((task: TaskState) => task.status === 'pending')
  );
}

async function planOf(state: RunState, opened: OpenedOrchestrator): Promise<Plan> {
  const request = typeof state.request === 'string' ? undefined : await opened.journal.readBlob(state.request);
  const text = request?.ok === true ? request.value : payloadText(state.request);
  return { request: text, tasks: [...state.tasks.values()].flatMap((task) => task.spec ?? []) };
}

async function latestRun(opened: OpenedOrchestrator): Promise<string | undefined> {
  const listed = await opened.journal.listRuns({ limit: 1 });
  return listed.ok ? listed.value[0]?.run : undefined;
}

/** Participant and command are always named: VS Code would else take over those of the turn before. */
function followups(done: vscode.ChatResult): vscode.ChatFollowup[] {
  const metadata: { readonly kind?: unknown; readonly runs?: unknown } = done.metadata ?? {};
  const to = (command: string, prompt: string, label: string): vscode.ChatFollowup => ({
    participant: PARTICIPANT,
    command,
    prompt,
    label,
  });
  switch (metadata.kind) {
    case 'answer':
      return runIdOf(done) === undefined ? [] : [to('spend', 'today', 'Show what it cost')];
    case 'plan':
      return runIdOf(done) === undefined || done.errorDetails !== undefined
        ? []
        : [to('run', 'this plan', 'Run this plan')];
    case 'interrupted':
      return (Array.isArray(metadata.runs) ? metadata.runs : []).flatMap((one: unknown) =>
        isChoice(one) ? [to('resume', one.run, `Resume "${one.title.slice(0, 40)}"`)] : [],
      );
    default:
      return [];
  }
}

function isChoice(value: unknown): value is { readonly run: string; readonly title: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'run' in value &&
    typeof value.run === 'string' &&
    'title' in value &&
    typeof value.title === 'string'
  );
}
