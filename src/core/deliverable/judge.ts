/**
 * Judges a deliverable by what is there.
 *
 * 1. A check that cannot be made is `broken`, with the reason; it is never a pass, and never a failure of the work.
 * 2. All checks are made, also those behind one that failed: who has to mend it is told everything at once.
 */
import { RE2JS } from 're2js';
import { gateJson } from '../json-gate.ts';
import {
  checkText,
  isGroup,
  type Check,
  type Deliverable,
  type FileCheck,
  type Group,
  type MadeCheck,
  type OutputCheck,
} from './deliverable.ts';
import { checkJson } from './check-json.ts';
import type { JsonSchema } from './json-schema.ts';
import type { CheckOutcome, JudgedCheck, Verdict } from './verdict.ts';

/** A file as it was before the work, or is after it. */
export type FileTruth =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  /** It is there and has no text that could be looked at. */
  | { readonly kind: 'opaque'; readonly why: string }
  /** Tasks changed it differently. */
  | { readonly kind: 'conflict'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };

/** What checks are read from; nothing that a model says of it. */
export interface GroundTruth {
  file(path: string, when: 'before' | 'after'): Promise<FileTruth>;
  readonly output: string;
  /** The links to lines in the output, each with whether it was looked up and found. */
  citations(): readonly { readonly link: string; readonly isVerified: boolean }[];
}

/** Longer texts are not searched: the search would keep everything else waiting. */
const LONGEST_TEXT = 2_000_000;
const JSON_LIMITS = { maxChars: 2_000_000, maxDepth: 64 };

type Found = Pick<JudgedCheck, 'outcome' | 'why'>;
/** How a check came out. */
export type Made = Omit<JudgedCheck, 'check'>;
/** Makes a check that takes more than looking at texts. */
export type MakeCheck = (check: MadeCheck) => Promise<Made>;

const PASSED: Found = { outcome: 'passed', why: '' };

export async function judge(deliverable: Deliverable, truth: GroundTruth, make: MakeCheck): Promise<Verdict> {
  if (isGroup(deliverable)) return judgeGroup(deliverable, truth, make);
  const judged = await judgeCheck(deliverable, truth, make);
  return { kind: judged.outcome, why: judged.why === '' ? '' : `${judged.check}: ${judged.why}`, checks: [judged] };
}

async function judgeGroup({ kind, checks }: Group, truth: GroundTruth, make: MakeCheck): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const check of checks) verdicts.push(await judge(check, truth, make));
  const decisive: readonly CheckOutcome[] =
    kind === 'all-of' ? ['failed', 'broken', 'passed'] : ['passed', 'broken', 'failed'];
  const outcome = decisive.find((one) => verdicts.some((verdict) => verdict.kind === one)) ?? 'broken';
  const because = verdicts.filter((verdict) => verdict.kind === outcome && verdict.why !== '');
  return {
    kind: outcome,
    why: outcome === 'passed' ? '' : because.map(({ why }) => why).join('; '),
    checks: verdicts.flatMap((verdict) => verdict.checks),
  };
}

async function judgeCheck(check: Check, truth: GroundTruth, make: MakeCheck): Promise<JudgedCheck> {
  const text = checkText(check);
  try {
    if ('path' in check) return { check: text, ...(await judgeFile(check, truth)) };
    if (check.kind === 'output-json' || check.kind === 'citations-verified')
      return { check: text, heldBefore: null, ...judgeOutput(check, truth) };
    return { check: text, ...(await make(check)) };
  } catch (error) {
    return {
      check: text,
      heldBefore: null,
      ...broken(`it threw: ${error instanceof Error ? error.message : String(error)}`),
    };
  }
}

async function judgeFile(check: FileCheck, truth: GroundTruth): Promise<Omit<JudgedCheck, 'check'>> {
  const path = check.path.replace(/^(?:\.\/)+/, '');
  const now = holds(check, await truth.file(path, 'after'));
  const before = holds(check, await truth.file(path, 'before'));
  const heldBefore = before.outcome === 'broken' ? null : before.outcome === 'passed';
  if (check.isNew !== true || now.outcome !== 'passed') return { ...now, heldBefore };
  if (heldBefore === null)
    return { ...broken(`whether it held before the work is not known: ${before.why}`), heldBefore };
  return heldBefore ? { ...failed('it held before the work already'), heldBefore } : { ...now, heldBefore };
}

function holds(check: FileCheck, file: FileTruth): Found {
  switch (file.kind) {
    case 'missing':
      return failed('there is no such file');
    case 'conflict':
      return failed(file.why);
    case 'unknown':
      return broken(file.why);
    case 'opaque':
      return check.kind === 'file-exists' ? PASSED : broken(file.why);
    case 'text':
    default:
      return check.kind === 'file-exists' ? PASSED : textHolds(check, file.text);
  }
}

function textHolds(check: Exclude<FileCheck, { readonly kind: 'file-exists' }>, text: string): Found {
  if (text.length > LONGEST_TEXT)
    return broken(
      `the file has ${text.length.toLocaleString('en-US')} characters; at most ${LONGEST_TEXT.toLocaleString('en-US')} are searched`,
    );
  // What is asked for is written with plain line ends.
  const plain = text.replaceAll('\r\n', '\n');
  if (check.kind === 'file-contains')
    return plain.includes(check.text.replaceAll('\r\n', '\n')) ? PASSED : failed('it does not');
  const flags = RE2JS.MULTILINE | (check.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0);
  const pattern = RE2JS.compile(check.pattern, flags);
  return pattern.test(plain) ? PASSED : failed('it does not');
}

function judgeOutput(check: OutputCheck, truth: GroundTruth): Found {
  return check.kind === 'output-json' ? fitsSchema(check.schema, truth.output) : citesTruly(check.atLeast ?? 1, truth);
}

function fitsSchema(schema: JsonSchema, output: string): Found {
  const gate = gateJson(output, JSON_LIMITS);
  if (gate !== undefined) return failed(gate);
  let value: unknown;
  try {
    value = JSON.parse(output);
  } catch (error) {
    return failed(
      `the output is no JSON (${error instanceof Error ? error.message : 'unreadable'}); submit the JSON alone`,
    );
  }
  const checked = checkJson(schema, value);
  switch (checked.kind) {
    case 'fits':
      return PASSED;
    case 'broken':
      return broken(checked.why);
    case 'differs':
    default:
      return failed(checked.faults.join('; '));
  }
}

const MOST_NAMED = 3;

function citesTruly(atLeast: number, truth: GroundTruth): Found {
  const links = truth.citations();
  const wrong = links.filter(({ isVerified }) => !isVerified).map(({ link }) => link);
  if (wrong.length > 0)
    return failed(
      `${wrong.length} of its links to lines ${wrong.length === 1 ? 'was' : 'were'} not verified: ${wrong.slice(0, MOST_NAMED).join(', ')}`,
    );
  const count = new Set(links.map(({ link }) => link)).size;
  return count >= atLeast ? PASSED : failed(`it cites ${count}`);
}

function failed(why: string): Found {
  return { outcome: 'failed', why };
}

function broken(why: string): Found {
  return { outcome: 'broken', why };
}
