import { watch } from 'node:fs';
import * as vscode from 'vscode';

/**
 * Saves what is unsaved until the condition holds, looking again at each change of a text or below `folder`. Undo goes on after
 * its command has returned, and leaves texts unsaved.
 */
export async function savedUntil(holds: () => boolean, folder: string): Promise<void> {
  while (!holds()) {
    const changed = nextChange(folder);
    const unsaved = vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty);
    for (const document of unsaved)
      if (!(await document.save())) throw new Error(`${document.uri.fsPath} could not be saved.`);
    if (unsaved.length === 0) await changed;
  }
}

function nextChange(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watching = watch(folder, { recursive: true });
    const listening = vscode.workspace.onDidChangeTextDocument(() => done());
    const done = (): void => {
      watching.close();
      listening.dispose();
      resolve();
    };
    watching.on('change', done);
  });
}
