/** The tool by which a code task asks the user. It reads and changes no file, so it is not one of the tool box. */
import type { ToolCall, ToolSpec } from '../backend.ts';
import { oneWord } from '../prompts/words.ts';
import type { Talk } from '../control/talk.ts';
import type { ToolOutcome } from './tool-box.ts';

export const ASK_USER = 'ask_user';

export const ASK_USER_SPEC: ToolSpec = {
  name: ASK_USER,
  description:
    "Asks the user one question and waits for the answer. Only for what is the user's to decide and nothing else settles: a choice of what is wanted, a matter of taste, a risk. One question a turn, short, with the choices there are and the one you would take.",
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['question'],
    properties: { question: { type: 'string', description: 'What the user reads; Markdown.' } },
  },
};

const LONGEST_QUESTION = 8_000;

/** Undefined: it was called off. */
export async function askUser(
  call: ToolCall,
  { talk, turn, isSecond }: { readonly talk: Talk; readonly turn: number; readonly isSecond: boolean },
): Promise<ToolOutcome | undefined> {
  if (isSecond)
    return refused('This was not asked: one question a turn. Ask it in your next turn if you still need it.');
  const question = questionOf(call);
  if (question === '') return refused('This was not asked: "question" is to be a text that the user can read.');
  const answer = await talk.ask(turn, question);
  switch (answer.kind) {
    case 'answered':
      return { isOk: true, text: oneWord(answer.text) };
    case 'refused':
      return refused(answer.why);
    case 'stopped':
    default:
      return undefined;
  }
}

function questionOf({ arguments: given }: ToolCall): string {
  if (typeof given !== 'object' || given === null || !('question' in given)) return '';
  const { question } = given;
  return typeof question === 'string' ? question.trim().slice(0, LONGEST_QUESTION).toWellFormed() : '';
}

function refused(text: string): ToolOutcome {
  return { isOk: false, text };
}
