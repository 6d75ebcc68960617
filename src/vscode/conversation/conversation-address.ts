import { readKeptPage } from '../../webview/conversation/conversation-messages.ts';

/** Whose conversation a panel shows. */
export interface ConversationAddress {
  readonly run: string;
  readonly task: string;
}

export function keyOf({ run, task }: ConversationAddress): string {
  return `${run}/${task}`;
}

/** Of the panel whose page kept this; undefined: it had not shown a task yet. */
export function addressOf(kept: unknown): ConversationAddress | undefined {
  const { run, task } = readKeptPage(kept);
  return run === '' || task === '' ? undefined : { run, task };
}
