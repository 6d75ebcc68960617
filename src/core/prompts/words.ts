/** What a person says to a task, as its model is told it. It is trusted, so it stands between no marks. */
import type { EarlierConversation } from '../plan/plan.ts';
import { fence } from './prompt.ts';

/** With these words a reply is a question to the user. */
export const ASK = 'ASK THE USER:';

const NOTHING_TO_ADD = 'The user has nothing to add: go on.';

/** Empty for none. */
export function wordsText(words: readonly string[]): string {
  return words.map(oneWord).join('\n\n');
}

export function oneWord(word: string): string {
  return word.trim() === '' ? NOTHING_TO_ADD : `The user says:\n${word.trim()}`;
}

/** The words as a section of a brief. */
export function wordsParts(words: readonly string[] | undefined): readonly string[] {
  if (words === undefined || words.length === 0) return [];
  return [`The user spoke to you about this task. Where it differs from the above, it counts.\n\n${wordsText(words)}`];
}

/** The conversation that a task goes on from, as material. */
export function conversationParts(mark: string, conversation: EarlierConversation | undefined): readonly string[] {
  if (conversation === undefined || conversation.messages.length === 0) return [];
  const said = conversation.messages.map(({ role, text }) => `${role === 'user' ? 'User' : 'You'}: ${text}`);
  return [`The conversation so far, which this task goes on from:\n${fence(mark, 'conversation', said.join('\n\n'))}`];
}

/** The user can be asked, where that is so. */
export function askRule(how: string): string {
  return `Work by yourself where you can. Only where a choice is the user's to make (what is wanted, taste, a risk) and nothing here settles it, ask: ${how}. One question at a time, short, with the choices there are and the one you would take; never about what you can find out or decide yourself.`;
}
