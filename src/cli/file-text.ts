import { readFile, realpath, stat } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';

/**
 * The text of a file the user named, without a byte order mark, or why it cannot be had: the end of a sentence that begins with
 * the file. UTF-16 is known by its mark: Windows PowerShell writes it where the output of a command goes into a file.
 */
export async function readTextFile(file: string): Promise<Result<string, string>> {
  try {
    const bytes = await readFile(file);
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return ok(new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes));
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
