/** The command line, without the process around it. */
import type { Result } from '../base/result.ts';
import { unreachable } from '../base/assert.ts';
import { applyEdits } from './apply-command.ts';
import { parseArguments } from './arguments.ts';
import { listBackends } from './backends-command.ts';
import type { CliCommand } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { CliIo } from './io.ts';
import { serveMcp } from './mcp-command.ts';
import { listRuns, showRun } from './record-commands.ts';
import type { Refusal } from './refusal.ts';
import { listTools } from './tools-command.ts';
import { versionIn } from './version-in.ts';
import { askOrPlan, resumeRun, runPlan } from './run-commands.ts';

/** Rejects only for bugs. `argv` begins with the name of a command. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  const parsed = parseArguments(argv, {
    version: versionIn(io.packageRoot),
    columns: io.out.columns,
    program: io.program,
  });
  if (parsed.kind === 'told') {
    io.out.write(parsed.text);
    return EXIT.answered;
  }
  if (parsed.kind === 'refused') {
    io.err.write(parsed.text);
    return EXIT.badUsage;
  }
  const ended = await carryOut(io, parsed.command);
  if (ended.ok) return ended.value;
  for (const line of ended.error.lines) io.err.write(`${line}\n`);
  return ended.error.exitCode;
}

function carryOut(io: CliIo, command: CliCommand): Promise<Result<ExitCode, Refusal>> {
  switch (command.kind) {
    case 'ask':
    case 'plan':
      return askOrPlan(io, command);
    case 'run':
      return runPlan(io, command);
    case 'mcp':
      return serveMcp(io, command, versionIn(io.packageRoot));
    case 'resume':
      return resumeRun(io, command);
    case 'show':
      return showRun(io, command);
    case 'apply':
      return applyEdits(io, command);
    case 'runs':
      return listRuns(io, command);
    case 'backends':
      return listBackends(io, command);
    case 'tools':
      return listTools(io, command);
    default:
      return unreachable(command);
  }
}
