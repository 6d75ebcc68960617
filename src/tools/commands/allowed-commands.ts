/** Which commands the user allows: word for word. What may follow is allowed by an entry that ends in `*`. */
import type { CommandRefusal } from '../../core/deliverable/check-ports.ts';
import { argvText } from '../../core/deliverable/deliverable.ts';

/** A command's argv, or its beginning and `*`. */
type AllowedCommand = readonly string[];

const ANY = '*';

function isAllowed(argv: readonly string[], allowed: readonly AllowedCommand[]): boolean {
  return allowed.some((entry) => {
    const isBeginning = entry.length > 1 && entry.at(-1) === ANY;
    const words = isBeginning ? entry.slice(0, -1) : entry;
    const fits = isBeginning ? words.length <= argv.length : words.length === argv.length;
    return words.length > 0 && fits && words.every((element, index) => element === argv[index]);
  });
}

export interface CommandGuard {
  readonly isTrusted: () => boolean;
  readonly allowed: () => readonly AllowedCommand[];
}

export function refusalOf(argv: readonly string[], { isTrusted, allowed }: CommandGuard): CommandRefusal | undefined {
  if (!isTrusted())
    return {
      why: 'This folder is not trusted, so no command is run over its files.',
      whatToDo: 'Trust the folder, and ask again.',
    };
  if (isAllowed(argv, allowed())) return undefined;
  return {
    why: `The command ${argvText(argv)} is not allowed.`,
    whatToDo: `Add ${argvText(argv)} to orchestrator.allowedCommands in your user settings (on the command line: in the settings given with --roster), if you want it to be run.`,
  };
}
