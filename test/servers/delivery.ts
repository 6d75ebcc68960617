import type { Behaviour, Dress, HoldPoint } from './behaviours.ts';
import { frame } from './script.ts';
import type { Frame, FrameRole, Step } from './script.ts';
import type { Wire } from './wire.ts';

/** What a rewriting needs to know of the reply it rewrites. */
export interface Delivery {
  readonly wire: Wire;
  readonly isStream: boolean;
  /** A chunk of the stream with this text; in a JSON body as much white space. */
  readonly chunk: (text: string) => Frame;
}

/** For an answer that is no stream. */
export function wholeDelivery(wire: Wire): Delivery {
  return { wire, isStream: false, chunk: (text) => frame('noise', ' '.repeat(text.length)) };
}

const FLOOD_PIECE = 64 * 1024;
const CLOSING_ROLES: ReadonlySet<FrameRole> = new Set<FrameRole>(['finish', 'usage', 'done']);

/** The steps of a reply, changed by everything that changes the way it goes out. */
export function deliver(steps: Iterable<Step>, behaviours: readonly Behaviour[], delivery: Delivery): Iterable<Step> {
  const isSplitting = ({ kind }: Behaviour): boolean => kind === 'fragments' || kind === 'slowLoris';
  const whole = behaviours
    .filter((behaviour) => !isSplitting(behaviour))
    .reduce((now, behaviour) => rewrite(now, behaviour, delivery), steps);
  const splitting = behaviours.filter(isSplitting);
  return splitting.length === 0
    ? splitUtf8(whole)
    : splitting.reduce((now, behaviour) => rewrite(now, behaviour, delivery), whole);
}

function rewrite(steps: Iterable<Step>, behaviour: Behaviour, delivery: Delivery): Iterable<Step> {
  const { wire } = delivery;
  switch (behaviour.kind) {
    case 'delay':
      return delayed(steps, behaviour.beforeHeadersMs ?? 0, behaviour.betweenChunksMs ?? 0);
    case 'hold':
      return held(steps, behaviour.at, { kind: 'gate', gate: behaviour.gate });
    case 'stall':
      return breakOff(steps, behaviour.afterChunks, [{ kind: 'hang' }]);
    case 'pingForever':
      return breakOff(
        steps,
        behaviour.afterChunks,
        forEver(() => frame('noise', wire.ping), behaviour.everyMs ?? 5),
      );
    case 'resetMidStream':
      return breakOff(steps, behaviour.afterChunks, [{ kind: 'reset' }]);
    case 'endWithoutFinish':
      return breakOff(steps, behaviour.afterChunks, [{ kind: 'end' }]);
    case 'cutMidStream':
      return breakOff(steps, behaviour.afterChunks, [{ kind: 'cut' }]);
    case 'endAfterFinish':
      return endAfterFinish(steps);
    case 'halfLine':
      return breakOff(steps, behaviour.afterChunks, [frame('fault', wire.brokenFrame.trimEnd()), { kind: 'end' }]);
    case 'errorInStream':
      return breakOff(steps, delivery.isStream ? behaviour.afterChunks : 0, errorEnding(behaviour, delivery));
    case 'fragments':
      return split(steps, behaviour.bytes, 0);
    case 'slowLoris':
      return split(steps, behaviour.bytes ?? 1, behaviour.everyMs);
    default:
      return rewriteContent(steps, behaviour, delivery);
  }
}

/** The behaviours that put something else, or something more, among the chunks. */
function rewriteContent(steps: Iterable<Step>, behaviour: Behaviour, delivery: Delivery): Iterable<Step> {
  const { wire, chunk, isStream } = delivery;
  switch (behaviour.kind) {
    case 'badJson':
      return insert(steps, behaviour.afterChunks, [frame('fault', wire.brokenFrame)]);
    case 'invalidUtf8':
      return insert(steps, behaviour.afterChunks, [withBytes(delivery, Buffer.from([0xff, 0xc3, 0x28]))]);
    case 'loneSurrogate':
      return insert(steps, behaviour.afterChunks, [withBytes(delivery, Buffer.from('\\ud83d'))]);
    case 'endless':
      return breakOff(
        steps,
        0,
        forEver((turn) => ({ ...chunk(`more ${turn} `), flood: true }), behaviour.everyMs),
      );
    case 'giantLine':
      return insert(steps, 0, giantLine(chunk('\u0001'), behaviour.bytes, isStream ? 'a' : ' '));
    case 'manyChunks':
      return insert(
        steps,
        0,
        repeated(behaviour.count, (turn) => ({ ...chunk(`${turn} `), flood: true })),
      );
    case 'dress':
      return DRESSING_ORDER.filter((style) => behaviour.styles.includes(style)).reduce(
        (now, style) => dressed(now, style, delivery),
        steps,
      );
    default:
      return steps;
  }
}

