/**
 * What simulated readers, reducers and coders think. Every reply is computed from the messages and the schema or the tools
 * that came with them: a reader can only quote lines that it was shown.
 */
import type { BrainCall, BrainReply } from '../servers/brain.ts';

export interface ShownLine {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export type Asked = 'claims' | 'corrections' | 'reduce' | 'other';

/** What is asked for, by the schema of the reply. */
export function askedFor(call: BrainCall): Asked {
  const properties = (call.schema?.['properties'] ?? {}) as Readonly<Record<string, unknown>>;
  if ('quotes' in properties) return 'corrections';
  if (!('claims' in properties)) return 'other';
  return JSON.stringify(properties['claims']).includes('"from"') ? 'reduce' : 'claims';
}

export function promptOf(call: BrainCall): string {
  return call.messages.map((message) => message.text).join('\n');
}

/** Lines of files between the marks of a prompt; those without a number of their own are counted from the one before. */
export function shownLines(prompt: string): readonly ShownLine[] {
  return [...prompt.matchAll(/<<(~\w+) file ([^\n]*?)>>\n([\s\S]*?)\n<<\1 end>>/g)].flatMap(
    ([, , label = '', text = '']) => {
      const path = label.replace(/ \(.*$/, '');
      let line = 0;
      return text.split('\n').map((row) => {
        const [, number, shown = row] = /^ *(\d+)\| ?(.*)$/.exec(row) ?? [];
        line = number === undefined ? line + 1 : Number(number);
        return { path, line, text: shown };
      });
    },
  );
}

export interface Quote {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export interface ReaderOptions {
  /** Lines that answer the question. */
  readonly wanted: (text: string) => boolean;
  /** Quotations that are not true, given beside the first true one. */
  readonly invented?: (found: ShownLine) => readonly Quote[];
}

/** Claims one for each wanted line; its inventions only once, and it stays with them when it is asked to correct them. */
export function createReader({ wanted, invented }: ReaderOptions): (call: BrainCall) => BrainReply {
  let told: readonly Quote[] = [];
  return (call) => {
    if (askedFor(call) === 'corrections')
      return { json: { quotes: told.map(({ path, line, text }, index) => ({ n: index + 1, path, line, text })) } };
    const found = shownLines(promptOf(call)).filter(({ text }) => wanted(text));
    const claims = found.map(({ path, line, text }) => ({
      text: `\`${nameIn(text)}\` is declared.`,
      quotes: [{ path, line, text }],
    }));
    const [first] = found;
    if (first !== undefined && told.length === 0 && invented !== undefined) {
      told = invented(first);
      claims.push(...told.map((quote, index) => ({ text: `Invention ${index + 1}.`, quotes: [quote] })));
    }
    return { json: { claims, missing: found.length === 0 ? 'No such line is in this part.' : '' } };
  };
}

function nameIn(text: string): string {
  return /\b(?:interface|declare var|type)\s+(\w+)/.exec(text)?.[1] ?? text.trim().slice(0, 40);
}

/** Keeps every claim, each from where it came. */
export function reduceAll(call: BrainCall): BrainReply {
  const claims = [...promptOf(call).matchAll(/^\[(\w+)\] (.*)$/gm)].map(([, id = '', text = '']) => ({
    text: text.replace(/ \((?:[^()]*:\d[^()]*)\)$/, ''),
    from: [id],
  }));
  return { json: { claims, missing: '' } };
}

/** Says each result again with the marks of its citations, and cites one that there is not. */
export function answerWithCitations(prompt: string): string {
  const lines = prompt
    .split('\n')
    .filter((line) => line.includes('[[') && !line.startsWith('- '))
    .map((line) => `- ${line.replace(/^\s*(?:[-*]|\d+\.)\s+/, '')}`);
  const proposed = [...prompt.matchAll(/^- ((?:modified|created|deleted|renamed) .*)$/gm)].map(([, row]) => `- ${row}`);
  return [
    'Here is what was found.',
    ...(lines.length === 0 ? [] : [lines.join('\n')]),
    'And one more thing that nobody read [[9999]].',
    ...(proposed.length === 0 ? [] : [`Proposed:\n${proposed.join('\n')}`]),
  ].join('\n\n');
}

/**
 * Does what its brief says, with the tools: In `path` replace `a` by `b`. Create `path` with `text`. Delete `path`. It reads
 * first, then edits, then reports.
 */
export function codeWithTools(call: BrainCall): BrainReply {
  const brief = call.messages.find(({ role }) => role === 'user')?.text ?? '';
  const replaces = [...brief.matchAll(/In `([^`]+)` replace `([^`]+)` by `([^`]+)`\./g)].map(
    ([, path = '', search = '', replace = '']) => ({ path, search, replace }),
  );
  const creates = [...brief.matchAll(/Create `([^`]+)` with `([^`]+)`\./g)].map(([, path = '', text = '']) => ({
    path,
    text,
  }));
  const deletes = [...brief.matchAll(/Delete `([^`]+)`\./g)].map(([, path = '']) => ({ path }));
  const turn = call.messages.filter(({ role, toolCalls }) => role === 'assistant' && toolCalls.length > 0).length;
  if (call.tools.length === 0 || turn >= 2)
    return { text: `Done: ${replaces.length + creates.length + deletes.length} edits are proposed.` };
  if (turn === 0)
    return { toolCalls: [...replaces, ...deletes].map(({ path }) => ({ name: 'read_file', arguments: { path } })) };
  return {
    toolCalls: [
      ...replaces.map(({ path, search, replace }) => ({
        name: 'edit_file',
        arguments: { path, edits: [{ search, replace }] },
      })),
      ...creates.map(({ path, text }) => ({ name: 'write_file', arguments: { path, text: `${text}\n` } })),
      ...deletes.map(({ path }) => ({ name: 'delete_file', arguments: { path } })),
    ],
  };
}
