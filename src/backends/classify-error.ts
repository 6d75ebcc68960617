/** From what went wrong on the wire to a `Failure`: the one place that chooses the reason and the words. */
import { unreachable } from '../base/assert.ts';
import type { Failure, FailureReason } from '../core/failure.ts';
import { failure } from '../core/failure.ts';
import { isLoopback } from './endpoint.ts';
import type { ErrorBody } from './error-body.ts';
import {
  isContentFilter,
  isContextOverflow,
  isQuotaUsedUp,
  isRateLimit,
  readErrorBody,
  readableText,
} from './error-body.ts';
import type { FetchTrouble } from './fetch-trouble.ts';

/** Where a call went, as messages name it. */
export interface CallSite {
  readonly backend: string;
  readonly provider: 'openai' | 'ollama';
  readonly model: string;
  /** Host and port; never credentials or a path. */
  readonly host: string;
}

export interface CallFacts {
  readonly retryAfterMs?: number | undefined;
}

const CHECK_BACKENDS = 'Run "Orchestrator: Check Backends"';

interface Verdict {
  readonly reason: FailureReason;
  /** Completes the sentence `Backend "x" at host …`. */
  readonly what: string;
  readonly whatToDo: string;
  readonly status?: number;
}

export function failureAt(site: CallSite, verdict: Verdict, facts: CallFacts = {}): Failure {
  return failure(verdict.reason, `Backend "${site.backend}" at ${site.host} ${verdict.what}.`, {
    whatToDo: verdict.whatToDo,
    backend: site.backend,
    ...(verdict.status === undefined ? {} : { status: verdict.status }),
    ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
  });
}

export function classifyTrouble(trouble: FetchTrouble, site: CallSite, facts: CallFacts = {}): Failure {
  return failureAt(site, judge(trouble, site), trouble.kind === 'status' ? facts : {});
}

/** An error object that came inside a reply that began with 200. `text` is JSON, already redacted. */
export function classifyStreamError(text: string, site: CallSite): Failure {
  return failureAt(site, judgeStreamError(readErrorBody(text), site));
}

export function cancelled(site: CallSite): Failure {
  return failureAt(site, { reason: 'cancelled', what: 'was called off', whatToDo: 'Ask again when you want it.' });
}

// A member per line of the union; splitting it would hide that it is complete.
function judge(trouble: FetchTrouble, site: CallSite): Verdict {
  switch (trouble.kind) {
    case 'refused-url':
      return {
        reason: 'rejected',
        what: `was not called: its URL ${trouble.why}`,
        whatToDo: 'Correct baseUrl in orchestrator.roster.',
      };
    case 'other-origin':
      return {
        reason: 'secret-origin',
        what: `was not called: the request would have gone to ${trouble.host}`,
        whatToDo: 'Correct baseUrl in orchestrator.roster, or store the key for that host.',
      };
    case 'bad-header':
      return {
        reason: 'rejected',
        what: `was not called: the header ${readableText(trouble.name)} cannot be sent with its value`,
        whatToDo: 'Correct headers in orchestrator.roster, or store the key again.',
      };
    case 'network':
      return judgeNetwork(trouble, site);
    case 'deadline':
      return judgeDeadline(trouble, site);
    case 'status':
      return judgeStatus(trouble.status, readErrorBody(trouble.body), site);
    case 'redirect':
      return {
        reason: 'redirected',
        status: trouble.status,
        what: `answered with a redirect${trouble.to === undefined ? '' : ` to ${readableText(trouble.to)}`}, which is never followed`,
        whatToDo: 'Set baseUrl in orchestrator.roster to where the server really is.',
      };
    case 'bad-body':
      return judgeBody(trouble, site);
    case 'bad-line':
      return badResponse(`sent a line that is not JSON${said(trouble.excerpt)}`);
    case 'cut':
      return cutOff('ended its reply in the middle of a line');
    case 'stream-error':
      return judgeStreamError(readErrorBody(trouble.body), site);
    case 'too-large':
      return {
        reason: 'too-large',
        what: `sent a ${trouble.what} of more than ${Math.round(trouble.limitBytes / 1024)} KiB`,
        whatToDo: 'Ask for less at once, or use another backend.',
      };
    case 'aborted':
      return { reason: 'cancelled', what: 'was called off', whatToDo: 'Ask again when you want it.' };
    default:
      return unreachable(trouble);
  }
}