/** Passes on `afterChunks` chunks, then `ending` instead of all the rest. */
function* breakOff(steps: Iterable<Step>, afterChunks: number, ending: Iterable<Step>): Iterable<Step> {
  for (const [step, isHere] of chunkPoints(steps, afterChunks)) {
    if (isHere) {
      yield* ending;
      return;
    }
    yield step;
  }
}

function* insert(steps: Iterable<Step>, afterChunks: number, extra: Iterable<Step>): Iterable<Step> {
  for (const [step, isHere] of chunkPoints(steps, afterChunks)) {
    if (isHere) yield* extra;
    yield step;
  }
}

/** Marks the one step before which `afterChunks` chunks have gone, at the latest the finish. */
function* chunkPoints(steps: Iterable<Step>, afterChunks: number): Iterable<readonly [Step, boolean]> {
  let chunks = 0;
  let isPast = false;
  for (const step of steps) {
    const isContent = step.kind === 'frame' && step.role === 'content';
    const isHere: boolean =
      !isPast && ((isContent && chunks === afterChunks) || isClosing(step) || step.kind === 'end');
    isPast ||= isHere;
    if (isContent) chunks += 1;
    yield [step, isHere];
  }
}

function isClosing(step: Step): boolean {
  return step.kind === 'frame' && CLOSING_ROLES.has(step.role);
}

function* delayed(steps: Iterable<Step>, beforeHeadersMs: number, betweenChunksMs: number): Iterable<Step> {
  if (beforeHeadersMs > 0) yield { kind: 'wait', ms: beforeHeadersMs };
  for (const step of steps) {
    if (betweenChunksMs > 0 && step.kind === 'frame' && step.role === 'content')
      yield { kind: 'wait', ms: betweenChunksMs };
    yield step;
  }
}

function* held(steps: Iterable<Step>, at: HoldPoint, gate: Step): Iterable<Step> {
  if (at !== 'headers') {
    yield* insert(steps, at === 'finish' ? Infinity : at.afterChunks, [gate]);
    return;
  }
  yield gate;
  yield* steps;
}

function* endAfterFinish(steps: Iterable<Step>): Iterable<Step> {
  for (const step of steps) if (step.kind !== 'frame' || (step.role !== 'usage' && step.role !== 'done')) yield step;
}

/** In a reply that is no stream the error is the body; then nothing must have gone before it. */
function errorEnding(
  behaviour: Extract<Behaviour, { readonly kind: 'errorInStream' }>,
  { wire, isStream }: Delivery,
): readonly Step[] {
  const error = {
    status: 200,
    message: behaviour.message ?? 'The server is overloaded, please try again.',
    type: behaviour.type ?? 'overloaded_error',
  };
  return [
    isStream ? wire.errorFrame(behaviour.form ?? 'data', error) : frame('fault', wire.errorBody(error)),
    { kind: 'end' },
  ];
}

function* forEver(step: (turn: number) => Step, everyMs: number | undefined): Iterable<Step> {
  for (let turn = 0; ; turn += 1) {
    if (everyMs !== undefined) yield { kind: 'wait', ms: everyMs };
    yield step(turn);
  }
}

function* repeated(count: number, step: (turn: number) => Step): Iterable<Step> {
  for (let turn = 0; turn < count; turn += 1) yield step(turn);
}

/** Puts raw bytes where the JSON text has the placeholder U+0001. */
function withBytes({ isStream, chunk }: Delivery, bytes: Uint8Array): Frame {
  if (!isStream) throw new TypeError('Bytes can be put into the text of a stream only; ask for one.');
  const holder = chunk('\u0001');
  const [before, after] = aroundPlaceholder(holder);
  return { ...frame(holder.role, Buffer.concat([before, bytes, after])), text: '\ufffd' };
}

