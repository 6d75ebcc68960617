import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { activateForChat, askInChat } from '../in-vscode/chat.ts';
import { selectors } from './selectors.ts';
import { connectWindow, widenChat, type DrivenWindow } from './window.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';

/** `[name:12-18](path#L12-L18)` of the answer. */
function citations(
  markdown: string,
): readonly { readonly path: string; readonly start: number; readonly end: number }[] {
  return [...markdown.matchAll(/\]\(([^()\s#]+)#L(\d+)(?:-L(\d+))?\)/g)].map(([, file = '', start, end = start]) => ({
    path: file,
    start: Number(start),
    end: Number(end),
  }));
}

describe('a fresh profile, without a model, a key or a network', () => {
  let window: DrivenWindow;
  let root: string;

  before(async () => {
    await activateForChat(OUR_EXTENSION);
    window = await connectWindow();
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  });
  after(() => window.close());

  it('answers the first hello, and says that no language model is there', async () => {
    const turn = await askInChat('@orchestrator hello');
    assert.equal(turn.errorDetails, undefined);
    const text = await window.page.locator(selectors.chat.response).last().innerText();
    assert.match(text, /no language model/i);
    assert.match(text, /Add a Backend/);
  });

  it('answers a question about the files with passages that are really there, in a bounded number of calls', async () => {
    const turn = await askInChat('@orchestrator When is a request refused, and what does the client get then?');
    assert.equal(turn.errorDetails, undefined);
    const text = await vscode.commands.executeCommand<string>('orchestrator.showRunText', turn.metadata?.runId);
    assert.match(text, /no language model/i);
    const cited = citations(text);
    assert.ok(cited.length > 0, text);
    for (const { path: file, start, end } of cited) {
      assert.ok(existsSync(path.join(root, file)), `${file} is cited and is there`);
      const lines = readFileSync(path.join(root, file), 'utf8')
        .split('\n')
        .slice(start - 1, end);
      for (const line of lines.filter((one) => one.trim().length > 12))
        assert.ok(text.includes(line.trim()), `${file}:${start}-${end} is quoted as it stands: ${line}`);
    }
    assert.ok(
      cited.some(({ path: file }) => file === 'src/server.ts' || file === 'src/token-bucket.ts'),
      'the right files are among them',
    );
    const calls = Number(/(\d+) calls?/.exec(text)?.[1]);
    assert.ok(calls >= 1 && calls <= 12, `a bounded number of calls: ${calls}`);
    await widenChat(window.page);
    await window.screenshot('fresh profile answer');
  });

  it('says that nothing was found when the files do not answer', async () => {
    const turn = await askInChat('@orchestrator Which zebra pays the kubernetes invoice in Portuguese?');
    const text = await vscode.commands.executeCommand<string>('orchestrator.showRunText', turn.metadata?.runId);
    assert.match(text, /nothing (was )?found/i);
  });

  it('shows the runs in the tree, and a click opens a readable document of the task', async () => {
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    const rows = window.page.locator(selectors.tree.rows);
    await rows.first().waitFor();
    const run = rows.filter({ hasText: 'When is a request refused' }).first();
    await run.click();
    await window.page.locator('.editor-instance, .monaco-editor').first().waitFor();
    await window.screenshot('fresh profile tree');
    const opened = vscode.window.tabGroups.all.flatMap((group) => group.tabs).map((tab) => tab.input);
    assert.ok(
      opened.some((input) => input instanceof vscode.TabInputText && input.uri.scheme === 'subtask'),
      'a subtask: document is open',
    );
  });
});
