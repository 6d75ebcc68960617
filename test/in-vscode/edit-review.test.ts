/** A proposal as the journal has it, reviewed, decided and taken back in a real window. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import * as vscode from 'vscode';
import { entryOf } from '../../src/core/edits/build-proposal.ts';
import type { ApplyReport } from '../../src/core/edits/edit-review.ts';
import type { ProposedFile } from '../../src/core/edits/proposal.ts';
import type { Journal } from '../../src/core/ports.ts';
import type { RunEventBody } from '../../src/core/run-event.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import { NO_SPEND } from '../../src/core/spend.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { editUri } from '../../src/vscode/edits/edit-uri.ts';
import { COMMANDS } from '../../src/vscode/ids.ts';
import { selectors } from '../ui/selectors.ts';
import { connectWindow, widenSideBar, type DrivenWindow } from '../ui/window.ts';
import { activateForChat } from './chat.ts';
import { savedUntil } from './saved-until.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';

/** Relative to the folder of a test: VS Code remembers what was undone of a path. */
const FILES: Readonly<Record<string, string>> = {
  'cart.ts': 'export const items = [];\n\nexport function add() {}\n',
  'data.json': '{ "limit": 10 }\n',
  'shared.ts': 'export const limit = 10;\n',
  'old.ts': 'gone\n',
  'package.json': '{ "name": "shop" }\n',
  'stale.ts': 'one\ntwo\nthree\nfour\nfive\n',
};

const AFTER: Readonly<Record<string, string | null>> = {
  'cart.ts': 'export const items = [];\n\nexport function add() {\n  items.push(1);\n}\n',
  'data.json': '{ "$schema": "http://127.0.0.1:9/schema.json", "limit": 20 }\n',
  'cart.test.ts': "import './cart.ts';\n",
  'shared.ts':
    '<<<<<<< Fix the cart (fix)\nexport const limit = 20;\n=======\nexport const limit = 30;\n>>>>>>> Write tests (tests)\n',
  'old.ts': null,
  'package.json': '{ "name": "shop", "scripts": { "test": "mocha" } }\n',
  'stale.ts': 'one\ntwo\nthree\nfour\nFIVE\n',
};

const ODD: Readonly<Record<string, Partial<ProposedFile>>> = {
  'data.json': { newUrls: ['http://127.0.0.1:9/schema.json'] },
  'package.json': { protectedBecause: 'Package managers run scripts that it names.' },
  'shared.ts': {
    tasks: ['fix', 'tests'],
    conflict: {
      sides: [
        { task: 'fix', title: 'Fix the cart', text: 'export const limit = 20;\n' },
        { task: 'tests', title: 'Write tests', text: 'export const limit = 30;\n' },
      ],
    },
  },
};

function proposalIn(folder: string): readonly ProposedFile[] {
  return Object.entries(AFTER).map(([name, text]) => {
    const before = FILES[name];
    return {
      path: `${folder}/${name}`,
      kind: before === undefined ? 'created' : text === null ? 'deleted' : 'modified',
      base: before === undefined ? null : { text: before, hash: hashOf(before), unsaved: false },
      text,
      format: { encoding: 'utf8', eol: 'lf' },
      tasks: ['fix'],
      newUrls: [],
      problems: [],
      ...ODD[name],
    };
  });
}

