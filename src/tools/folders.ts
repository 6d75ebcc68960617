import { realpath } from 'node:fs/promises';
import { err, ok, type Result } from '../base/result.ts';
import type { ReadRefusal } from '../core/ports.ts';
import type { Root } from './locate.ts';
import { splitPath } from './path-text.ts';

/** Absolute path and the name that people know it by. */
export interface NamedFolder {
  readonly name: string;
  readonly path: string;
}

/** A path as it was asked for: the folder that it names and the segments from there. */
export interface Asked {
  readonly root: Root;
  readonly segments: readonly string[];
  /** All folders of the workspace that are there now. */
  readonly roots: readonly Root[];
}

/**
 * The workspace's folders, the main one first. With several, paths begin with a folder's name; equal names get ` (2)` …
 * Links are resolved anew at each question.
 */
export class Folders {
  readonly isMultiRoot: boolean;
  readonly #folders: readonly { readonly label: string; readonly path: string }[];

  constructor(folders: readonly NamedFolder[]) {
    this.#folders = labelled(folders);
    this.isMultiRoot = folders.length > 1;
  }

  /** The folders that are there now, links resolved. */
  async roots(): Promise<readonly Root[]> {
    const roots = await Promise.all(
      this.#folders.map(async ({ label, path }) => ({ label, real: await realpath(path).catch(() => undefined) })),
    );
    return roots.flatMap(({ label, real }) => (real === undefined ? [] : [{ label, real }]));
  }

  /** Are they what a list of folders names, in this order? Written otherwise, or over links, they may be the same ones. */
  async areNamed(name: string): Promise<boolean> {
    const own = this.#folders.map(({ path }) => path);
    if (name === foldersName(own)) return true;
    const [here, there] = await Promise.all([own, name.split(SEPARATOR)].map(realNames));
    return own.length > 0 && here === there;
  }

  async find(path: string): Promise<Result<Asked, ReadRefusal>> {
    if (this.#folders.length === 0)
      return err({ kind: 'outside', why: 'No folder is open; open one to read its files.' });
    const split = splitPath(path);
    if (!split.ok) return split;
    const roots = await this.roots();
    const [first, ...rest] = split.value;
    const root = this.isMultiRoot ? roots.find(({ label }) => label === first) : roots[0];
    if (root === undefined) return err({ kind: 'missing', why: this.#whyNoRoot() });
    return ok({ root, segments: this.isMultiRoot ? rest : split.value, roots });
  }

  pathOf(root: Root, segments: readonly string[]): string {
    return (this.isMultiRoot ? [root.label, ...segments] : segments).join('/');
  }

  #whyNoRoot(): string {
    if (!this.isMultiRoot) return 'The folder of the workspace is not there any more; open another one.';
    return `Begin the path with the name of a folder of this workspace: ${this.#folders.map(({ label }) => label).join(', ')}.`;
  }
}

const SEPARATOR = ', ';

/** What a run has of the folders that it worked on; empty: there were none. */
export function foldersName(paths: readonly string[]): string {
  return paths.join(SEPARATOR);
}

async function realNames(paths: readonly string[]): Promise<string> {
  return foldersName(await Promise.all(paths.map((path) => realpath(path).catch(() => path))));
}

/** Each folder's name as the first segment of its paths: unique, and without slashes. */
function labelled(folders: readonly NamedFolder[]): readonly { readonly label: string; readonly path: string }[] {
  const taken = new Set<string>();
  return folders.map(({ name, path }) => {
    const plain = name.replaceAll(/[\\/:]/g, '-') || 'folder';
    let label = plain;
    for (let count = 2; taken.has(label); count++) label = `${plain} (${count})`;
    taken.add(label);
    return { label, path };
  });
}
