/** The chat participant `@orchestrator`: slash commands, follow-ups, and errors as a person reads them. */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { systemClock } from '../../base/clock.ts';
import { noticeText } from '../../app/safe-text.ts';
import { runTitle } from '../../app/run-text.ts';
import type { RunState } from '../../core/run-state.ts';
import { AnswerNotice, type RunFinishedEvent } from '../notices/answer-notice.ts';
import { abortSignalOf } from '../abort-signal.ts';
import { runsOf, type PastTurn } from './chat-history.ts';
import { runTurn, taskTurn, type AttachEnd, type AttachTurn } from './chat-attach.ts';
import { followups, type TurnKind } from './chat-followups.ts';
import { buildRequest, pastTurns } from './chat-request.ts';
import { followRun, type RunTurn, type TurnEnd } from './chat-run.ts';
import { ChatStream, type Turn } from './chat-stream.ts';
import { helpText, interruptedText, readResume, shortHelp, spendText, type ResumeChoice } from './chat-spend.ts';
import { COMMANDS, PARTICIPANT, PARTICIPANT_NAME } from '../ids.ts';
import { loadRun } from '../runs/load-run.ts';
import { openChat } from './open-chat.ts';
import { TaskRows } from './progress-tool.ts';
import { asText } from '../markdown/safe-part.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { startOfDay } from '../start-of-day.ts';
import { fileLookup } from '../workspace-path.ts';

export function registerChat(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const rows = TaskRows.register(context);
  const notice = new AnswerNotice((finished) => tellAnswer(finished, deps));
  context.subscriptions.push(
    deps.engine.onDidOpen(({ orchestrator }) => {
      context.subscriptions.push(orchestrator.onEvent((event) => notice.onEvent(event)));
    }),
  );
  // oxlint-disable-next-line max-params -- the signature is VS Code's
  const handler: vscode.ChatRequestHandler = (request, chat, stream, cancellation) =>
    new ChatTurn(deps, {
      request,
      past: pastTurns(chat),
      turn: { stream, toolToken: request.toolInvocationToken, cancellation },
      rows,
      notice,
    }).answer();
  const participant = vscode.chat.createChatParticipant(PARTICIPANT, handler);
  participant.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'icon.png');
  participant.followupProvider = { provideFollowups: (done) => followups(done, deps.engine.opened()) };
  context.subscriptions.push(participant);
}

interface Given {
  readonly request: vscode.ChatRequest;
  readonly past: readonly PastTurn[];
  readonly turn: Turn;
  readonly rows: TaskRows;
  readonly notice: AnswerNotice;
}