describe('proposed edits in a window', () => {
  let window: DrivenWindow;
  let page: Page;
  let root: string;
  let runs = 0;
  let run = '';
  let folder = '';

  const at = (name: string): string => path.join(root, folder, name);
  const onDisk = (name: string): string | null => (existsSync(at(name)) ? readFileSync(at(name), 'utf8') : null);
  const filesOf = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, onDisk(name)]));
  const isAsBefore = (): boolean => isDeepStrictEqual(filesOf(Object.keys(AFTER)), { ...FILES, 'cart.test.ts': null });
  /** By the beginning of its name. */
  const treeRow = (name: string): Locator => page.locator(`.customview-tree .monaco-list-row[aria-label^="${name}"]`);
  const row = (name: string): Locator => treeRow(`${folder}/${name}`);
  /** In the list of notifications: a driven window shows no toast. */
  const notice = async (text: string): Promise<Locator> => {
    await command('notifications.showList');
    const found = page.locator('.notifications-center .notification-list-item', { hasText: text }).first();
    await found.waitFor();
    return found;
  };
  const command = <T>(id: string, ...given: readonly unknown[]): Thenable<T> =>
    vscode.commands.executeCommand<T>(id, ...given);

  before(async () => {
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    await activateForChat(OUR_EXTENSION);
    window = await connectWindow();
    ({ page } = window);
    await command('orchestrator.tasks.focus');
    await widenSideBar(page, 520);
  });
  after(() => window.close());

  beforeEach(async () => {
    run = `edits-${++runs}`;
    folder = `shop-${runs}`;
    mkdirSync(at(''));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(at(name), text);
    await record(run, { request: `Mend the shop ${runs}`, proposal: proposalIn(folder) });
    await command(COMMANDS.refreshTasks);
    await treeRow(`Mend the shop ${runs}, answered`).waitFor();
    // Only the rows of one run are unfolded at a time.
    await command('workbench.actions.treeView.orchestrator.tasks.collapseAll');
  });
  afterEach(async () => {
    await command('notifications.clearAll');
    await command('workbench.action.closeAllEditors');
  });

  it('are shown in one multi-diff editor as plain text, and all that can be is applied from there', async () => {
    await command(COMMANDS.reviewEdits, run);
    assert.equal(activeLabel(), `Proposed edits: Mend the shop ${runs} · 1 conflict (7 files)`);
    await page.locator(selectors.editor.multiDiffEntry).first().waitFor();
    const languages = editDocuments().map(({ uri, languageId }) => `${uri.path} ${languageId}`);
    assert.ok(languages.includes(`/${folder}/data.json.txt plaintext`), languages.join('\n'));
    assert.deepEqual(
      languages.filter((one) => !one.endsWith(' plaintext')),
      [],
    );
    await window.screenshot('review of proposed edits');

    await page.getByRole('button', { name: 'Apply All Edits' }).first().click();
    const told = await (await notice('Applied 5 files.')).innerText();
    for (const part of [/shared\.ts: It is in conflict/, /package\.json: It is protected/, /schema\.json/])
      assert.match(told, part);
    await window.screenshot('edits applied');
    const after = { ...AFTER, 'shared.ts': FILES['shared.ts'], 'package.json': FILES['package.json'] };
    assert.deepEqual(filesOf(Object.keys(AFTER)), after);

    await until(() => activeLabel() === `Proposed edits: Mend the shop ${runs} · 1 conflict (2 files)`, activeLabel);
    await page.getByRole('button', { name: 'Discard All Edits' }).first().click();
    await notice('Discarded 2 edits.');
    await until(() => activeLabel() === '', activeLabel);
    assert.deepEqual(filesOf(Object.keys(AFTER)), after);

    assert.deepEqual((await command<ApplyReport>(COMMANDS.revertEdits, run)).left, []);
    assert.ok(isAsBefore());
  });

  it('are rows under their run, each with its diff, and decided one by one', async () => {
    await openRows(`Mend the shop ${runs}, answered`);
    await row('cart.ts, modified, open').click();
    await until(() => activeLabel() === `${folder}/cart.ts (proposed)`, activeLabel);
    await window.screenshot('edits in the tree');
    // They can be used while the person is in another group, where VS Code shows buttons there at all.
    const settings = vscode.workspace.getConfiguration('workbench.editor');
    await settings.update('alwaysShowEditorActions', true, vscode.ConfigurationTarget.Global);
    await vscode.window.showTextDocument(vscode.Uri.file(at('old.ts')), { viewColumn: vscode.ViewColumn.Beside });
    await page.locator('.editor-actions').getByRole('button', { name: 'Apply Edit' }).click();
    await row('cart.ts, modified, applied').waitFor();
    await settings.update('alwaysShowEditorActions', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
    assert.equal(onDisk('cart.ts'), AFTER['cart.ts']);

    await act(row('old.ts, deleted, open'), 'Discard Edit', 'old.ts, deleted, discarded');
    assert.equal(onDisk('old.ts'), FILES['old.ts']);

    await act(row('cart.test.ts, created, open'), 'Apply Edit', 'cart.test.ts, created, applied');
    await act(treeRow('Proposed edits, '), 'Revert Applied Edits', 'cart.ts, modified, taken back');
    assert.ok(isAsBefore());
  });

  it('that clash are resolved by choosing a side, seen at once in an open diff, and only then applied', async () => {
    await openRows(`Mend the shop ${runs}, answered`);
    await command(COMMANDS.openEditDiff, run, `${folder}/shared.ts`);
    await until(
      () => proposedText(run, `${folder}/shared.ts`).includes('<<<<<<< Fix the cart'),
      () => proposedText(run, `${folder}/shared.ts`),
    );
    assert.equal(await command(COMMANDS.applyEditFile, run, `${folder}/shared.ts`), undefined);
    await notice(`${folder}/shared.ts has a conflict: resolve it first.`);

    await act(row('shared.ts, modified, conflict'), 'Resolve Conflict…');
    await page.getByRole('option', { name: /Take "Write tests"/ }).click();
    await row('shared.ts, modified, open').waitFor();
    await until(
      () => proposedText(run, `${folder}/shared.ts`) === 'export const limit = 30;\n',
      () => proposedText(run, `${folder}/shared.ts`),
    );
    await act(row('shared.ts, modified, open'), 'Apply Edit', 'shared.ts, modified, applied');
    assert.equal(onDisk('shared.ts'), 'export const limit = 30;\n');
  });

  it('are applied as they are ticked in a list, which offers only what can be applied together', async () => {
    const choosing = command<ApplyReport>(COMMANDS.chooseEdits, run);
    const list = page.locator('.quick-input-widget .quick-input-list .monaco-list-row');
    await list.filter({ hasText: `${folder}/cart.ts` }).waitFor();
    assert.equal(await list.filter({ hasText: /shared\.ts|package\.json/ }).count(), 0);
    await list.filter({ hasText: `${folder}/old.ts` }).click();
    await list.filter({ hasText: `${folder}/stale.ts` }).click();
    await window.screenshot('choosing edits');
    await page.keyboard.press('Enter');
    const report = await choosing;
    assert.deepEqual(
      [...report.done].sort((a, b) => a.localeCompare(b)),
      ['cart.test.ts', 'cart.ts', 'data.json'].map((name) => `${folder}/${name}`),
    );
    assert.equal(onDisk('old.ts'), FILES['old.ts']);
    assert.equal(onDisk('cart.ts'), AFTER['cart.ts']);
  });

  it('of a protected file are applied one at a time, after a warning that says why', async () => {
    const applying = command(COMMANDS.applyEditFile, run, `${folder}/package.json`);
    const warning = await (await notice(`Apply the edit of ${folder}/package.json?`)).innerText();
    assert.match(warning, /Package managers run scripts that it names\./);
    assert.equal(onDisk('package.json'), FILES['package.json']);
    await (
      await notice(`Apply the edit of ${folder}/package.json?`)
    )
      .getByRole('button', { name: 'Apply This File' })
      .click();
    await applying;
    assert.equal(onDisk('package.json'), AFTER['package.json']);
  });

  it('that no longer stand on what is there are marked, and merged again', async () => {
    writeFileSync(at('stale.ts'), 'ONE\ntwo\nthree\nfour\nfive\n');
    await openRows(`Mend the shop ${runs}, answered`);
    await act(row('stale.ts, modified, stale'), 'Merge Again', 'stale.ts, modified, open');
    await (
      await notice(`${folder}/stale.ts was merged with what is there now.`)
    )
      .getByRole('button', { name: 'Apply' })
      .click();
    await row('stale.ts, modified, applied').waitFor();
    assert.equal(onDisk('stale.ts'), 'ONE\ntwo\nthree\nfour\nFIVE\n');
  });

  it('that Undo took back count as reverted', async () => {
    await command(COMMANDS.applyEdits, run);
    await vscode.window.showTextDocument(vscode.Uri.file(at('stale.ts')));
    await command('undo');
    await savedUntil(isAsBefore, at(''));
    const report = await command<ApplyReport>(COMMANDS.revertEdits, run);
    assert.deepEqual(report.left, []);
    assert.equal(report.done.length, 5);
    assert.ok(isAsBefore());
  });

  for (const where of ['in this window', 'by another process'] as const)
    it(`leave the screen with their run, and a plan that was being written with them, when it is deleted ${where}`, async () => {
      await command(COMMANDS.editPlan, run);
      const plan = vscode.window.activeTextEditor?.document ?? assert.fail('no plan');
      const typed = new vscode.WorkspaceEdit();
      typed.insert(plan.uri, new vscode.Position(0, 0), ' ');
      await vscode.workspace.applyEdit(typed);
      assert.ok(plan.isDirty);
      await command(COMMANDS.reviewEdits, run);
      assert.equal(tabLabels().length, 2, tabLabels().join(', '));
      if (where === 'in this window') await command(COMMANDS.deleteRun, run, 'run');
      else await withRecord(async (journal) => assert.ok((await journal.deleteRun(run)).ok));
      await until(
        () => tabLabels().length === 0,
        () => tabLabels().join(', '),
      );
    });

  /** Unfolds the run and its edits in the tree. */
  async function openRows(name: string): Promise<void> {
    await command('orchestrator.tasks.focus');
    await unfold(treeRow(name), treeRow('Proposed edits, '));
    await unfold(treeRow('Proposed edits, '), row('cart.ts, '));
  }

  /** A click on a row that is being drawn anew comes to nothing. */
  async function unfold(target: Locator, inside: Locator): Promise<void> {
    const isThere = (): Promise<boolean> =>
      inside.waitFor({ timeout: 5_000 }).then(
        () => true,
        () => false,
      );
    do {
      await target.click();
      await page.keyboard.press('ArrowRight');
    } while (!(await isThere()));
  }

  /** A row that is drawn anew under the mouse shows its actions when the mouse moves again, and a click on the old one is lost. */
  async function act(target: Locator, title: string, becomes?: string): Promise<void> {
    const action = target.locator(selectors.tree.rowAction(title));
    for (let x = 40; !(await action.isVisible()); x = x === 40 ? 60 : 40) await target.hover({ position: { x, y: 8 } });
    await action.click();
    if (becomes === undefined) return;
    const isDone = await row(becomes)
      .waitFor({ timeout: 5_000 })
      .then(
        () => true,
        () => false,
      );
    if (!isDone && (await target.isVisible())) await act(target, title, becomes);
  }
});

