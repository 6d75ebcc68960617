import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CommandRan, CommandRun, CommandRunner } from '../../../src/core/deliverable/check-ports.ts';
import { createCommandRunner, type CommandRunnerOptions } from '../../../src/tools/commands/command-runner.ts';
import { tempTree, type TempTree } from '../../tools/temp-tree.ts';

/** A workspace that git tracks, and who runs commands over copies of it. */
export interface CommandRig {
  readonly tree: TempTree;
  readonly runner: CommandRunner;
  readonly run: (argv: readonly string[], more?: Partial<CommandRun>) => Promise<CommandRan>;
  readonly git: (...args: readonly string[]) => void;
  readonly remove: () => void;
}

export function commandRig(
  files: Readonly<Record<string, string>>,
  more: Partial<CommandRunnerOptions> = {},
): CommandRig {
  const tree = tempTree(files);
  const git = (...args: readonly string[]): void => void execFileSync('git', ['-C', tree.path, ...args]);
  git('init', '-q');
  git('add', '-A');
  const runner = createCommandRunner({
    folders: [{ name: 'main', path: tree.path }],
    isTrusted: () => true,
    allowed: () => [['node', '*'], ['sh', '*'], ['./script.sh']],
    dataRules: () => [],
    env: process.env,
    ...more,
  });
  return {
    tree,
    runner,
    git,
    run: (argv, own) =>
      runner.run({ argv, cwd: '', timeoutMs: 20_000, files: [], signal: new AbortController().signal, ...own }),
    remove: () => tree.remove(),
  };
}

/** A program for `node`. */
export function script(text: string): readonly string[] {
  return ['node', '-e', text];
}

/** Every file of a folder with its text, as one text; `.git` and links apart. */
export function contentOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !/^\.git(?:$|[\\/])/.test(name),
  );
  return names
    .sort()
    .filter((name) => existsSync(path.join(folder, name)) && statSync(path.join(folder, name)).isFile())
    .map((name) => `${name}: ${readFileSync(path.join(folder, name), 'utf8')}`)
    .join('\n');
}

/** Copies that are there now. */
export function copiesLeft(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('orchestrator-check-'));
}

/** One that has ended and waits to be noticed is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const status = `/proc/${pid}/stat`;
    return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'));
  } catch {
    return false;
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
