/**
 * Wires the extension. Activation only registers: no network, no database, no secret is touched, and the engine with its
 * libraries is loaded at the first use.
 */
import * as vscode from 'vscode';
import { registerAddBackend } from './add-backend.ts';
import { registerBackendsView } from './backends-view.ts';
import { registerChat } from './chat.ts';
import { registerClosingOfDeleted } from './close-deleted.ts';
import { createConsent } from './consent.ts';
import { registerConversationPanels } from './conversation-panel.ts';
import { registerEditCommands } from './edit-commands.ts';
import { registerEditDocuments } from './edit-documents.ts';
import { LmEditorTools } from './editor-tools.ts';
import { EditProposals } from './edit-proposals.ts';
import { createEngineHost, type ClosableEngineHost } from './engine.ts';
import { registerGraphPanel } from './graph-panel.ts';
import { registerHistory } from './history-view.ts';
import { createLmBackend, discoverLm } from './lm-api.ts';
import { registerLmProvider } from './lm-provider.ts';
import { createLog } from './log.ts';
import { Clicks } from './next-mode.ts';
import { registerOtherAgents } from './other-agents.ts';
import { registerPlanCommands } from './plan-commands.ts';
import { registerPlanDocuments } from './plan-document.ts';
import { registerRunCommands } from './run-commands.ts';
import { createSecretStore } from './secrets.ts';
import type { Register, ShellDeps } from './shell-deps.ts';
import { registerStatusBar } from './status-bar.ts';
import { registerSubtaskDocuments } from './subtask-document.ts';
import { registerTaskNotices } from './task-notices.ts';
import { registerTaskTree } from './task-tree.ts';
import { createTell } from './tell.ts';
import { registerToolChoice } from './tool-choice-command.ts';

const CONTRIBUTIONS: readonly Register[] = [
  registerLmProvider,
  registerChat,
  registerTaskTree,
  registerTaskNotices,
  registerBackendsView,
  registerHistory,
  registerStatusBar,
  registerClosingOfDeleted,
  registerSubtaskDocuments,
  registerConversationPanels,
  registerGraphPanel,
  registerRunCommands,
  registerPlanDocuments,
  registerPlanCommands,
  registerEditDocuments,
  registerEditCommands,
  registerAddBackend,
  registerOtherAgents,
  registerToolChoice,
];

/** VS Code awaits only what `deactivate` returns, and hands it nothing. */
const engines = new Set<ClosableEngineHost>();

export function activate(context: vscode.ExtensionContext): void {
  const log = createLog();
  const secrets = createSecretStore(context.secrets);
  const consent = createConsent(context, log);
  const editorTools = new LmEditorTools();
  const engine = createEngineHost(context, {
    log,
    secrets,
    consent,
    lmBackend: createLmBackend,
    discoverLm,
    editorTools,
  });
  const proposals = new EditProposals(engine);
  const runSignals = { deleted: new vscode.EventEmitter<string>(), reveal: new vscode.EventEmitter<string>() };
  engines.add(engine);
  context.subscriptions.push(log, engine, proposals, runSignals.deleted, runSignals.reveal);
  const clicks = new Clicks();
  registerAll(context, {
    engine,
    log,
    secrets,
    consent,
    tell: createTell(log),
    proposals,
    runSignals,
    clicks,
    editorTools,
  });
}

export async function deactivate(): Promise<void> {
  await Promise.all([...engines].map((engine) => engine.close()));
  engines.clear();
}

/** One contribution that fails is logged and does not take the others with it. */
function registerAll(context: vscode.ExtensionContext, deps: ShellDeps): void {
  for (const register of CONTRIBUTIONS) {
    try {
      register(context, deps);
    } catch (error) {
      deps.log.error(`${register.name} failed`, error);
    }
  }
}
