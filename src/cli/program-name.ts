/** How this command is typed again: hints name it so. */
import path from 'node:path';

const OWN_NAME = 'orchestrator';

/** `script` is what Node was started with; undefined: not known. */
export function programName({ script, cwd }: { readonly script: string | undefined; readonly cwd: string }): string {
  if (script === undefined || path.parse(script).name === OWN_NAME) return OWN_NAME;
  const fromHere = path.relative(cwd, script);
  const isBelow = fromHere !== '' && !fromHere.startsWith('..') && !path.isAbsolute(fromHere);
  return `node ${shellWord(isBelow ? fromHere.split(path.sep).join('/') : script)}`;
}

/** One word of a command line, in quotes where a shell would take it for something else. */
export function shellWord(text: string): string {
  return /^[\p{L}\p{N}_@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