function proposedText(run: string, name: string): string {
  const address = editUri({ run, path: name }, 'proposed').toString();
  return (
    editDocuments()
      .find(({ uri }) => uri.toString() === address)
      ?.getText() ?? ''
  );
}

/** Looks at each change of tabs or documents. */
function until(holds: () => boolean, tell: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (holds()) settle(resolve);
    };
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      for (const one of listening) one.dispose();
      end();
    };
    const timer = setTimeout(() => settle(() => reject(new Error(`It still is: ${tell()}`))), 10_000);
    const listening = [
      vscode.window.tabGroups.onDidChangeTabs(look),
      vscode.workspace.onDidOpenTextDocument(look),
      vscode.workspace.onDidChangeTextDocument(look),
    ];
    look();
  });
}

function editDocuments(): readonly vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === 'orchestrator-edit' && uri.path !== '/');
}

function tabLabels(): readonly string[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
}

function activeLabel(): string {
  return vscode.window.tabGroups.activeTabGroup.activeTab?.label ?? '';
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** As a run of another process left it. */
async function record(
  run: string,
  what: { readonly request: string; readonly proposal: readonly ProposedFile[] },
): Promise<void> {
  await withRecord(async (journal) => {
    const writer = await journal.createRun(run);
    if (!writer.ok) assert.fail(writer.error.message);
    const written = await writer.value.append(eventsOf(what));
    assert.ok(written.ok);
    await writer.value.release();
  });
}

/** As another process has it open. */
async function withRecord(work: (journal: Journal) => Promise<void>): Promise<void> {
  const extension = vscode.extensions.getExtension(OUR_EXTENSION);
  const journal = await openJournal({
    file: process.env['ORCHESTRATOR_DB'] ?? '',
    workerFile: path.join(extension?.extensionPath ?? '', 'dist', 'journal-worker.cjs'),
    logger: { info: () => undefined, warn: console.log, error: console.log },
  });
  await work(journal);
  await journal.close();
}

function eventsOf({
  request,
  proposal,
}: {
  readonly request: string;
  readonly proposal: readonly ProposedFile[];
}): readonly RunEventBody[] {
  const task = (id: string, title: string) =>
    ({ id, title, objective: title, mode: 'autonomous', dependsOn: [], inputs: [] }) as const;
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  return [
    { type: 'run.started', request, context: '{}', source: 'chat', options: DEFAULT_OPTIONS, workspace },
    { type: 'plan.accepted', tasks: [task('fix', 'Fix the cart'), task('tests', 'Write tests')] },
    { type: 'proposal.made', files: proposal.map(entryOf), content: JSON.stringify(proposal) },
    {
      type: 'run.finished',
      outcome: 'answered',
      stoppedBy: null,
      answer: 'Done.',
      failure: null,
      spent: NO_SPEND,
      tasks: [],
    },
  ];
}
