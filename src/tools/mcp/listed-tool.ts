/** A tool as its server lists it, bounded: servers may say anything. */
import { showHidden } from '../../base/hidden-characters.ts';
import type { OutsideTool } from '../../core/agent/outside-tools.ts';

export type ListedTool = Pick<OutsideTool, 'description' | 'parameters'> & {
  /** As the server calls it. */
  readonly name: string;
};

/** As an agent can name one. */
const NAME = /^[^\s/\p{C}][^\s\p{C}]{0,127}$/u;
const LONGEST_DESCRIPTION = 2_000;
const LONGEST_SCHEMA = 40_000;
const NO_ARGUMENTS = { type: 'object', properties: {} };

/** Undefined: nobody could name it. */
export function listedTool(raw: unknown): ListedTool | undefined {
  if (!isRecord(raw)) return undefined;
  const { name, title, description, inputSchema } = raw;
  if (typeof name !== 'string' || !NAME.test(name)) return undefined;
  const said = [description, title].find((text) => typeof text === 'string') ?? '';
  return { name, description: bounded(said), parameters: schemaOf(inputSchema) };
}

/** A schema that no model could be shown whole is left out: the server still checks what it is called with. */
function schemaOf(schema: unknown): ListedTool['parameters'] {
  if (!isRecord(schema)) return NO_ARGUMENTS;
  try {
    return JSON.stringify(schema).length <= LONGEST_SCHEMA ? { ...schema, type: 'object' } : NO_ARGUMENTS;
  } catch {
    return NO_ARGUMENTS; // nested deeper than anything could walk
  }
}

function bounded(text: string): string {
  const cut = text.slice(0, LONGEST_DESCRIPTION).toWellFormed();
  return `${showHidden(cut).trim()}${text.length > LONGEST_DESCRIPTION ? '…' : ''}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
