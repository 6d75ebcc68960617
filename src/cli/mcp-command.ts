/**
 * `mcp`: the engine as tools for another agent. No person is there: what is not allowed already, by an answer that was kept or
 * by --yes, is not done. Over stdin and stdout nothing but the protocol is written to stdout.
 */
import path from 'node:path';
import { isatty } from 'node:tty';
import { systemClock } from '../base/clock.ts';
import { ok, type Result } from '../base/result.ts';
import type { McpCommand } from './command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { fileNow, followFile, type SeenFile } from './follow-file.ts';
import type { CliIo } from './io.ts';
import { createLogger, openEngine, type CliEngine } from './open-engine.ts';
import { refused, type Refusal } from './refusal.ts';
import { optionsOf } from './run-commands.ts';
import type { Mcp, McpDeps } from '../mcp/open-mcp.ts';

type Ended = Result<ExitCode, Refusal>;

export async function serveMcp(io: CliIo, command: McpCommand, version: string): Promise<Ended> {
  const stop = new AbortController();
  const interrupts = io.onInterrupt(() => stop.abort());
  const roster = command.roster === undefined ? undefined : fileNow(path.resolve(io.cwd, command.roster));
  try {
    // stdin is the protocol's, also at a terminal.
    const opened = await openEngine({ ...io, ask: undefined }, command, (work) => work());
    if (!opened.ok) return opened;
    const engine = opened.value;
    const endFollowing = roster === undefined ? undefined : followRoster(io, roster, engine);
    try {
      const { openMcp } = await import('../mcp/open-mcp.ts');
      return await serve(io, openMcp(depsOf(io, engine, { command, version })), { command, signal: stop.signal });
    } finally {
      await endFollowing?.();
      tellOpenRuns(io, engine);
      await engine.dispose();
    }
  } finally {
    interrupts.dispose();
  }
}

function followRoster(io: CliIo, roster: SeenFile, engine: CliEngine): () => Promise<void> {
  const failed = (error: unknown): void =>
    createLogger(io).error('The edited roster could not be taken; mend it, or start the command again', error);
  return followFile(roster, { clock: systemClock, onEdit: () => engine.reread().catch(failed) });
}

function depsOf(
  io: CliIo,
  engine: CliEngine,
  { command, version }: { readonly command: McpCommand; readonly version: string },
): McpDeps {
  const { approver } = engine;
  const word = (run: string, verb: string): string => `"${io.program} ${verb} ${run}"`;
  return {
    engine,
    options: () => optionsOf(engine.options(), command),
    source: 'mcp',
    // Nobody is asked here: what was not allowed is not.
    isHostAllowed: (host) => approver.decided(host) ?? false,
    nextSteps: {
      apply: (run) => `The user reviews them with ${word(run, 'show')} and applies them with ${word(run, 'apply')}.`,
      resume: (run) => `The user can go on with it: ${word(run, 'resume')}.`,
    },
    version,
    logger: createLogger(io),
  };
}

async function serve(
  io: CliIo,
  mcp: Mcp,
  { command, signal }: { readonly command: McpCommand; readonly signal: AbortSignal },
): Promise<Ended> {
  if (command.http === undefined) {
    if (isatty(0))
      io.err.write('This speaks MCP over stdin and stdout: a client starts it, as the README says. Ctrl+C ends it.\n');
    await mcp.serveStdio(io.streams, signal);
    return ok(signal.aborted ? EXIT.cancelled : EXIT.answered);
  }
  const opened = await mcp.openHttp({ port: command.http });
  if (!opened.ok)
    return refused(`Port ${command.http} ${opened.error}.`, 'Name another with --http, or 0 for any that is free.');
  const door = opened.value;
  io.err.write(`MCP server: ${door.url}\nAuthorization: Bearer ${door.token}\n`);
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await door.close();
  return ok(EXIT.cancelled);
}

/** What runs in the background stops with this process, and can be taken up again. */
function tellOpenRuns({ err, program }: CliIo, { orchestrator }: CliEngine): void {
  for (const { run } of orchestrator.runs().filter(({ phase }) => phase !== 'finished'))
    err.write(`Run ${run} stops here; "${program} resume ${run}" goes on with it.\n`);
}