function judgeNetwork(trouble: Extract<FetchTrouble, { readonly kind: 'network' }>, site: CallSite): Verdict {
  const code = trouble.code === undefined ? '' : ` (${trouble.code})`;
  if (trouble.phase === 'in-response') {
    return {
      reason: 'connection',
      what: `broke off in the middle of its reply${code}`,
      whatToDo: `Try again; if it happens again, look into the log of that server.`,
    };
  }
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'refused the connection',
    ENOTFOUND: 'has a host name that nobody knows',
    EAI_AGAIN: 'has a host name that could not be looked up',
    ECONNRESET: 'closed the connection without an answer',
    UND_ERR_SOCKET: 'closed the connection without an answer',
  };
  const isTls = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO)/.test(trouble.code ?? '');
  if (isTls)
    return {
      reason: 'connection',
      what: `has a certificate or TLS set-up that was not accepted${code}`,
      whatToDo: 'Correct the server, or baseUrl in orchestrator.roster.',
    };
  return {
    reason: 'connection',
    what: `${words[trouble.code ?? ''] ?? 'could not be reached'}${code}`,
    whatToDo: howToReach(site),
  };
}

function howToReach(site: CallSite): string {
  if (site.provider === 'ollama') return 'Start Ollama ("ollama serve"), or correct baseUrl in orchestrator.roster.';
  const isHere = URL.canParse(`http://${site.host}`) && isLoopback(new URL(`http://${site.host}`).hostname);
  return isHere
    ? 'Start that server, or correct baseUrl in orchestrator.roster.'
    : 'Check your network and baseUrl in orchestrator.roster.';
}

function judgeDeadline(trouble: Extract<FetchTrouble, { readonly kind: 'deadline' }>, site: CallSite): Verdict {
  const after = trouble.afterMs === 0 ? 'in time' : `within ${formatMs(trouble.afterMs)}`;
  switch (trouble.which) {
    case 'connect':
      return { reason: 'timeout', what: `did not take the connection ${after}`, whatToDo: howToReach(site) };
    case 'first byte':
      return {
        reason: 'timeout',
        what: `sent nothing ${after}`,
        whatToDo: 'See whether the server is busy or still loading the model, then try again.',
      };
    case 'idle':
      return {
        reason: 'timeout',
        what: `stopped in the middle of its reply and sent nothing more ${after}`,
        whatToDo: 'Try again; if it happens again, look into the log of that server.',
      };
    case 'total':
      return {
        reason: 'timeout',
        what: `was not done ${after}`,
        whatToDo: 'Ask for less at once, or raise timeoutMs of this backend in orchestrator.roster.',
      };
    default:
      return unreachable(trouble.which);
  }
}

function judgeStatus(status: number, body: ErrorBody, site: CallSite): Verdict {
  const general = judgeByBody(body, site);
  if (general !== undefined) return { ...general, status };
  const answered = `answered ${status}${said(body.message)}`;
  if (status === 401 || status === 403) {
    return {
      reason: 'unauthorized',
      status,
      what: `did not accept our key: it ${answered}`,
      whatToDo: 'Store a valid key for it with "Orchestrator: Add a Backend".',
    };
  }
  if (status === 402 || isQuotaUsedUp(body)) {
    return {
      reason: 'rejected',
      status,
      what: `says that the account's credit is used up: it ${answered}`,
      whatToDo: 'Add credit with that provider, or use another backend.',
    };
  }
  if (status === 404) return judgeNotFound(body, site);
  if (status === 429)
    return {
      reason: 'rate-limited',
      status,
      what: `asks to be called less: it ${answered}`,
      whatToDo: 'Wait a while, or lower maxConcurrency of this backend.',
    };
  if (status >= 500 || status === 408 || status === 409 || status === 425) {
    return {
      reason: 'server-error',
      status,
      what: answered,
      whatToDo: 'Try again later, or look into the log of that server.',
    };
  }
  return {
    reason: 'rejected',
    status,
    what: `rejected the request: it ${answered}`,
    whatToDo: 'Correct model, extraBody or baseUrl of this backend in orchestrator.roster.',
  };
}

