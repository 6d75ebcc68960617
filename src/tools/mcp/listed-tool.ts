/** A tool as its server lists it, bounded: servers may say anything. */
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { showHidden } from '../../base/hidden-characters.ts';
import type { OutsideTool } from '../../core/agent/outside-tools.ts';

export type ListedTool = Pick<OutsideTool, 'description' | 'parameters'> & {
  /** As the server calls it. */
  readonly name: string;
};

const LONGEST_DESCRIPTION = 2_000;
const LONGEST_SCHEMA = 40_000;
const NO_ARGUMENTS = { type: 'object', properties: {} };

/** A schema that no model could be shown whole is left out: the server still checks what it is called with. */
export function listedTool({
  name,
  title,
  description,
  inputSchema,
}: Pick<Tool, 'name' | 'title' | 'description' | 'inputSchema'>): ListedTool {
  const said = showHidden(description ?? title ?? '').trim();
  const isShown = JSON.stringify(inputSchema).length <= LONGEST_SCHEMA;
  return {
    name,
    description: said.length > LONGEST_DESCRIPTION ? `${said.slice(0, LONGEST_DESCRIPTION).toWellFormed()}…` : said,
    parameters: isShown ? inputSchema : NO_ARGUMENTS,
  };
}
