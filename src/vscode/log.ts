import * as vscode from 'vscode';
import type { Log } from './shell-deps.ts';

/** The "Orchestrator" channel of the Output view; its level is set there. Holds no secrets and no file contents. */
export function createLog(): Log {
  const channel = vscode.window.createOutputChannel('Orchestrator', { log: true });
  return {
    info: (message) => channel.info(message),
    warn: (message) => channel.warn(message),
    error: (message, error) =>
      error === undefined
        ? channel.error(message)
        : channel.error(message, error instanceof Error ? (error.stack ?? error.message) : error),
    show: () => channel.show(true),
    dispose: () => channel.dispose(),
  };
}
