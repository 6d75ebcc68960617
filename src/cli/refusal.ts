import { err } from '../base/result.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** Why a command was not carried out: lines for a person, the last of which says what to do. */
export interface Refusal {
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

/** The user asked for something that cannot be. */
export function refused(...lines: readonly string[]): { readonly ok: false; readonly error: Refusal } {
  return err({ lines, exitCode: EXIT.badUsage });
}

export function stopped(lines: readonly string[], exitCode: ExitCode): { readonly ok: false; readonly error: Refusal } {
  return err({ lines, exitCode });
}
