/** Notifications that a task, or a plan made from the tree, waits for the person. */
import * as vscode from 'vscode';
import { noticeText } from '../../app/safe-text.ts';
import { unreachable } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import { COMMANDS } from '../ids.ts';
import type { ShellDeps } from '../shell-deps.ts';
import { WaitingNotices, type Notice } from './waiting-notice.ts';

export function registerTaskNotices(context: vscode.ExtensionContext, deps: ShellDeps): void {
  context.subscriptions.push(
    deps.engine.onDidOpen(({ orchestrator }) => {
      const show = (notice: Notice): void => {
        showNotice(notice).catch(deps.tell);
      };
      context.subscriptions.push(new WaitingNotices({ clock: systemClock, orchestrator, show }));
    }),
  );
}

async function showNotice(notice: Notice): Promise<void> {
  const text = `Orchestrator: ${noticeText(notice.text)}`;
  switch (notice.kind) {
    case 'tasks': {
      const more = notice.count > 1 ? ['Show Tasks'] : [];
      const chosen = await vscode.window.showInformationMessage(text, 'Answer', ...more, 'Later');
      if (chosen === 'Answer')
        await vscode.commands.executeCommand(COMMANDS.openTask, notice.run, notice.task, { takeFocus: true });
      else if (chosen === 'Show Tasks') await vscode.commands.executeCommand(COMMANDS.showTasks);
      return;
    }
    case 'plan': {
      const chosen = await vscode.window.showInformationMessage(text, 'Run Plan', 'Edit Plan', 'Later');
      if (chosen === 'Run Plan') await vscode.commands.executeCommand(COMMANDS.approvePlan, notice.run);
      else if (chosen === 'Edit Plan') await vscode.commands.executeCommand(COMMANDS.editPlan, notice.run);
      return;
    }
    default:
      return unreachable(notice);
  }
}
