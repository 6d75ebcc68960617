/** Where in the text of a plan its faults stand. Pure. */
import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import type { PlanFault } from '../../core/plan/plan-check.ts';

/** Half open, in UTF-16 units. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface PlacedFault extends TextRange {
  readonly text: string;
}

/** A text that is no JSON at all has the faults of its form; what a parser makes of it is no plan to look at. */
export function placeFaults(text: string, faults: readonly PlanFault[]): readonly PlacedFault[] {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  if (faults.length > 0 && errors.length > 0) return errors.map((error) => formFault(text, error));
  return faults.map((fault) => ({ text: fault.text, ...rangeOf(tree, fault, text) }));
}

export interface PlanPlace {
  readonly task: string;
  readonly field?: string;
}

/** Where a task, or the value of one of its fields, stands; of a field that is left out, the task. */
export function findPlace(text: string, { task, field }: PlanPlace): TextRange | undefined {
  const tree = parseTree(text);
  const tasks = tree === undefined ? undefined : findNodeAtLocation(tree, ['tasks']);
  const node = tasks?.children?.find((one) => findNodeAtLocation(one, ['id'])?.value === task);
  if (node === undefined) return undefined;
  return shown((field === undefined ? undefined : findNodeAtLocation(node, [field])) ?? node, text);
}

function formFault(text: string, { error, offset, length }: ParseError): PlacedFault {
  const at = Math.min(offset, Math.max(0, text.length - 1));
  return {
    text: `This is no JSON (${printParseErrorCode(error)}). Correct it here; comments and trailing commas are not allowed.`,
    start: at,
    end: Math.min(text.length, at + Math.max(1, length)),
  };
}

/** The smallest thing that is there: the named member, else the value, else the object that it is missing from. */
function rangeOf(tree: Node | undefined, fault: PlanFault, text: string): TextRange {
  for (let steps = [...fault.at]; tree !== undefined; steps = steps.slice(0, -1)) {
    const node = findNodeAtLocation(tree, steps);
    if (node !== undefined) return shown(memberOf(node, fault.name) ?? node, text);
    if (steps.length === 0) break;
  }
  return { start: 0, end: Math.min(1, text.length) };
}

function memberOf(node: Node, name: string | undefined): Node | undefined {
  if (name === undefined) return undefined;
  if (node.type === 'array') return node.children?.find((child) => child.value === name);
  return node.children?.find((property) => property.children?.[0]?.value === name)?.children?.[0];
}

/** Of an object or a list only its first line, or everything in it would be underlined. */
function shown({ type, offset, length }: Node, text: string): TextRange {
  const end = offset + length;
  const lineEnd = type === 'object' || type === 'array' ? text.indexOf('\n', offset) : -1;
  return { start: offset, end: lineEnd < 0 ? end : Math.max(offset + 1, Math.min(end, lineEnd)) };
}
