import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder of its own for a test, filled with files by their relative path; gone after `remove`. */
export interface TempTree {
  readonly path: string;
  write(path: string, content: string | Uint8Array): void;
  remove(): void;
}

export function tempTree(files: Readonly<Record<string, string | Uint8Array>> = {}): TempTree {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'orchestrator-tree-')));
  const write = (name: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) };
}
