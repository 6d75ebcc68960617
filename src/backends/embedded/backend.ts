/**
 * The embedded backend: no language model. It plans by rules and reads by extraction, on the matter that a request's
 * messages were rendered from; everything it says of the user's files stands in them. Needs no network and no key.
 *
 * 1. The same request gives the same reply.
 * 2. It holds the event loop for some tens of milliseconds at the most, and ends between two slices when it is called off.
 */
import type { Clock } from '../../base/clock.ts';
import type { Result } from '../../base/result.ts';
import { err, ok } from '../../base/result.ts';
import { unreachable } from '../../base/assert.ts';
import type {
  Backend,
  BackendDescription,
  ChatOptions,
  ChatOutcome,
  ChatRequest,
  CheckReport,
  Feature,
} from '../../core/backend.ts';
import type { Failure } from '../../core/failure.ts';
import { failure } from '../../core/failure.ts';
import { pause } from './pause.ts';

export const EMBEDDED_FEATURES: readonly Feature[] = ['streaming'];

/** Nothing was asked of a model, so nothing was used: known, not estimated. */
const NO_USAGE = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, known: true } as const;

export class EmbeddedBackend implements Backend {
  readonly description: BackendDescription;
  readonly #clock: Clock;

  constructor(description: BackendDescription, clock: Clock) {
    this.description = description;
    this.#clock = clock;
  }

  async chat(request: ChatRequest, { signal, onText }: ChatOptions): Promise<ChatOutcome> {
    let said = '';
    try {
      signal.throwIfAborted();
      const text = (await replyTo(request, signal)).toWellFormed();
      for (const piece of piecesOf(text)) {
        await pause(signal);
        said += piece;
        onText(piece);
      }
      return { kind: 'finished', text, toolCalls: [], finish: 'stop', usage: NO_USAGE };
    } catch (error) {
      if (!signal.aborted) throw error;
      return { kind: 'failed', failure: this.#cancelled(), partialText: said, usage: NO_USAGE };
    }
  }

  check(signal: AbortSignal): Promise<Result<CheckReport, Failure>> {
    const startedMs = this.#clock.monotonicMs();
    return Promise.resolve(
      signal.aborted ? err(this.#cancelled()) : ok({ models: [], ms: this.#clock.monotonicMs() - startedMs }),
    );
  }

  #cancelled(): Failure {
    const { id } = this.description;
    return failure('cancelled', `Backend "${id}" was called off.`, {
      whatToDo: 'Ask again when you want it.',
      backend: id,
    });
  }
}

/** The tables of words that ranking needs are large: loaded by the first request, not at start. */
async function replyTo({ subject, messages }: ChatRequest, signal: AbortSignal): Promise<string> {
  switch (subject.kind) {
    case 'decompose':
      return (await import('./plan-reading.ts')).planReading(subject);
    case 'task':
      return (await import('./do-task.ts')).doTask(subject, signal);
    case 'read':
      return (await import('./read-claims.ts')).readClaims(subject, signal);
    case 'reduce':
      return (await import('./read-claims.ts')).keepClaims(subject);
    case 'correct-quotes':
      return (await import('./read-claims.ts')).NO_CORRECTIONS;
    case 'synthesize':
      return (await import('./put-together.ts')).putTogether(subject);
    case 'conversation':
      return (await import('./wording.ts')).converse(messages.findLast(({ role }) => role === 'user')?.content ?? '');
    default:
      return unreachable(subject);
  }
}

const PIECE_CHARACTERS = 120;

/** At the ends of lines where there are any; never inside a surrogate pair. */
function piecesOf(text: string): readonly string[] {
  return (
    text.match(
      new RegExp(`[\\s\\S]{1,${PIECE_CHARACTERS}}(?:\\n|$)|[\\s\\S]{1,${PIECE_CHARACTERS}}(?![\\uDC00-\\uDFFF])`, 'g'),
    ) ?? []
  );
}
