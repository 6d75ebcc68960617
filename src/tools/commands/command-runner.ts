/**
 * Runs the commands of checks.
 *
 * Owns: what a command may be and what it is given: a copy of the files, a bare environment, bounded time and output.
 * Does not own: how the copy is made (throw-away-copy.ts), how a program ends (run-program.ts), what its end means.
 * 1. Nothing is copied and nothing started for a command that the user does not allow, or in a folder that is not trusted; both
 *    are asked anew for each command.
 * 2. It runs in the copy, never in the workspace. When it has ended the copy is removed, however it ended.
 * 3. Its environment holds no variable but those of command-environment.ts.
 * 4. Of its output the last 64 KiB are kept, whatever it prints.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { CommandEnd, CommandRan, CommandRun, CommandRunner } from '../../core/deliverable/check-ports.ts';
import type { DataRule } from '../../core/data-rule.ts';
import type { NamedFolder } from '../folders.ts';
import { splitPath } from '../path-text.ts';
import { refusalOf, type CommandGuard } from './allowed-commands.ts';
import { commandEnvironment } from './command-environment.ts';
import { COPY_LIMITS, type CopyLimits } from './copy-limits.ts';
import { OutputTail } from './output-tail.ts';
import { runProgram, type ProgramEnd } from './run-program.ts';
import { makeCopy, type ThrowAwayCopy } from './throw-away-copy.ts';

export interface CommandRunnerOptions extends CommandGuard {
  /** Absolute paths, the main one first. */
  readonly folders: readonly NamedFolder[];
  readonly dataRules: () => readonly DataRule[];
  readonly unsavedText?: (path: string) => string | undefined;
  /** Of this process; what of it a command is given is decided here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits?: CopyLimits;
  /** Where copies are made; undefined: in the system's folder for temporary files. */
  readonly place?: string;
}

const MOST_OUTPUT_BYTES = 65_536;

export function createCommandRunner(options: CommandRunnerOptions): CommandRunner {
  return {
    refusal: (argv) => refusalOf(argv, options),
    run: (command) => run(command, options),
  };
}

async function run(command: CommandRun, options: CommandRunnerOptions): Promise<CommandRan> {
  const { argv, signal, files } = command;
  const refusal = refusalOf(argv, options);
  if (refusal !== undefined) return notRun(refusal.why);
  try {
    const { folders, dataRules, unsavedText = nothing, env, limits = COPY_LIMITS, place } = options;
    const where = place === undefined ? {} : { place };
    const copy = await makeCopy(files, { folders, dataRules: dataRules(), unsavedText, env, limits, ...where, signal });
    if (!copy.ok) return notRun(copy.error);
    try {
      return await runIn(copy.value, command, options);
    } finally {
      await copy.value.remove();
    }
  } catch (error) {
    if (signal.aborted) return notRun(CALLED_OFF);
    return notRun(error instanceof Error ? error.message : String(error));
  }
}

const CALLED_OFF = 'it was called off';

function nothing(): undefined {
  return undefined;
}

async function runIn(copy: ThrowAwayCopy, command: CommandRun, options: CommandRunnerOptions): Promise<CommandRan> {
  const { argv, timeoutMs, signal } = command;
  const tail = new OutputTail(MOST_OUTPUT_BYTES);
  const place = await placeIn(copy, command);
  const end =
    typeof place !== 'string'
      ? place
      : await runProgram({
          argv,
          cwd: place,
          env: commandEnvironment(
            options.env,
            copy.temp,
            options.folders.map((folder) => folder.path),
          ),
          timeoutMs,
          signal,
          onOutput: tail.add,
          withErrors: true,
        }).then((ended) => endOf(ended, argv));
  // Where the copy lay is nobody's concern: its paths are told as those of the workspace.
  const output = tail.text.replaceAll(`${copy.files}${path.sep}`, '').replaceAll(copy.files, '.');
  return { end, output, localFiles: copy.localFiles, leftOut: copy.leftOut };
}

async function placeIn({ files }: ThrowAwayCopy, { cwd }: CommandRun): Promise<string | CommandEnd> {
  if (cwd === '') return files;
  const segments = splitPath(cwd);
  if (!segments.ok) return { kind: 'broken', why: `${cwd}: ${segments.error.why}` };
  const place = path.join(files, ...segments.value);
  const isFolder = await stat(place).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  return isFolder ? place : { kind: 'missing', why: `there is no folder ${cwd}` };
}

function endOf(end: ProgramEnd, [program = '']: readonly string[]): CommandEnd {
  switch (end.kind) {
    case 'exited':
    case 'signalled':
    case 'timed-out':
      return end;
    case 'aborted':
      return { kind: 'broken', why: CALLED_OFF };
    case 'not-started':
    default:
      return notStarted(program, end.code);
  }
}

/** A program that is named by a path is one of the files; one that is not is to be installed on this machine. */
function notStarted(program: string, code: string): CommandEnd {
  const isOfFiles = /[\\/]/.test(program) && !path.isAbsolute(program);
  if (code === 'ENOENT' && isOfFiles) return { kind: 'missing', why: `there is no file ${program}` };
  if (code === 'EACCES' && isOfFiles) return { kind: 'missing', why: `${program} may not be executed` };
  if (code === 'ENOENT')
    return {
      kind: 'broken',
      why: `there is no program ${program} on this machine's PATH; install it, or name another one (scripts that end in .cmd or .bat cannot be run without a shell)`,
    };
  return { kind: 'broken', why: `${program} could not be started (${code})` };
}

function notRun(why: string): CommandRan {
  return { end: { kind: 'broken', why }, output: '', localFiles: [], leftOut: 0 };
}