/** What means the same with every status. */
function judgeByBody(body: ErrorBody, site: CallSite): Verdict | undefined {
  if (isContextOverflow(body)) {
    return {
      reason: 'context-overflow',
      what: `cannot take that much input with ${site.model}${said(body.message)}`,
      whatToDo: 'Give the task fewer files, or set contextWindow of this backend so that a larger one is chosen.',
    };
  }
  if (isContentFilter(body))
    return {
      reason: 'refused-by-model',
      what: `refused by its content filter${said(body.message)}`,
      whatToDo: 'Word the request differently, or use another backend.',
    };
  return undefined;
}

function judgeNotFound(body: ErrorBody, site: CallSite): Verdict {
  const isModel = /model/i.test(body.message);
  const what = isModel
    ? `does not have the model ${site.model}${said(body.message)}`
    : `has nothing at that path: it answered 404${said(body.message)}`;
  const pull = `Fetch it with "ollama pull ${site.model}", or correct model in orchestrator.roster.`;
  const list = `${CHECK_BACKENDS} to see which models it has, then correct model in orchestrator.roster.`;
  const path = `Correct baseUrl in orchestrator.roster${site.provider === 'openai' ? ' (it usually ends in /v1)' : ''}.`;
  return {
    reason: 'rejected',
    status: 404,
    what,
    whatToDo: !isModel ? path : site.provider === 'ollama' ? pull : list,
  };
}

function judgeStreamError(body: ErrorBody, site: CallSite): Verdict {
  const general = judgeByBody(body, site);
  if (general !== undefined) return general;
  if (isRateLimit(body))
    return {
      reason: 'rate-limited',
      what: `asks to be called less${said(body.message)}`,
      whatToDo: 'Wait a while, or lower maxConcurrency of this backend.',
    };
  if (body.status !== undefined && body.status < 500) return judgeStatus(body.status, body, site);
  return {
    reason: 'server-error',
    what: `reported an error in its reply${said(body.message)}`,
    whatToDo: 'Try again later, or look into the log of that server.',
  };
}

function judgeBody(trouble: Extract<FetchTrouble, { readonly kind: 'bad-body' }>, site: CallSite): Verdict {
  const body = readErrorBody(trouble.body);
  if (/^\s*\{\s*"error"\s*:/.test(trouble.body)) return judgeStreamError(body, site);
  if (trouble.body.trim() === '') return badResponse('answered with an empty body');
  const expected = trouble.expected === 'json' ? 'JSON' : 'a streamed reply';
  return badResponse(
    `answered with ${readableText(trouble.contentType) || 'something else'} where ${expected} was expected${said(trouble.body)}`,
  );
}

export function badResponse(what: string): Verdict {
  return {
    reason: 'bad-response',
    what,
    whatToDo: `See that baseUrl in orchestrator.roster points to the model server itself. ${CHECK_BACKENDS}.`,
  };
}

export function cutOff(what: string): Verdict {
  return {
    reason: 'truncated-stream',
    what,
    whatToDo: 'Try again; if it happens again, look into the log of that server.',
  };
}

function said(text: string): string {
  const excerpt = readableText(text);
  return excerpt === '' ? '' : ` (it said: ${excerpt.replace(/[.\s]+$/, '')})`;
}

function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}
