/** A file that no window takes, read over two backends, and edits of two tasks that clash: as a person sees and decides it. */
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { activateForChat, askInChat, type ChatTurn } from '../in-vscode/chat.ts';
import type { ApplyReport } from '../../src/core/edits/edit-review.ts';
import { COMMANDS } from '../../src/vscode/ids.ts';
import { overlaps } from '../servers/records.ts';
import { LIBRARY, LIBRARY_SOURCE, READER_WINDOW, startEditTeam, type EditTeam } from '../support/edit-team.ts';
import { assertReadOnce, mapCalls } from '../support/reading-records.ts';
import { selectors } from './selectors.ts';
import { shownAnswer } from './shown-answer.ts';
import { connectWindow, scrollChatTo, widenChat, widenSideBar, type DrivenWindow } from './window.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
const SEED = Number(process.env['TEAM_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const PREFIXES = ['SVGFE', 'IDB', 'Gamepad', 'MIDI', 'Payment'];

describe(`reading and edits in the Chat view (TEAM_SEED=${SEED})`, function () {
  this.bail(true); // each step builds on the one before
  let team: EditTeam;
  let window: DrivenWindow;
  let turn: ChatTurn;
  let root: string;

  const run = (): string => turn.metadata?.runId ?? assert.fail('the turn has no run');
  const row = (name: RegExp) => window.page.getByRole('treeitem', { name });
  const lastResponse = () => window.page.locator(selectors.chat.response).last();
  const at = (name: string): string => path.join(root, name);
  const bytes = (name: string): Buffer | null => (existsSync(at(name)) ? readFileSync(at(name)) : null);
  const command = <T>(id: string, ...given: readonly unknown[]): Thenable<T> =>
    vscode.commands.executeCommand<T>(id, ...given);
  const original = (name: string): Buffer => team.files[name] ?? assert.fail(name);

  before(async () => {
    console.log(`| TEAM_SEED=${SEED}`);
    const { extensionPath } = vscode.extensions.getExtension(OUR_EXTENSION) ?? assert.fail('no extension');
    team = await startEditTeam({
      prefix: PREFIXES[SEED % PREFIXES.length] ?? 'IDB',
      library: readFileSync(path.join(extensionPath, LIBRARY_SOURCE)),
    });
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    for (const [file, content] of Object.entries(team.files)) {
      mkdirSync(path.dirname(at(file)), { recursive: true });
      writeFileSync(at(file), content);
    }
    await activateForChat(OUR_EXTENSION);
    const settings = vscode.workspace.getConfiguration('orchestrator');
    await settings.update('roster', team.roster, vscode.ConfigurationTarget.Global);
    window = await connectWindow();
    await command('workbench.action.chat.open');
    await widenChat(window.page);
    await command('orchestrator.tasks.focus');
    await widenSideBar(window.page, 430);
  });
  after(async () => {
    await window.close();
    await team.close();
  });

  it('reads every line once over both backends at the same time, while two tasks change files', async () => {
    const gate = team.hold();
    const asked = askInChat(`@orchestrator ${team.request}`);
    await gate.arrived(8); // three slots of each reader, and both code tasks
    await row(/^Find the \w+ interfaces, active/).waitFor();
    await row(/^Raise the limits of alpha, active/).waitFor();
    await window.screenshot('reading in parts');
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    team.free();
    turn = await asked;
    delay.disable();
    assert.equal(turn.errorDetails, undefined);
    const p99Ms = (delay.percentile(99) / 1e6).toFixed(1);
    console.log(`| figure: event-loop delay of the extension host, the simulated servers in it: p99 ${p99Ms} ms`);
    const maps = mapCalls([...team.servers.readerA.requests(), ...team.servers.readerB.requests()]);
    assertReadOnce(maps, LIBRARY, original(LIBRARY).toString('utf8'));
    for (const { record, maxOutputTokens } of maps)
      assert.ok((record.counted?.inputTokens ?? Infinity) + maxOutputTokens <= READER_WINDOW, 'within the window');
    const [a, b] = [team.servers.readerA, team.servers.readerB].map((server) => mapCalls(server.requests())[0]?.record);
    assert.ok(a !== undefined && b !== undefined && overlaps(a, b), 'both were at work at once');
    console.log(`| figure: ${maps.length} parts, each line of 45,125 in one of them`);
  });

  it('answers with links that open the right lines, and says how many quotations were struck', async () => {
    const last = team.wantedLines.at(-1) ?? 0;
    const shown = await shownAnswer(window.page, /quotations could not be found/, /Spent/);
    assert.match(shown, /\b[34] quotations could not be found in the files and were struck/);
    assert.doesNotMatch(shown, /Invention|9999|Neverland/);
    const text = await command<string>(COMMANDS.showRunText, run());
    const linked = [...text.matchAll(/\]\(docs\/lib\.dom\.d\.ts#L(\d+)\)/g)].map(([, line]) => Number(line));
    assert.deepEqual(
      [...new Set(linked)].sort((x, y) => x - y),
      team.wantedLines,
    );
    await window.screenshot('answer with citations');
    const link = lastResponse().getByText(`lib.dom.d.ts:${last}`).last();
    await lastResponse().locator(selectors.chat.button, { hasText: 'Show Tasks' }).waitFor(); // all is drawn
    await scrollChatTo(window.page, link);
    await link.click();
    await vscode.workspace.openTextDocument(at(LIBRARY));
    await until(() => vscode.window.activeTextEditor?.document.uri.fsPath === at(LIBRARY));
    await until(() => (vscode.window.activeTextEditor?.selection.active.line ?? -1) + 1 === last);
    await window.screenshot('citation opened');
    await command('workbench.action.closeAllEditors');
  });

  it('shows the proposal with the clash in chat, tree and multi-diff editor, and has written nothing', async () => {
    for (const [file, content] of Object.entries(team.files)) assert.deepEqual(bytes(file), content, file);
    const shown = await shownAnswer(window.page, /Proposed edits · 5 files/, /conflict between/);
    assert.match(shown, /src\/shared\.ts.*conflict between Raise the limits of alpha and Raise the limits of beta/);
    await lastResponse().locator(selectors.chat.button, { hasText: 'Review Edits' }).click();
    await window.page.locator(selectors.editor.multiDiffEntry).first().waitFor();
    await command('orchestrator.tasks.focus');
    await row(/^Proposed edits, /)
      .first()
      .click();
    await window.page.keyboard.press('ArrowRight');
    await row(/^src\/shared\.ts, modified, conflict/).waitFor();
    await row(/^src\/gamma\.ts, created, open/).waitFor();
    await row(/^src\/old\.ts, deleted, open/).waitFor();
    await window.screenshot('review of a run');
  });

  it('lets a file be discarded, a conflict be resolved by a side, and leaves stale and unsaved files alone', async () => {
    await act(/^src\/old\.ts, deleted, open/, 'Discard Edit');
    await row(/^src\/old\.ts, deleted, discarded/).waitFor();
    await act(/^src\/shared\.ts, modified, conflict/, 'Resolve Conflict…');
    await window.page.getByRole('option', { name: /Take "Raise the limits of beta"/ }).click();
    await row(/^src\/shared\.ts, modified, open/).waitFor();

    appendFileSync(at('src/alpha.ts'), '// somebody else was here\r\n');
    const beta = await vscode.workspace.openTextDocument(at('src/beta.ts'));
    await vscode.window.showTextDocument(beta);
    const typed = new vscode.WorkspaceEdit();
    typed.insert(beta.uri, new vscode.Position(0, 0), '// typed\n');
    await vscode.workspace.applyEdit(typed);
    const report = await command<ApplyReport>(COMMANDS.applyEdits, run());
    assert.deepEqual([...report.done].sort(), ['src/gamma.ts', 'src/shared.ts']);
    assert.deepEqual(report.left.map(({ path: file }) => file).sort(), ['src/alpha.ts', 'src/beta.ts']);
    await row(/^src\/alpha\.ts, modified, stale/).waitFor();
    await window.screenshot('stale and unsaved files');
    assert.equal(
      bytes('src/shared.ts')?.toString(),
      '// shared\nexport const sharedLimit = 333;\nexport const sharedName = "s";\n',
    );
    assert.equal(bytes('src/gamma.ts')?.toString(), 'export const gammaLimit = 500;\n');
    assert.deepEqual(bytes('src/beta.ts'), original('src/beta.ts'));
    assert.deepEqual(bytes('src/old.ts'), original('src/old.ts'));
  });

  it('merges a stale file again, and applies the rest as one edit', async () => {
    await vscode.window.showTextDocument(vscode.Uri.file(at('src/beta.ts')));
    await command('workbench.action.files.revert');
    await act(/^src\/alpha\.ts, modified, stale/, 'Merge Again');
    await row(/^src\/alpha\.ts, modified, open/).waitFor();
    const report = await command<ApplyReport>(COMMANDS.applyEdits, run());
    assert.deepEqual([...report.done].sort(), ['src/alpha.ts', 'src/beta.ts'], JSON.stringify(report.left));
    assert.equal(
      bytes('src/alpha.ts')?.toString(),
      '// alpha\r\nexport const alphaLimit = 100;\r\nexport const alphaName = "a";\r\n// somebody else was here\r\n',
    );
    assert.equal(bytes('src/beta.ts')?.toString(), '\ufeff// beta\nexport const betaLimit = 200;');
    await command('notifications.clearAll');
    await window.screenshot('edits applied from the tree');
  });

  it('takes an applied edit back in all its files with Undo, and everything else with Revert, byte for byte', async () => {
    await vscode.window.showTextDocument(vscode.Uri.file(at('src/alpha.ts')));
    await command('undo');
    await until(() => vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty).length === 2);
    await vscode.workspace.saveAll(false);
    const others = Buffer.concat([original('src/alpha.ts'), Buffer.from('// somebody else was here\r\n')]);
    assert.deepEqual(bytes('src/alpha.ts'), others);
    assert.deepEqual(bytes('src/beta.ts'), original('src/beta.ts'));
    const report = await command<ApplyReport>(COMMANDS.revertEdits, run());
    assert.deepEqual(report.left, []);
    for (const file of ['src/beta.ts', 'src/shared.ts', 'src/old.ts', LIBRARY])
      assert.deepEqual(bytes(file), original(file), file);
    assert.deepEqual(bytes('src/alpha.ts'), others);
    assert.equal(bytes('src/gamma.ts'), null);
    await row(/^src\/shared\.ts, modified, taken back/).waitFor();
    await window.screenshot('edits reverted');
  });

  /** A row that is drawn anew under the mouse shows its actions when the mouse moves again. */
  async function act(name: RegExp, title: string): Promise<void> {
    const target = row(name);
    const action = target.locator(selectors.tree.rowAction(title));
    for (let x = 40; !(await action.isVisible()); x = x === 40 ? 60 : 40) await target.hover({ position: { x, y: 8 } });
    await action.click();
  }
});

const WITHIN_MS = 15_000;

/** Looks again whenever an editor, a selection or a document changed. */
function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const listening: vscode.Disposable[] = [];
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      for (const one of listening) one.dispose();
      end();
    };
    const look = (): void => {
      if (holds()) settle(resolve);
    };
    const timer = setTimeout(
      () => settle(() => reject(new Error(`It did not come to hold: ${holds.toString()}`))),
      WITHIN_MS,
    );
    listening.push(
      vscode.window.onDidChangeActiveTextEditor(look),
      vscode.window.onDidChangeTextEditorSelection(look),
      vscode.workspace.onDidChangeTextDocument(look),
      vscode.workspace.onDidSaveTextDocument(look),
    );
    look();
  });
}
