/** Keys in VS Code's SecretStorage, each bound to the origin it was stored for. */
import * as vscode from 'vscode';
import { cleanKey, nameOfKey, readSecret, storageKey, writeSecret } from './secret-record.ts';
import type { BoundSecrets } from '../shell-deps.ts';

export function createSecretStore(storage: vscode.SecretStorage): BoundSecrets {
  return {
    get: async (name) => {
      const text = await storage.get(storageKey(name));
      return text === undefined ? undefined : readSecret(text);
    },
    store: async (name, secret) => storage.store(storageKey(name), writeSecret(secret)),
  };
}

export async function secretNames(storage: vscode.SecretStorage): Promise<readonly string[]> {
  return (await storage.keys())
    .map(nameOfKey)
    .filter((name) => name !== undefined)
    .toSorted();
}

export async function deleteSecret(storage: vscode.SecretStorage, name: string): Promise<void> {
  await storage.delete(storageKey(name));
}

/** The command: replace or delete a stored key. No key is ever shown. */
export async function manageKeys(storage: vscode.SecretStorage): Promise<void> {
  const secrets = createSecretStore(storage);
  const rows = await Promise.all(
    (await secretNames(storage)).map(async (name) => {
      const secret = await secrets.get(name);
      return {
        label: name,
        description: secret === undefined ? 'unreadable: it is sent nowhere' : `only for ${secret.origin}`,
        secret,
      };
    }),
  );
  if (rows.length === 0) {
    await vscode.window.showInformationMessage(
      'Orchestrator has stored no keys. "Orchestrator: Add a Backend" stores one.',
    );
    return;
  }
  const row = await vscode.window.showQuickPick(rows, { title: 'Stored keys', placeHolder: 'Which key?' });
  if (row === undefined) return;
  const actions = row.secret === undefined ? ['Delete'] : ['Replace', 'Delete'];
  const action = await vscode.window.showQuickPick(actions, {
    title: row.label,
    placeHolder: 'What shall be done with it?',
  });
  if (action === 'Delete') return deleteSecret(storage, row.label);
  if (action !== 'Replace' || row.secret === undefined) return;
  const value = await askForKey(row.label, row.secret.origin);
  if (value !== undefined) await secrets.store(row.label, { value, origin: row.secret.origin });
}

async function askForKey(name: string, origin: string): Promise<string | undefined> {
  const pasted = await vscode.window.showInputBox({
    title: `Key "${name}"`,
    prompt: `Stored in this machine's secret storage and sent only to ${origin}.`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      cleanKey(text) === undefined ? 'Paste the key: printable characters without spaces.' : undefined,
  });
  return pasted === undefined ? undefined : cleanKey(pasted);
}
