import { readFile, realpath, stat } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';

/** The text of a file the user named, or why it cannot be had: the end of a sentence that begins with the file. */
export async function readTextFile(file: string): Promise<Result<string, string>> {
  try {
    return ok(await readFile(file, 'utf8'));
  } catch (error) {
    return err(whyNot(error));
  }
}

/** Undefined when it is a folder. */
export async function whyNoFolder(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? undefined : 'is a file';
  } catch (error) {
    return whyNot(error);
  }
}

export async function isSameFolder(a: string, b: string): Promise<boolean> {
  const [realA, realB] = await Promise.all([a, b].map((folder) => realpath(folder).catch(() => folder)));
  return realA === realB;
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there';
  if (code === 'EISDIR') return 'is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  return `cannot be read (${code})`;
}