const INTERRUPTED_SHOWN = 10;
/** Of those that have not finished. */
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
      return aside();
    }
    if (this.#deps.engine.opened() === undefined) turn.stream.progress('Opening the engine');
    const opened = await this.#deps.engine.open();
    switch (request.command) {
      case 'plan':
        return this.#plan(opened);
      case 'run':
        return this.#attached(await runTurn(this.#attachTurn(opened)));
      case 'task':
        return this.#attached(await taskTurn(this.#attachTurn(opened)));
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

  async #ask(opened: OpenedOrchestrator): Promise<vscode.ChatResult> {
    return this.#start(opened, { isDraft: false });
  }

  /** Nothing of it runs before the user says so. */
  async #plan(opened: OpenedOrchestrator): Promise<vscode.ChatResult> {
    return this.#start(opened, { isDraft: true });
  }

  async #start(opened: OpenedOrchestrator, how: { readonly isDraft: boolean }): Promise<vscode.ChatResult> {
    const built = await this.#build(opened, how);
    const turn = this.#runTurn(opened, { notes: built.notes });
    return ended(await followRun(() => opened.orchestrator.start(built.request), turn));
  }

  #attachTurn(opened: OpenedOrchestrator): AttachTurn {
    const { request, past, turn } = this.#given;
    const progress = (text: string): void => turn.stream.progress(asText(text, 400));
    return { opened, past, prompt: request.prompt, run: this.#runTurn(opened, {}), progress };
  }

  async #attached(end: AttachEnd): Promise<vscode.ChatResult> {
    const { turn, rows } = this.#given;
    switch (end.kind) {
      case 'run':
        return ended(end);
      case 'interrupted':
        return this.#listInterrupted([choiceOf(end.state)]);
      case 'said': {
        turn.stream.markdown(end.text);
        const stream = new ChatStream(turn, rows, end.run ?? '');
        stream.write(end.buttons ?? []);
        await stream.drained();
        const waits = end.run === undefined ? 'aside' : 'waiting-tasks';
        return { metadata: { kind: waits, ...(end.run === undefined ? {} : { runId: end.run }) } };
      }
    }
  }

  async #resume(opened: OpenedOrchestrator): Promise<vscode.ChatResult> {
    const interrupted = await interruptedRuns(opened);
    const wish = readResume(this.#given.request.prompt, interrupted);
    if (wish.kind === 'run') {
      const loaded = await loadRun(opened, wish.run);
      const attached = loaded.ok ? { attachedTo: loaded.value.state } : {};
      return ended(await followRun(() => opened.orchestrator.resume(wish.run), this.#runTurn(opened, attached)));
    }
    return this.#listInterrupted(interrupted, wish.kind === 'unknown' ? wish.text : undefined);
  }

  #listInterrupted(all: readonly ResumeChoice[], unknown?: string): vscode.ChatResult {
    const interrupted = all.filter(({ isHere }) => isHere);
    const elsewhere = all.length - interrupted.length;
    const not = unknown === undefined ? '' : `No single interrupted run is named ${asText(unknown, 80)}.\n\n`;
    this.#given.turn.stream.markdown(not + interruptedText(interrupted.slice(0, INTERRUPTED_SHOWN), elsewhere));
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

  async #build(opened: OpenedOrchestrator, how: { readonly isDraft: boolean }): ReturnType<typeof buildRequest> {
    const { request, past, turn } = this.#given;
    const aborting = abortSignalOf(turn.cancellation);
    try {
      return await buildRequest({ request, past, opened, signal: aborting.signal }, how);
    } finally {
      aborting.dispose();
    }
  }

  #runTurn(opened: OpenedOrchestrator, more: Partial<Pick<RunTurn, 'notes' | 'attachedTo'>>): RunTurn {
    const { turn, rows, notice } = this.#given;
    const enabled = opened.roster.backends().filter((backend) => backend.description.enabled);
    const isOnlyEmbedded = enabled.every((backend) => backend.description.provider === 'embedded');
    const answer = (run: string): ChatStream => new ChatStream(turn, rows, run);
    return {
      orchestrator: opened.orchestrator,
      cancellation: turn.cancellation,
      clock: systemClock,
      answer,
      presenter: {
        isFile: fileLookup(),
        isOnlyEmbedded,
        isHere: (workspace) => opened.folders.isHere(workspace),
      },
      notes: [],
      onAttached: (run) => {
        const subscriptions = [notice.attach(run), this.#deps.editorTools.inTurn(run, turn.toolToken)];
        return { dispose: () => subscriptions.forEach((one) => one.dispose()) };
      },
      ...more,
    };
  }
}

function said(markdown: string, { turn }: Given): vscode.ChatResult {
  turn.stream.markdown(markdown);
  return aside();
}

function aside(): vscode.ChatResult {
  return { metadata: { kind: 'aside' satisfies TurnKind } };
}

function ended({ run, error, waits }: TurnEnd): vscode.ChatResult {
  const kind: TurnKind = waits === 'plan' ? 'waiting-plan' : waits === 'tasks' ? 'waiting-tasks' : 'answer';
  return {
    metadata: { kind, ...(run === undefined ? {} : { runId: run }) },
    ...(error === undefined ? {} : { errorDetails: { message: error } }),
  };
}

function choiceOf(state: RunState): ResumeChoice {
  const { run, startedAtMs, tasks } = state;
  return { run, title: runTitle(state), startedAtMs, tasks: tasks.size, isHere: true };
}

/** Newest first. */
async function interruptedRuns({ journal, folders }: OpenedOrchestrator): Promise<readonly ResumeChoice[]> {
  const listed = await journal.listRuns({ limit: RUNS_LOOKED_AT, isUnfinished: true });
  if (!listed.ok) throw new Error(`${listed.error.message} ${listed.error.whatToDo}`);
  const found = listed.value
    .filter(({ liveness }) => liveness === 'interrupted')
    .map(async ({ run, request, startedAtMs, tasks, workspace }) => ({
      run,
      title: request,
      startedAtMs,
      tasks,
      isHere: await folders.look(workspace),
    }));
  return (await Promise.all(found)).sort((a, b) => b.startedAtMs - a.startedAtMs);
}

async function latestRun(opened: OpenedOrchestrator): Promise<string | undefined> {
  const listed = await opened.journal.listRuns({ limit: 1 });
  return listed.ok ? listed.value[0]?.run : undefined;
}

/** Its chat turn has ended because it waited, so nobody would see the answer. */
function tellAnswer({ run, outcome }: RunFinishedEvent, { engine }: ShellDeps): void {
  const state = engine.opened()?.orchestrator.state(run);
  const title = state === undefined ? 'your request' : runTitle(state);
  const what = outcome === 'failed' ? 'A run ended without an answer' : 'Your answer is ready';
  void vscode.window
    .showInformationMessage(`Orchestrator: ${noticeText(`${what}: ${title}`)}`, 'Show')
    .then((button) =>
      button === undefined ? undefined : openChat(`@${PARTICIPANT_NAME} /run ${run}`, { send: true }),
    );
}
