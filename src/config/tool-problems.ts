import { isOutside } from '../core/agent/outside-tools.ts';
import type { AgentProfile } from '../core/agents/agent-profile.ts';
import { didYouMean } from './did-you-mean.ts';
import { VSCODE_TOOLS } from './mcp-server-schema.ts';
import type { Problem } from './problem.ts';
import type { McpServers } from './read-mcp-servers.ts';

/** Tools that agents name and the user's settings do not allow: they are never called. */
export function toolProblems(
  agents: readonly AgentProfile[],
  servers: McpServers,
  { insideVsCode }: { readonly insideVsCode: boolean },
): readonly Problem[] {
  const allowed = allowedTools(servers);
  return agents.flatMap(({ name, tools = [] }) =>
    tools
      .filter((tool) => isOutside(tool) && !allowed.includes(tool))
      .filter((tool) => insideVsCode || !tool.startsWith(`${VSCODE_TOOLS}/`))
      .map((tool) => ({
        where: `agent "${name}".tools`,
        expected: 'tools that orchestrator.mcpServers allows',
        got: `"${tool}"`,
        whatToDo: whatToDo(tool, allowed),
      })),
  );
}

/** As agents name them. */
function allowedTools({ servers, vscodeTools }: McpServers): readonly string[] {
  return [
    ...servers.flatMap(({ name, tools }) => tools.map((tool) => `${name}/${tool}`)),
    ...vscodeTools.map((tool) => `${VSCODE_TOOLS}/${tool}`),
  ];
}

function whatToDo(tool: string, allowed: readonly string[]): string {
  const meant = didYouMean(tool, allowed);
  if (meant !== undefined) return `Did you mean "${meant}"?`;
  const slash = tool.indexOf('/');
  return `Name "${tool.slice(slash + 1)}" in "tools" of the server "${tool.slice(0, slash)}" in your user settings, or take it out; until then the agent goes without it.`;
}
