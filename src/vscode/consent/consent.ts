/** Asks once for each host whether data may go there, and lets the user look at the answers and take them back. */
import * as vscode from 'vscode';
import { systemClock } from '../../base/clock.ts';
import { ConsentRecord, describeHost, questionText, type Answer } from './consent-record.ts';
import { COMMANDS } from '../ids.ts';
import type { Consent, Log } from '../shell-deps.ts';

const ALLOW = 'Allow';
const REFUSE = "Don't Allow";
const READ = 'Read the Disclaimer';

export function createConsent(context: vscode.ExtensionContext, log: Log): Consent {
  const record = new ConsentRecord({
    store: {
      get: (key) => context.globalState.get<unknown>(key),
      update: (key, value) => context.globalState.update(key, value),
    },
    ask: (host, backends) => ask(context, host, backends),
    nowMs: () => systemClock.wallMs(),
  });
  const review = vscode.commands.registerCommand(COMMANDS.reviewConsent, () =>
    reviewAnswers(record).catch((error: unknown) => log.error('Reviewing consent failed', error)),
  );
  context.subscriptions.push(review);
  return record;
}

async function ask(context: vscode.ExtensionContext, host: string, backends: readonly string[]): Promise<Answer> {
  const { message, detail } = questionText(host, backends);
  const pressed = await askModal(message, detail);
  if (pressed === 'no-modal')
    return answerOf(await vscode.window.showWarningMessage(`${message} ${detail}`, ALLOW, REFUSE));
  if (pressed !== READ) return answerOf(pressed);
  await vscode.commands.executeCommand(
    'markdown.showPreview',
    vscode.Uri.joinPath(context.extensionUri, 'DISCLAIMER.md'),
  );
  // A modal would stand before the page.
  return answerOf(await vscode.window.showWarningMessage(message, ALLOW, REFUSE));
}

/** A window under automation refuses modals by an error; there the question stands as a notification instead. */
async function askModal(message: string, detail: string): Promise<string | undefined> {
  try {
    return await vscode.window.showWarningMessage(message, { modal: true, detail }, ALLOW, REFUSE, READ);
  } catch {
    return 'no-modal';
  }
}

function answerOf(pressed: string | undefined): Answer {
  if (pressed === ALLOW) return 'allowed';
  return pressed === REFUSE ? 'refused' : 'unanswered';
}

interface Row extends vscode.QuickPickItem {
  readonly host: string;
}

async function reviewAnswers(record: ConsentRecord): Promise<void> {
  const rows = [...record.all()].map(([host, { allowed, atMs }]): Row => ({
    host,
    label: describeHost(host),
    description: allowed ? 'allowed' : 'not allowed',
    detail: `Answered ${new Date(atMs).toLocaleString()}`,
    picked: false,
  }));
  if (rows.length === 0) {
    await vscode.window.showInformationMessage(
      'Orchestrator has not asked about any host yet: no data went to another machine.',
    );
    return;
  }
  const picked = await vscode.window.showQuickPick(rows, {
    canPickMany: true,
    title: 'Answers to take back',
    placeHolder: 'Orchestrator asks again before it sends anything to the hosts you pick',
  });
  for (const { host } of picked ?? []) await record.withdraw(host);
}
