/** `tools`: what the MCP servers of the settings offer, and which of it agents may be given. */
import { ok, type Result } from '../base/result.ts';
import { oneLine } from '../app/safe-text.ts';
import type { ToolSource } from '../app/shell.ts';
import type { ToolsCommand } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { CliIo } from './io.ts';
import { jsonLine } from './json-lines.ts';
import { openEngine } from './open-engine.ts';
import type { Refusal } from './refusal.ts';

export async function listTools(io: CliIo, command: ToolsCommand): Promise<Result<ExitCode, Refusal>> {
  const stop = new AbortController();
  const interrupts = io.onInterrupt(() => stop.abort());
  try {
    const opened = await openEngine(io, command, (work) => work());
    if (!opened.ok) return opened;
    try {
      const sources = await opened.value.toolSources(stop.signal);
      if (stop.signal.aborted) return ok(EXIT.cancelled);
      io.out.write(command.json ? sources.map(jsonRow).join('') : textRows(sources));
      return ok(sources.some(({ why }) => why !== undefined) ? EXIT.failed : EXIT.answered);
    } finally {
      await opened.value.dispose();
    }
  } finally {
    interrupts.dispose();
  }
}

function jsonRow(source: ToolSource): string {
  return jsonLine({ type: 'server', ...source });
}

function textRows(sources: readonly ToolSource[]): string {
  if (sources.length === 0)
    return 'No MCP server is configured. Name some in "orchestrator.mcpServers" of the file that --roster names.\n';
  return sources.map(serverText).join('\n');
}

function serverText({ name, allowed, tools = [], why }: ToolSource): string {
  const rows = tools.map((tool) => {
    const mark = allowed.includes(tool.name) ? 'allowed    ' : 'not allowed';
    return `  ${mark}  ${name}/${oneLine(tool.name, 128)}  ${oneLine(tool.description, 120)}`.trimEnd();
  });
  const absent = allowed.filter((tool) => why === undefined && !tools.some((one) => one.name === tool));
  const gone = absent.map((tool) => `  allowed      ${name}/${oneLine(tool, 128)}  is not there`);
  const head = why === undefined ? name : `${name}: ${oneLine(why, 600)}`;
  return `${[head, ...rows, ...gone].join('\n')}\n`;
}
