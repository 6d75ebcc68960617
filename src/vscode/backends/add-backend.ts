/** The commands "Add a Backend" and "Manage Stored Keys" over VS Code's dialogs and settings. */
import * as vscode from 'vscode';
import { systemClock } from '../../base/clock.ts';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import { abortSignalOf } from '../abort-signal.ts';
import { addBackend } from './add-backend-flow.ts';
import type { AddBackendPorts, Asking, Choice, KeyStore, RosterSettings, RosterTarget } from './add-backend-ports.ts';
import { COMMANDS, EXTENSION_SECTION } from '../ids.ts';
import { discoverLm } from '../language-models/lm-api.ts';
import { createSecretStore, deleteSecret, manageKeys, secretNames } from '../consent/secrets.ts';
import type { ShellDeps } from '../shell-deps.ts';

export function registerAddBackend(context: vscode.ExtensionContext, deps: ShellDeps): void {
  context.subscriptions.push(
    vscode.commands.registerCommand(COMMANDS.addBackend, () => add(context, deps).catch(deps.tell)),
    vscode.commands.registerCommand(COMMANDS.manageKeys, () => manageKeys(context.secrets).catch(deps.tell)),
  );
}

/** Returns the id of the backend that was added. */
async function add(context: vscode.ExtensionContext, deps: ShellDeps): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) {
    void vscode.window.showWarningMessage(
      'Trust this workspace before you add a backend: in an untrusted one only the built-in extraction works.',
    );
    return undefined;
  }
  const opened = await deps.engine.open();
  const ports: AddBackendPorts = {
    ask: asking,
    trial: opened.trial,
    roster: rosterSettings(opened),
    secrets: keyStore(context.secrets),
    lmModels: discoverLm,
    consent: (host, backends, signal) => deps.consent.consent(host, backends, signal),
    nowMs: () => systemClock.monotonicMs(),
  };
  return (await addBackend(ports))?.id;
}

function keyStore(storage: vscode.SecretStorage): KeyStore {
  const secrets = createSecretStore(storage);
  return {
    names: () => secretNames(storage),
    get: (name) => secrets.get(name),
    store: (name, secret) => secrets.store(name, secret),
    delete: (name) => deleteSecret(storage, name),
  };
}

const ROSTER = 'roster';

function rosterSettings(opened: OpenedOrchestrator): RosterSettings {
  const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration(EXTENSION_SECTION);
  const entries = (target: RosterTarget): readonly unknown[] => {
    const found = settings().inspect<unknown>(ROSTER);
    const raw = target === 'user' ? found?.globalValue : found?.workspaceValue;
    if (raw === undefined || Array.isArray(raw)) return raw ?? [];
    throw new Error(`orchestrator.roster in your ${target} settings is no list. Correct it, then add the backend.`);
  };
  const written = (): readonly unknown[] => {
    const found = settings().inspect<unknown>(ROSTER);
    return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].flatMap((raw: unknown): unknown[] =>
      Array.isArray(raw) ? raw : [],
    );
  };
  return {
    entries,
    write: async (target, list) =>
      settings().update(
        ROSTER,
        list,
        target === 'user' ? vscode.ConfigurationTarget.Global : vscode.ConfigurationTarget.Workspace,
      ),
    ids: () => [
      ...new Set([
        ...written().flatMap(idOf),
        ...(written().length === 0 ? [] : opened.roster.backends().map((backend) => backend.description.id)),
      ]),
    ],
    isConfigured: () => written().length > 0,
    hasWorkspace: () => (vscode.workspace.workspaceFolders ?? []).length > 0,
    isApiAllowed: () => opened.options().allowApi,
    allowApi: async () => settings().update('allowApi', true, vscode.ConfigurationTarget.Global),
  };
}

function idOf(entry: unknown): readonly string[] {
  return typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string' ? [entry.id] : [];
}

interface Row<T> extends vscode.QuickPickItem {
  readonly value: T;
}

const asking: Asking = {
  pick: async ({ title, placeHolder }, choices) =>
    (
      await vscode.window.showQuickPick(choices.map(toRow), {
        title,
        placeHolder,
        ignoreFocusOut: true,
        matchOnDescription: true,
      })
    )?.value,
  pickMany: async ({ title, placeHolder }, choices) => {
    const rows = choices.map((choice) => ({ ...toRow(choice), picked: choice.picked }));
    return (
      await vscode.window.showQuickPick(rows, { title, placeHolder, ignoreFocusOut: true, canPickMany: true })
    )?.map((row) => row.value);
  },
  input: async ({ title, prompt, value, isSecret, validate }) =>
    vscode.window.showInputBox({
      title,
      prompt,
      value,
      password: isSecret === true,
      ignoreFocusOut: true,
      validateInput: (text) => validate(text),
    }),
  busy: async (title, work) =>
    vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (_progress, token) => {
        const aborting = abortSignalOf(token);
        try {
          const done = await work(aborting.signal);
          return aborting.signal.aborted ? undefined : done;
        } finally {
          aborting.dispose();
        }
      },
    ),
  warn: async (message, buttons) => vscode.window.showWarningMessage(message, ...buttons),
  told: async (message, buttons) => vscode.window.showInformationMessage(message, ...buttons),
};

function toRow<T>({ label, description, value }: Choice<T>): Row<T> {
  return { label, value, ...(description === undefined ? {} : { description }) };
}
