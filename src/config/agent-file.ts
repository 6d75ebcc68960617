/** `.orchestrator/agents/NAME.md`: YAML front matter with the fields of an agent, and its personality below. */
import { parse } from 'yaml';
import { err, ok, type Result } from '../base/result.ts';
import type { AgentProfile } from '../core/agents/agent-profile.ts';
import { AGENT_NAME, agentFileSchema, LONGEST_PERSONALITY, toProfile } from './agent-schema.ts';
import { AGENT_WORDS } from './agent-words.ts';
import { gateValue } from './depth-gate.ts';
import { show, type Problem } from './problem.ts';
import { pathText, shapeFaults } from './shape-faults.ts';

export interface AgentFile {
  /** For messages: `.orchestrator/agents/reviewer.md`, with the folder's name before it when there are several. */
  readonly path: string;
  /** What stands in it, or why it cannot be read. */
  readonly text: Result<string, string>;
}

const SIZE = { maxDepth: 8, maxValues: 500 };
const FRONT_MATTER = /^---[ \t]*\n([\s\S]*?)(?:^|\n)---[ \t]*(?:\n|$)/;

/** Never throws, whatever stands in the file. */
export function readAgentFile({ path, text }: AgentFile): Result<AgentProfile, readonly Problem[]> {
  const name = /([^/\\]+)\.md$/i.exec(path)?.[1] ?? '';
  const fault = (problem: Omit<Problem, 'where'>, at = ''): Result<never, readonly Problem[]> =>
    err([{ where: `${path}${at}`, ...problem }]);
  if (!text.ok)
    return fault({
      expected: 'a text that can be read',
      got: text.error,
      whatToDo: 'See whether the file is there and is UTF-8.',
    });
  if (!AGENT_NAME.test(name))
    return fault({
      expected: 'a file named by its agent, in small letters, digits and hyphens',
      got: show(name),
      whatToDo: 'Rename it, for example to reviewer.md.',
    });
  const { head, body } = parts(text.value);
  const fields = readHead(head);
  if (!fields.ok)
    return fault({
      expected: 'YAML between the lines of ---',
      got: fields.error,
      whatToDo: 'Mend it, or take it out.',
    });
  const { name: named, ...given } = fields.value;
  if (named !== undefined && named !== name)
    return fault(
      {
        expected: `"${name}", as the file is named`,
        got: show(named),
        whatToDo: 'Rename the file, or take the name out.',
      },
      ': name',
    );
  if (body.length > LONGEST_PERSONALITY)
    return fault({
      expected: `a personality of at most ${LONGEST_PERSONALITY} characters`,
      got: `${body.length}`,
      whatToDo: 'Shorten the text below the front matter.',
    });
  const parsed = agentFileSchema.safeParse(given);
  if (parsed.success) return ok(toProfile(name, { ...parsed.data, personality: body }, 'workspace'));
  return err(
    shapeFaults(parsed.error.issues, given, AGENT_WORDS).map(({ path: at, ...rest }) => ({
      where: `${path}: ${pathText(at).replace(/^\./, '')}`,
      ...rest,
    })),
  );
}

function parts(text: string): { readonly head: string; readonly body: string } {
  const plain = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const found = FRONT_MATTER.exec(plain);
  return found === null
    ? { head: '', body: plain.trim() }
    : { head: found[1] ?? '', body: plain.slice(found[0].length).trim() };
}

function readHead(head: string): Result<Readonly<Record<string, unknown>>, string> {
  if (head.trim() === '') return ok({});
  try {
    const value: unknown = parse(head, { schema: 'core', maxAliasCount: 0, logLevel: 'error' });
    if (value === null || value === undefined) return ok({});
    if (typeof value !== 'object' || Array.isArray(value)) return err('something that has no fields');
    const tooBig = gateValue(value, SIZE);
    return tooBig === undefined ? ok({ ...value }) : err(tooBig);
  } catch (error) {
    return err(
      `what cannot be read (${(error instanceof Error ? error.message : 'unknown').split('\n')[0]?.slice(0, 120)})`,
    );
  }
}
