/**
 * Answers one conversation of another extension (VS Code's agent, say) with one backend of the roster. Never starts a plan
 * or a run. Owns: the choice, consent, the shared slot, going to the next backend while nothing has been shown yet. Does not
 * own: VS Code's types (`lm-provider.ts`).
 *
 * 1. No byte leaves for a host that the user has not allowed.
 * 2. A slot is held exactly as long as the call runs.
 * 3. After the first text of a backend no other is asked.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { hasFeature, type Backend, type ChatMessage, type ChatOutcome, type ToolSpec } from '../../core/backend.ts';
import { failure, type Failure } from '../../core/failure.ts';
import { estimateTokens } from '../../core/tokens.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { chooseForConversation } from './lm-choice.ts';
import type { Consent } from '../shell-deps.ts';

export interface ConversationEngine {
  readonly roster: Pick<OpenedOrchestrator['roster'], 'backends'>;
  readonly orchestrator: Pick<OpenedOrchestrator['orchestrator'], 'health'>;
  readonly options: OpenedOrchestrator['options'];
  readonly journal: Pick<OpenedOrchestrator['journal'], 'takeSlot'>;
}

export interface Conversation {
  /** Unique among conversations of this window; names the calls. */
  readonly number: number;
  /** Backend id; undefined: "auto". */
  readonly target: string | undefined;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolSpec[];
}

export type FinishedChat = Extract<ChatOutcome, { readonly kind: 'finished' }> & { readonly backend: string };

interface Ports {
  readonly engine: ConversationEngine;
  readonly consent: Pick<Consent, 'consent' | 'decided'>;
  readonly signal: AbortSignal;
  readonly onText: (delta: string) => void;
}

const DEFAULT_OUTPUT_TOKENS = 4_096;
/** What the structure around a message costs beside its text. */
const TOKENS_PER_MESSAGE = 8;

export async function converse(conversation: Conversation, ports: Ports): Promise<Result<FinishedChat, Failure>> {
  const tried = new Map<string, string>();
  const inputTokens = tokensOf(conversation);
  let last: Failure | undefined;
  for (let attempt = 1; ; attempt++) {
    const backend = pick(conversation, inputTokens, { ...ports, tried });
    if (!backend.ok) return err(last ?? backend.error);
    const { id } = backend.value.description;
    const done = await attemptWith(backend.value, { conversation, attempt, inputTokens }, ports);
    if (done.ok) return done;
    last = done.error.failure;
    if (ports.signal.aborted || done.error.hasShownText) return err(last);
    tried.set(id, last.message);
  }
}

function pick(
  conversation: Conversation,
  inputTokens: number,
  ports: Ports & { readonly tried: ReadonlyMap<string, string> },
): Result<Backend, Failure> {
  const { engine, consent, tried } = ports;
  const backends = engine.roster.backends();
  const decision = chooseForConversation(
    {
      target: conversation.target,
      inputTokens,
      outputTokens: DEFAULT_OUTPUT_TOKENS,
      needsTools: conversation.tools.length > 0,
      tried,
      rotation: conversation.number,
    },
    {
      descriptions: backends.map((backend) => backend.description),
      health: engine.orchestrator.health(),
      options: engine.options(),
      consentFor: (host) => consent.decided(host),
    },
  );
  const chosen =
    decision.kind === 'chosen' ? backends.find((backend) => backend.description.id === decision.backend) : undefined;
  if (chosen !== undefined) return ok(chosen);
  const why = decision.kind === 'no_fit' ? decision.why : `The roster has no backend ${decision.backend} any more.`;
  return err(failure('no-fit', why, { whatToDo: 'Choose another model, or run "Orchestrator: Add a Backend".' }));
}

interface Attempt {
  readonly conversation: Conversation;
  readonly attempt: number;
  readonly inputTokens: number;
}

interface FailedAttempt {
  readonly failure: Failure;
  readonly hasShownText: boolean;
}

async function attemptWith(
  backend: Backend,
  { conversation, attempt, inputTokens }: Attempt,
  ports: Ports,
): Promise<Result<FinishedChat, FailedAttempt>> {
  const { description } = backend;
  const refused = (why: Failure): Result<FinishedChat, FailedAttempt> => err({ failure: why, hasShownText: false });
  if (
    description.host !== undefined &&
    !(await ports.consent.consent(description.host, [description.id], ports.signal))
  ) {
    if (ports.signal.aborted) return refused(cancelled());
    return refused(
      failure('no-consent', `You did not allow sending data to ${description.host}.`, {
        whatToDo: 'Run "Orchestrator: Review Allowed Hosts" to change that.',
        backend: description.id,
      }),
    );
  }
  const release = await ports.engine.journal.takeSlot(description.id, description.maxConcurrency, ports.signal);
  if (release === undefined) return refused(cancelled());
  let hasShownText = false;
  try {
    const outcome = await backend.chat(
      {
        key: { run: `@model-picker-${conversation.number}`, task: '@conversation', turn: 1, attempt },
        messages: conversation.messages,
        ...(conversation.tools.length > 0 && hasFeature(description, 'tools') ? { tools: conversation.tools } : {}),
        maxOutputTokens: description.maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS,
        inputTokensEstimate: inputTokens,
        subject: { kind: 'conversation' },
      },
      {
        signal: ports.signal,
        onText: (delta) => {
          hasShownText ||= delta !== '';
          ports.onText(delta);
        },
      },
    );
    return outcome.kind === 'finished'
      ? ok({ ...outcome, backend: description.id })
      : err({ failure: outcome.failure, hasShownText });
  } finally {
    release();
  }
}

function cancelled(): Failure {
  return failure('cancelled', 'The request was cancelled.', { whatToDo: 'Ask again when you like.' });
}

function tokensOf({ messages, tools }: Conversation): number {
  const texts = messages.map(
    (message) =>
      estimateTokens(message.content + (message.toolCalls === undefined ? '' : JSON.stringify(message.toolCalls))) +
      TOKENS_PER_MESSAGE,
  );
  const menu = tools.length === 0 ? 0 : estimateTokens(JSON.stringify(tools));
  return texts.reduce((sum, tokens) => sum + tokens, menu);
}
