/** From the words of the command line to a command, or to a text that says what is wrong with them. */
import { Command, CommanderError } from 'commander';
import type { Strategy } from '../core/run-request.ts';
import type { CliCommand, RunSettings } from './command.ts';
import {
  readConcurrency,
  readFormat,
  readIterations,
  readMore,
  readMs,
  readPort,
  readStrategy,
  readText,
  readTokens,
  readUsd,
} from './option-values.ts';
import type { ShowFormat } from './command.ts';

export type Parsed =
  | { readonly kind: 'command'; readonly command: CliCommand }
  /** `--help`, `--version`. */
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'refused'; readonly text: string };

export interface ParseOptions {
  readonly version: string;
  /** Width of help texts. */
  readonly columns: number;
  /** How this command is typed, for what is said about wrong words. */
  readonly program: string;
}

/** `argv` begins with the command's name. */
export function parseArguments(argv: readonly string[], options: ParseOptions): Parsed {
  const told: string[] = [];
  let command: CliCommand | undefined;
  const program = buildProgram(options, {
    tell: (text) => void told.push(text),
    found: (one) => {
      command = one;
    },
  });
  try {
    program.parse(withoutHelpCommand(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'told', text: told.join('') };
    return {
      kind: 'refused',
      text: refusalText(error, program, { told: told.join(''), first: argv[0], typed: options.program }),
    };
  }
  if (command === undefined) throw new Error('The command line was read and nothing came of it.');
  return { kind: 'command', command };
}

/** `help ask` is `ask --help`, as many programs have it. */
function withoutHelpCommand([first, ...more]: readonly string[]): string[] {
  if (first !== 'help') return first === undefined ? [] : [first, ...more];
  return [...more.slice(0, 1), '--help'];
}

interface Hooks {
  readonly tell: (text: string) => void;
  readonly found: (command: CliCommand) => void;
}

function buildProgram({ version, columns }: ParseOptions, hooks: Hooks): Command {
  const program = new Command('orchestrator')
    .description(
      'Say what you want once: a plan of tasks, each at the model that fits it best, in parallel, and one answer with what it cost.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this, or the help of a command')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: hooks.tell,
      writeErr: hooks.tell,
      outputError: () => undefined, // the error that is thrown says the same
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  addRunCommands(program, hooks.found);
  addRecordCommands(program, hooks.found);
  return program.addHelpText('after', () => `\n${commonHelp(program, columns)}\n${EXIT_CODES}`);
}

const EXIT_CODES = `Exit codes: 0 answered, 1 failed, 2 bad usage, roster or plan, 3 stopped by the budget (what there is is printed),
4 partial answer, 130 cancelled. Of apply: 0 done, 1 nothing could be applied, 4 some files were left as they are.`;

/** Whoever runs something takes these; they are told once, in the help of the whole. */
function commonHelp(program: Command, columns: number): string {
  const ask = program.commands.find((command) => command.name() === 'ask');
  if (ask === undefined) return '';
  const help = ask.createHelp();
  help.prepareContext({ helpWidth: columns });
  const rows = help.visibleOptions(ask).filter((option) => option.long !== '--help' && option.long !== '--file');
  const width = Math.max(...rows.map((option) => help.optionTerm(option).length));
  return [
    'Options of ask, plan, run and mcp:',
    ...rows.map((option) => help.formatItem(help.optionTerm(option), width, help.optionDescription(option), help)),
    '',
    'Each command tells its further options with --help.',
    '',
  ].join('\n');
}

function addRunCommands(program: Command, found: Hooks['found']): void {
  const files = (command: Command): Command =>
    command.option('--file <path|glob>', 'attach files; may be repeated', readMore);
  withRunOptions(files(program.command('ask').argument('<request>', 'what you want, in quotes', readText)))
    .description('run a request and print its tree and its answer')
    .action((request: string, own: OwnOptions) =>
      found({ kind: 'ask', request, files: own.file ?? [], ...runSettings(own) }),
    );
  withRunOptions(files(program.command('plan').argument('<request>', 'what you want, in quotes', readText)))
    .description('print the plan as JSON and run nothing')
    .action((request: string, own: OwnOptions) =>
      found({ kind: 'plan', request, files: own.file ?? [], ...runSettings(own) }),
    );
  withRunOptions(program.command('run').argument('<plan.json>', 'a plan file'))
    .description('run a given plan, without asking for one')
    .option(
      '--from <run>',
      'run it again after this earlier run: what did not change since, and rests on nothing that did, is not done anew',
      readText,
    )
    .action((planFile: string, own: OwnOptions) =>
      found({ kind: 'run', planFile, from: own.from, fresh: own.fresh === true, ...runSettings(own) }),
    );
  withRunOptions(program.command('mcp'))
    .description('offer the engine as tools to another agent (MCP over stdin and stdout)')
    .option('--http <port>', 'serve clients of this machine over HTTP instead, with a token that is printed', readPort)
    .action((own: OwnOptions) => found({ kind: 'mcp', http: own.http, ...runSettings(own) }));
  withJson(
    withDb(
      withYes(
        withWorkspace(
          withRoster(program.command('resume').argument('<run>', RUN_ARGUMENT, readText)),
          WORKSPACE_OF_RUN,
        ),
      ),
    ),
  )
    .description('go on with an interrupted run; nothing that finished is done again')
    .option('--fresh', 'end it instead, and do all of its plan anew in a new run')
    .action((run: string, own: OwnOptions) =>
      found({
        kind: 'resume',
        run,
        fresh: own.fresh === true,
        workspace: own.workspace,
        ...rosterPlace(own),
        db: own.db,
        json: own.json === true,
      }),
    );
}

function addRecordCommands(program: Command, found: Hooks['found']): void {
  withDb(program.command('show').argument('<run>', RUN_ARGUMENT, readText))
    .description('print a run from the record: tree, answer, spend')
    .option(
      '--format <format>',
      'text, json (its events, one a line), markdown, diff (its proposed edits), or plan (as a file that "run" takes)',
      readFormat,
    )
    .option('--json', 'the same as --format json')
    .action((run: string, own: OwnOptions) =>
      found({ kind: 'show', run, format: own.format ?? (own.json === true ? 'json' : 'text'), db: own.db }),
    );
  addApply(program, found);
  withJson(withDb(program.command('runs')))
    .description('list the runs, newest first')
    .option('--search <text>', 'only runs that hold all these words')
    .action((own: OwnOptions) => found({ kind: 'runs', search: own.search, db: own.db, json: own.json === true }));
  withJson(withDb(withYes(withRoster(program.command('backends')), YES)))
    .description('list the roster as it is understood, with its problems')
    .option('--check', 'ask each backend whether it is there')
    .action((own: OwnOptions) =>
      found({ kind: 'backends', check: own.check === true, ...rosterPlace(own), db: own.db, json: own.json === true }),
    );
  withJson(withDb(withYes(withWorkspace(withRoster(program.command('tools')), WORKSPACE_OF_CWD), YES)))
    .description('list what the MCP servers of the settings offer, and which of it agents may be given')
    .action((own: OwnOptions) =>
      found({
        kind: 'tools',
        ...rosterPlace(own),
        workspace: own.workspace,
        db: own.db,
        json: own.json === true,
      }),
    );
}

function addApply(program: Command, found: Hooks['found']): void {
  withDb(withWorkspace(program.command('apply').argument('<run>', RUN_ARGUMENT, readText), WORKSPACE_OF_CWD))
    .description("write a run's proposed edits into the files, or take them back")
    .option('--file <path>', 'only this file; may be repeated. A protected one is applied only by itself', readMore)
    .option(
      '--take <task|both>',
      'decide the conflict of the file named with --file by this side, and apply it',
      readText,
    )
    .option('--merge', 'merge the file named with --file with what is there now, and apply it when nothing clashes')
    .option('--revert', 'put back what was there before, in every file that was applied and not changed since')
    .option('--yes', 'ask nothing: apply a protected file that is named with --file')
    .option('--json', 'print one JSON object, {run, done, left}, and nothing else')
    .action((run: string, own: OwnOptions) =>
      found({
        kind: 'apply',
        run,
        revert: own.revert === true,
        take: own.take,
        merge: own.merge === true,
        files: own.file ?? [],
        workspace: own.workspace,
        db: own.db,
        yes: own.yes === true,
        json: own.json === true,
      }),
    );
}

const RUN_ARGUMENT = 'the id of a run, or how it begins';
const WORKSPACE_OF_CWD = 'the folder that is worked on (default: the current one)';
const WORKSPACE_OF_RUN = 'the folder that is worked on (default: that of the run)';

/** What commander gives an action, under the names that it makes of the flags. */
interface OwnOptions {
  readonly file?: readonly string[];
  readonly roster?: string;
  readonly workspace?: string;
  readonly db?: string;
  readonly strategy?: Strategy;
  readonly synthesis?: boolean;
  readonly from?: string;
  readonly fresh?: boolean;
  readonly maxUsd?: number;
  readonly maxTokens?: number;
  readonly maxMs?: number;
  readonly maxIterations?: number;
  readonly concurrency?: number;
  readonly localOnly?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly format?: ShowFormat;
  readonly search?: string;
  readonly check?: boolean;
  readonly revert?: boolean;
  readonly take?: string;
  readonly merge?: boolean;
  readonly http?: number;
}

function rosterPlace(own: OwnOptions): Pick<RunSettings, 'roster' | 'yes'> {
  return { roster: own.roster, yes: own.yes === true };
}

function runSettings(own: OwnOptions): RunSettings {
  return {
    ...rosterPlace(own),
    workspace: own.workspace,
    db: own.db,
    strategy: own.strategy,
    synthesis: own.synthesis !== false,
    maxUsd: own.maxUsd,
    maxTokens: own.maxTokens,
    maxMs: own.maxMs,
    maxIterations: own.maxIterations,
    concurrency: own.concurrency,
    localOnly: own.localOnly === true,
    json: own.json === true,
  };
}

function withRunOptions(command: Command): Command {
  withWorkspace(withRoster(command), WORKSPACE_OF_CWD)
    .option(
      '--strategy <strategy>',
      'auto: the orchestrating model chooses; plan: always a plan; delegate: it decides as it goes what to give to others',
      readStrategy,
    )
    .option('--fresh', 'use no results of an earlier run: do everything anew')
    .option('--no-synthesis', 'the results of the tasks are the answer, one after the other')
    .option('--max-usd <n>', 'the most that the run may cost, in US dollars', readUsd)
    .option('--max-tokens <n>', 'the most tokens, input and output together', readTokens)
    .option('--max-ms <n>', 'the longest time, in milliseconds', readMs)
    .option('--max-iterations <n>', 'the most calls of models', readIterations)
    .option('--concurrency <n>', 'tasks at once over all backends', readConcurrency)
    .option('--local-only', 'use only backends of tier local: nothing leaves this machine');
  return withJson(withDb(withYes(command)));
}

function withRoster(command: Command): Command {
  return command.option(
    '--roster <file>',
    'a JSON array of backends, or a settings.json with orchestrator.roster (default: what is found on this machine)',
    readText,
  );
}

function withWorkspace(command: Command, text: string): Command {
  return command.option('--workspace <dir>', text, readText);
}

function withDb(command: Command): Command {
  return command.option(
    '--db <file>',
    "the record of runs (default: $ORCHESTRATOR_DB, else the extension's own: orchestrator/journal.db in your data folder, on Linux ~/.local/share)",
    readText,
  );
}

const YES = "ask nothing: allow the roster's hosts and its paid (api) backends";

function withYes(command: Command, text = `${YES}, and run a plan that waits`): Command {
  return command.option('--yes', text);
}

function withJson(command: Command): Command {
  return command.option('--json', 'print one line of JSON for each event or item, and nothing else');
}

/** What is wrong, and what to do next. */
function refusalText(
  error: CommanderError,
  program: Command,
  line: { readonly told: string; readonly first: string | undefined; readonly typed: string },
): string {
  if (error.code === 'commander.help') return `No command is given.\n\n${line.told.trimEnd()}\n`;
  const name = program.commands.find((command) => command.name() === line.first)?.name();
  const message = upperFirst(error.message.replace(/^error: /, '').trim());
  return `${message.replace(/(?<=[^.)!?])$/, '.')}\n${whatToDo(error, program, { name, typed: line.typed })}\n`;
}

function whatToDo(
  error: CommanderError,
  program: Command,
  { name, typed }: { readonly name: string | undefined; readonly typed: string },
): string {
  const commands = program.commands.map((command) => command.name()).join(', ');
  if (error.code === 'commander.unknownCommand') return `The commands are ${commands}.`;
  if (error.code === 'commander.excessArguments' && (name === 'ask' || name === 'plan'))
    return `Put the whole request in quotes: ${typed} ${name} "what you want".`;
  if (name === undefined)
    return `Options stand after the command: ${typed} ask "what you want" --json. "${typed} --help" tells what there is.`;
  return `"${typed} ${name} --help" tells what there is.`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
