/**
 * What the simulated models of a team think: every reply is computed from the prompt alone, so a planner that is not shown
 * the menu makes a plan that cannot run, and a worker can only tell what its brief and inputs hold.
 */

import { shownLines } from './reading-brains.ts';

export type Thought = string;

/** A task's first call, of whatever kind. */
export function isTaskPrompt(prompt: string): boolean {
  return prompt.includes('You do one task.') || prompt.includes('You read files for one task.');
}

/** Replies to any prompt of the engine; throws on a text it was never meant to see. */
export function think(prompt: string): Thought {
  if (prompt.includes('You are the orchestrator.')) return JSON.stringify(decompose(prompt));
  if (prompt.includes('You read files for one task.')) return JSON.stringify(read(prompt));
  if (prompt.includes('You do one task.')) return work(prompt);
  if (prompt.includes('You write the one answer that the user reads.')) return answer(prompt);
  return 'I was asked something that is no prompt of this program.';
}

interface MenuRow {
  readonly id: string;
  readonly isSelf: boolean;
  readonly goodAt: readonly string[];
  readonly reads: number;
}

function menuOf(prompt: string): readonly MenuRow[] {
  return [
    ...prompt.matchAll(
      /^- (\S+?)( \(you\))?: good at ([^;]+); [^;]+; cost [^;]+; (?:reads up to ([\d,]+) tokens|[^;]+);/gm,
    ),
  ].map(([, id = '', self, goodAt = '', reads]) => ({
    id,
    isSelf: self !== undefined,
    goodAt: goodAt.split(', '),
    reads: Number((reads ?? '0').replaceAll(',', '')),
  }));
}

/** The capability of the menu that begins with this word: its ending is drawn by lot, so only the menu tells it. */
function capability(menu: readonly MenuRow[], word: string): string | null {
  return menu.flatMap((row) => row.goodAt).find((name) => name.startsWith(word)) ?? null;
}

interface PlannedTask {
  readonly id: string;
  readonly title: string;
  readonly objective: string;
  readonly mode: 'autonomous' | 'interactive' | 'hybrid';
  readonly capability: string | null;
  readonly target: string | null;
  readonly dependsOn: readonly string[];
  readonly inputs: readonly string[];
  readonly edits: boolean;
  readonly deliverable: string | null;
}

function task(own: Partial<PlannedTask> & Pick<PlannedTask, 'id' | 'title' | 'objective'>): PlannedTask {
  return {
    mode: 'autonomous',
    capability: null,
    target: null,
    dependsOn: [],
    inputs: [],
    edits: false,
    deliverable: null,
    ...own,
  };
}

function decompose(prompt: string): object {
  const request = prompt.slice(prompt.lastIndexOf('The request:\n') + 13);
  const menu = menuOf(prompt);
  const listed = new Set([...prompt.matchAll(/^(\S+) \d+$/gm)].map(([, path = '']) => path));
  const files = [...request.matchAll(/`([^`]+\.\w+)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => listed.has(path));
  const code = /function `(\w+)` that multiplies its argument by (\d+)/.exec(request);
  const words = /[Ss]ort these words: ([\w ]+)\./.exec(request)?.[1];
  const thing = /[Nn]ame for the thing "([^"]+)"/.exec(request)?.[1];
  const reads = files.map((path, index) =>
    task({
      id: `read-${index + 1}`,
      title: `Read ${path}`,
      objective: 'Report every line that begins with "token:" in the file, with its line number.',
      capability: capability(menu, 'long'),
      inputs: [path],
    }),
  );
  const tasks = [
    ...reads,
    ...(code === null
      ? []
      : [
          task({
            id: 'code',
            title: `Write ${code[1]}`,
            objective: `Write the JavaScript function ${code[1]} that multiplies its argument by ${code[2]}.`,
            capability: capability(menu, 'code'),
          }),
        ]),
    ...(words === undefined
      ? []
      : [
          task({
            id: 'sort',
            title: 'Sort the words',
            objective: `Sort these words: ${words}.`,
            capability: capability(menu, 'grunt'),
          }),
        ]),
    ...(thing === undefined
      ? []
      : [
          task({
            id: 'name',
            title: 'Find a name',
            objective: `Find a name for the thing "${thing}".`,
            capability: capability(menu, 'names'),
          }),
        ]),
  ];
  if (tasks.length === 0) return { decision: 'answer', answer: `You said: ${request.trim()}`, tasks: [] };
  const self = menu.find((row) => row.isSelf)?.id ?? null;
  if (reads.length > 1)
    tasks.push(
      task({
        id: 'count',
        title: 'Count the tokens',
        objective: 'Count the tokens that the results name.',
        target: self,
        dependsOn: reads.map((one) => one.id),
      }),
    );
  return { decision: 'plan', answer: '', tasks };
}

/** Text that the prompt shows between its marks. */
function materials(prompt: string): readonly { readonly label: string; readonly text: string }[] {
  return [...prompt.matchAll(/<<(~\w+) ([^\n]*)>>\n([\s\S]*?)\n<<\1 end>>/g)].map(([, , label = '', text = '']) => ({
    label,
    text,
  }));
}

function work(prompt: string): Thought {
  const code = /function (\w+) that multiplies its argument by (\d+)/.exec(prompt);
  if (code !== null) return `\`\`\`js\nexport function ${code[1]}(value) {\n  return value * ${code[2]};\n}\n\`\`\``;
  const words = /Sort these words: ([\w ]+)\./.exec(prompt)?.[1];
  if (words !== undefined) return `sorted: ${words.split(' ').sort().join(' ')}`;
  const thing = /name for the thing "([^"]+)"/.exec(prompt)?.[1];
  if (thing !== undefined) return `named: the ${backwards(thing)}`;
  if (prompt.includes('Count the tokens')) {
    const found = materials(prompt).flatMap(({ text }) =>
      [...text.matchAll(/\btoken (\w+) \[/g)].map(([, token]) => token),
    );
    return `counted: ${found.length}`;
  }
  return 'I do not know how.';
}

/** Claims with the lines that they rest on, as a reader gives them. */
function read(prompt: string): object {
  const found = shownLines(prompt).filter(({ text }) => /^token: \w+$/.test(text));
  return {
    claims: found.map(({ path, line, text }) => ({ text: `token ${text.slice(7)}`, quotes: [{ path, line, text }] })),
    missing: found.length === 0 ? 'There is no such line.' : '',
  };
}

/** For words of plain letters. */
export function backwards(word: string): string {
  return word.split('').reverse().join('');
}

function answer(prompt: string): Thought {
  const results = materials(prompt).map(({ label, text }) => `**${label.replace(/^result of "|"$/g, '')}**\n\n${text}`);
  const missing = /Missing:\n([\s\S]*?)\n\n/.exec(prompt)?.[1];
  return [`Here is what was found.`, ...results, ...(missing === undefined ? [] : [`Missing: ${missing}`])].join(
    '\n\n',
  );
}
