/** What a tool of an MCP server brought, as a text for a model. */
import type { CallToolResult, ContentBlock } from '@modelcontextprotocol/sdk/types.js';
import { showHidden } from '../../base/hidden-characters.ts';
import type { ToolOutcome } from '../../core/agent/tool-box.ts';

const MOST_CHARACTERS = 50_000;

/** Texts as they are; of everything else that it is there. `structuredContent` where there is no text. */
export function resultOutcome({ content, structuredContent, isError }: CallToolResult): ToolOutcome {
  const parts = content.map(blockText).filter((part) => part !== '');
  const hasText = content.some(({ type }) => type === 'text');
  if (!hasText && structuredContent !== undefined) parts.push(JSON.stringify(structuredContent));
  const whole = parts.join('\n\n');
  const text = showHidden(whole.slice(0, MOST_CHARACTERS).toWellFormed());
  const bounded =
    whole.length > MOST_CHARACTERS
      ? `${text}\n[cut here: ${whole.length - MOST_CHARACTERS} more characters; ask for less at a time]`
      : text;
  return { isOk: isError !== true, text: bounded === '' ? '(It brought no text.)' : bounded };
}

function blockText(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'resource':
      return 'text' in block.resource
        ? `${block.resource.uri}:\n${block.resource.text}`
        : `[${block.resource.uri}: not shown, it is no text]`;
    case 'resource_link':
      return `[a link: ${block.uri}]`;
    case 'image':
    case 'audio':
    default:
      return `[${block.type} of type ${block.mimeType}: not shown]`;
  }
}
