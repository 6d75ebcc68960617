/** What is done to a chat answer, as text. */
import type { ChatOp } from '../../src/vscode/chat/chat-op.ts';

/** One line an operation; markdown as it is, between marks. */
export function showOps(ops: readonly ChatOp[]): string {
  return ops.map(showOp).join('\n');
}

function showOp(op: ChatOp): string {
  switch (op.kind) {
    case 'progress':
      return `… ${op.text}`;
    case 'markdown':
      return `«${op.text}»`;
    case 'file':
      return `link ${op.path}${op.startLine === undefined ? '' : ` ${op.startLine}-${op.endLine ?? ''}`}`;
    case 'reference':
      return `reference ${op.path}`;
    case 'row':
      return `row ${op.key}: ${op.text}`;
    case 'row-end':
      return `row-end ${op.key}`;
    case 'answer':
      return 'ANSWER';
    case 'button':
      return `[${op.title}] ${op.command}`;
  }
}
