import * as vscode from 'vscode';

const WAIT_MS = 30_000;

/** Milliseconds as VS Code's "Startup Performance" reports them. */
export interface ActivationTime {
  readonly loadCodeMs: number;
  readonly callActivateMs: number;
  readonly finishActivateMs: number;
}

/**
 * Reads an extension's row of VS Code's own table of activation times. VS Code writes the table some seconds after the
 * window has settled; the promise rejects when the row is not there after 30 s.
 */
export async function readActivationTime(extensionId: string): Promise<ActivationTime> {
  await vscode.commands.executeCommand('perfview.show'); // the document can only be read once its view was open
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse('perf:Startup Performance'));
  const row = await rowOf(document, extensionId);
  await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  const [, , , loadCodeMs = NaN, callActivateMs = NaN, finishActivateMs = NaN] = row.split('|').map(Number);
  return { loadCodeMs, callActivateMs, finishActivateMs };
}

function rowOf(document: vscode.TextDocument, extensionId: string): Promise<string> {
  const find = (): string | undefined =>
    document
      .getText()
      .split('\n')
      .find((line) => line.toLowerCase().startsWith(`| ${extensionId.toLowerCase()} `));
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      clearTimeout(timer);
      changes.dispose();
      action();
    };
    const look = (): void => {
      const row = find();
      if (row) settle(() => resolve(row));
    };
    const timer = setTimeout(
      () => settle(() => reject(new Error(`${extensionId} is not in the table:\n${document.getText()}`))),
      WAIT_MS,
    );
    const changes = vscode.workspace.onDidChangeTextDocument((change) => change.document === document && look());
    look();
  });
}
