/** A reading task whose files one window takes: one call, and further ones while the user has more to say. */
import { hasFeature, type ChatMessage } from '../backend.ts';
import { readPrompt } from '../prompts/read.ts';
import { fitInputs } from '../task-inputs.ts';
import { isKept, withWords, type TaskOutcome } from '../task-work.ts';
import type { InputText } from '../subject.ts';
import { CLAIMS_SCHEMA, missingOf } from './claims.ts';
import { converse, followUps, type Exchange } from './follow-up.ts';
import { ProseStream } from './prose-stream.ts';
import { askReader, readFrame, tokensOfMessages, type Form, type Reading } from './reading-call.ts';
import { checkReply, endReading, keepPartial, salvage } from './reading-result.ts';
import type { ReadingTokens } from './reading-shape.ts';

/** Less than this much of the material is not worth a call. */
const LEAST_INPUT_TOKENS = 1_000;
/** Of material that no language model reads. */
const RECORDED_TOKENS = 8_000;

/** `isWhole`: a window takes all of it; else whoever takes it cuts or extracts. */
export async function readAtOnce(
  reading: Reading,
  { tokens, isWhole }: { readonly tokens: ReadingTokens; readonly isWhole: boolean },
): Promise<TaskOutcome> {
  const found = await converse(reading, {
    ask: (exchanges) => ask(reading, { tokens, isWhole, exchanges }),
    settle: ({ turn, result }) => checkReply(reading, result, { part: 1, correctionTurn: turn + 1 }),
    missingOf,
  });
  if (found.kind === 'settled')
    return endReading(reading, { parts: [found.value], unread: [], partsPlanned: 1, notHeard: found.notHeard });
  const { result, last } = found;
  if (isKept(reading.work)) {
    const part = await keepPartial(reading, result.partialText);
    return part === undefined
      ? { ...result, partialText: '' }
      : endReading(reading, { parts: [part], unread: [], partsPlanned: 1 });
  }
  const text = last?.result.text ?? result.partialText;
  return { kind: 'failed', failure: result.failure, partialText: await salvage(reading, text, { part: 1 }) };
}

interface Asking {
  readonly tokens: ReadingTokens;
  readonly isWhole: boolean;
  readonly exchanges: readonly Exchange[];
}

async function ask(reading: Reading, { tokens, isWhole, exchanges }: Asking) {
  const { ctx, work, results, talk } = reading;
  const { id, title, objective } = work.spec;
  const { inputs } = work.read;
  const showing =
    (shown: readonly InputText[]): Form =>
    (said): readonly ChatMessage[] => [
      ...readPrompt.render({
        ...readFrame(reading, exchanges[0]?.said ?? said),
        inputs: shown,
        mayAsk: talk.mayAsk,
      }),
      ...followUps(talk, exchanges, said),
    ];
  const whole = showing(inputs);
  const recorded: Form = (said) => showing(fitInputs(inputs, RECORDED_TOKENS))(said);
  const prose = new ProseStream((text) => ctx.showText(id, text));
  const said = talk.count;
  const fixedTokens = tokensOfMessages(showing([])(said));
  const inputTokens = fixedTokens + tokens.inputTokens;
  const turn = reading.turns.of([whole, recorded], exchanges.length === 0 ? 0 : undefined);
  if (exchanges.length > 0) ctx.showText(id, '', true);
  const result = await askReader(reading, {
    turn,
    prompt: readPrompt,
    schema: CLAIMS_SCHEMA,
    build: (description, heard) => ({
      // Who reads the subject takes any amount; the record of what it was given need not.
      messages: hasFeature(description, 'generation') ? whole(heard) : recorded(heard),
      subject: { kind: 'read', title, objective: withWords(objective, talk.words(0, heard)), inputs, results },
    }),
    said,
    inputTokens,
    leastTokens: isWhole ? inputTokens : fixedTokens + Math.min(tokens.inputTokens, LEAST_INPUT_TOKENS),
    outputTokens: tokens.outputTokens,
    onText: prose.add,
    onRestart: () => {
      prose.restart();
      ctx.showText(id, '', true);
    },
  });
  return { turn, result };
}
