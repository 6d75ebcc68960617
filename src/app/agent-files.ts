import { lstat, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AgentFile } from '../config/agent-file.ts';
import { err, ok } from '../base/result.ts';
import type { ShellPorts } from './shell.ts';

const FOLDER = ['.orchestrator', 'agents'];
const MOST_FILES = 200;
const MOST_BYTES = 256 * 1024;

/** The agents of the workspace's folders, by name. Not through links: what they lead to is not of the workspace. */
export async function readAgentFiles(folders: ShellPorts['folders']): Promise<readonly AgentFile[]> {
  const perFolder = await Promise.all(
    folders.map(async (folder) => {
      const place = path.join(folder.path, ...FOLDER);
      const names = await markdownIn(place);
      const shown = (name: string): string => [...(folders.length > 1 ? [folder.name] : []), ...FOLDER, name].join('/');
      return Promise.all(names.map((name) => readOne(path.join(place, name), shown(name))));
    }),
  );
  return perFolder.flat();
}

async function markdownIn(place: string): Promise<readonly string[]> {
  try {
    if (!(await lstat(place)).isDirectory() || !(await lstat(path.dirname(place))).isDirectory()) return [];
    const names = await readdir(place);
    return names
      .filter((name) => /\.md$/i.test(name))
      .toSorted((a, b) => (a < b ? -1 : 1))
      .slice(0, MOST_FILES);
  } catch {
    // There is no such folder.
    return [];
  }
}

async function readOne(file: string, shown: string): Promise<AgentFile> {
  try {
    const found = await lstat(file);
    if (!found.isFile()) return { path: shown, text: err('no plain file') };
    if (found.size > MOST_BYTES) return { path: shown, text: err(`${found.size} bytes`) };
    return { path: shown, text: ok(await readFile(file, 'utf8')) };
  } catch (error) {
    return { path: shown, text: err(error instanceof Error ? error.message : 'nothing') };
  }
}