function* giantLine(holder: Frame, bytes: number, filler: string): Iterable<Step> {
  const [before, after] = aroundPlaceholder(holder);
  yield { ...frame('noise', before), flood: true };
  const piece = Buffer.alloc(FLOOD_PIECE, filler);
  for (let left = bytes; left > 0; left -= FLOOD_PIECE)
    yield { ...frame('noise', piece.subarray(0, Math.min(left, FLOOD_PIECE))), flood: true };
  yield frame('content', after);
}

function aroundPlaceholder(holder: Frame): readonly [Uint8Array, Uint8Array] {
  const json = Buffer.from(holder.bytes).toString();
  const [before = '', after = ''] = json.split('\\u0001');
  return [Buffer.from(before), Buffer.from(after)];
}

function* dressed(steps: Iterable<Step>, style: Dress, { wire, chunk }: Delivery): Iterable<Step> {
  if (wire.protocol === 'ollama' && !LINE_DRESSES.has(style))
    throw new TypeError(`The dress ${style} is of SSE only; Ollama streams take ${[...LINE_DRESSES].join(', ')}.`);
  let position = 0;
  for (const step of steps) {
    if (step.kind !== 'frame') {
      yield step;
      continue;
    }
    const extra = EXTRA_LINES[style];
    if (extra !== undefined) yield frame('noise', extra);
    yield { ...step, bytes: Buffer.from(dressedText(Buffer.from(step.bytes).toString(), style, position)) };
    if (style === 'dataAfterDone' && step.role === 'done') yield frame('done', chunk('after the end').bytes);
    position += 1;
  }
}

/** What adds lines comes first, so that line ends change in all of them and a byte order mark stands at the very start. */
const DRESSING_ORDER: readonly Dress[] = [
  'nullData',
  'emptyChoices',
  'noChoices',
  'ids',
  'comments',
  'blankLines',
  'dataAfterDone',
  'noSpace',
  'crlf',
  'bom',
];

const LINE_DRESSES: ReadonlySet<Dress> = new Set<Dress>(['crlf', 'bom', 'blankLines']);

/** Lines of their own, which say nothing. */
const EXTRA_LINES: Readonly<Partial<Record<Dress, string>>> = {
  comments: ': keep-alive\n\n',
  nullData: 'data: null\n\n',
  emptyChoices: 'data: {"id":"x","object":"chat.completion.chunk","created":0,"model":"x","choices":[]}\n\n',
  noChoices: 'data: {"id":"x","object":"chat.completion.chunk","created":0,"model":"x"}\n\n',
  blankLines: '\n',
};

function dressedText(text: string, style: Dress, position: number): string {
  switch (style) {
    case 'crlf':
      return text.replaceAll('\n', '\r\n');
    case 'bom':
      return position === 0 ? `\ufeff${text}` : text;
    case 'noSpace':
      return text.replaceAll('data: ', 'data:');
    case 'ids':
      return `id: ${position}\nretry: 3000\nevent: message\n${text}`;
    default:
      return text;
  }
}

/** Every write of its own size; a pause before each where one is wanted. */
function* split(steps: Iterable<Step>, size: number, everyMs: number): Iterable<Step> {
  for (const step of steps) {
    if (step.kind !== 'frame') {
      yield step;
      continue;
    }
    for (const part of partsOf(step, size)) {
      if (everyMs > 0) yield { kind: 'wait', ms: everyMs };
      yield part;
    }
  }
}

/** Ordinary delivery: chunks with other than ASCII are written in two, inside the first such code point; of the rest every third in the middle of its line. */
function* splitUtf8(steps: Iterable<Step>): Iterable<Step> {
  let position = 0;
  for (const step of steps) {
    if (step.kind !== 'frame' || step.role !== 'content' || step.flood === true) {
      yield step;
      continue;
    }
    position += 1;
    const lead = step.bytes.findIndex((byte) => byte >= 0xc2);
    if (lead === -1 && position % 3 !== 0) yield step;
    else yield* partsOf(step, lead === -1 ? Math.ceil(step.bytes.length / 2) : lead + 1, 2);
  }
}

/** Parts of `size` bytes, at most `count` of them; the text and the usage go with the last. */
function* partsOf(step: Frame, size: number, count = Infinity): Iterable<Frame> {
  const { bytes, role } = step;
  let start = 0;
  for (let part = 1; part < count && bytes.length - start > size; part += 1) {
    yield frame('noise', bytes.subarray(start, start + size));
    start += size;
  }
  yield { ...step, role, bytes: bytes.subarray(start) };
}
