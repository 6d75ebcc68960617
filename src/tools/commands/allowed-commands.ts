/** Which commands the user allows: by the first elements of their argv, word for word. */
import type { CommandRefusal } from '../../core/deliverable/check-ports.ts';
import { argvText } from '../../core/deliverable/deliverable.ts';

/** The first elements of a command's argv. */
type AllowedCommand = readonly string[];

function isAllowed(argv: readonly string[], allowed: readonly AllowedCommand[]): boolean {
  return allowed.some(
    (entry) =>
      entry.length > 0 && entry.length <= argv.length && entry.every((element, index) => element === argv[index]),
  );
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
    whatToDo: `Add ${argvText(argv)}, or its first elements, to orchestrator.allowedCommands in your user settings (on the command line: in the settings given with --roster), if you want it to be run.`,
  };
}
