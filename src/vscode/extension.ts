/**
 * Wires the extension. Activation only registers: no network, no database, no secret is touched, and the engine with its
 * libraries is loaded at the first use.
 */
import * as vscode from 'vscode';
import { registerAddBackend } from './backends/add-backend.ts';
import { registerBackendsView } from './backends/backends-view.ts';
import { registerChat } from './chat/chat.ts';
import { registerClosingOfDeleted } from './close-deleted.ts';
import { createConsent } from './consent/consent.ts';
import { registerConversationPanels } from './conversation/conversation-panel.ts';
import { registerEditCommands } from './edits/edit-commands.ts';
import { registerEditDocuments } from './edits/edit-documents.ts';
import { LmEditorTools } from './other-agents/editor-tools.ts';
import { EditProposals } from './edits/edit-proposals.ts';
import { createEngineHost, type ClosableEngineHost } from './engine.ts';
import { registerGraphPanel } from './graph/graph-panel.ts';
import { registerHistory } from './history/history-view.ts';
import { createLmBackend, discoverLm } from './language-models/lm-api.ts';
import { registerLmProvider } from './language-models/lm-provider.ts';
import { createLog } from './log.ts';
import { Clicks } from './tree/next-mode.ts';
import { registerOtherAgents } from './other-agents/other-agents.ts';
import { registerPlanCommands } from './plan/plan-commands.ts';
import { registerPlanDocuments } from './plan/plan-document.ts';
import { registerRunCommands } from './run-commands.ts';
import { createSecretStore } from './consent/secrets.ts';
import type { Register, ShellDeps } from './shell-deps.ts';
import { registerStatusBar } from './notices/status-bar.ts';
import { registerSubtaskDocuments } from './documents/subtask-document.ts';
import { registerTaskNotices } from './notices/task-notices.ts';
import { registerTaskTree } from './tree/task-tree.ts';
import { createTell } from './tell.ts';
import { registerToolChoice } from './other-agents/tool-choice-command.ts';

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
