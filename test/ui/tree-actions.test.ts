/**
 * What a person does with tasks that run or have run, by the menus of the tree: each entry of the menus is used once, and what
 * it does is read from the record or from the servers. (Changes of a plan that waits: tree-plan.test.ts.)
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { payloadText } from '../../src/core/run-event.ts';
import { DEFAULT_OPTIONS } from '../../src/core/run-request.ts';
import type { RequestRecord } from '../servers/records.ts';
import { conversationPage } from './conversation-page.ts';
import { TreeScene } from './tree-scene.ts';

const TASKS = [
  { id: 'one', title: 'First part' },
  { id: 'two', title: 'Second part' },
  { id: 'three', title: 'Third part' },
  { id: 'ask', title: 'Ask me', mode: 'interactive' },
  { id: 'sum', title: 'Sum up', dependsOn: ['one', 'two', 'three', 'ask'] },
] as const;

/** Used in the suite that is named, where what they do belongs. */
const SHOWN_ELSEWHERE: Readonly<Record<string, string>> = {
  addTask: 'tree-plan',
  editTask: 'tree-plan',
  renameTask: 'tree-plan',
  changeMode: 'tree-plan',
  setDependencies: 'tree-plan',
  changeBackend: 'tree-plan',
  cloneTask: 'tree-plan',
  moveTaskUp: 'tree-plan',
  moveTaskDown: 'tree-plan',
  deleteTask: 'tree-plan',
  undoPlanEdit: 'tree-plan',
  approvePlan: 'tree-plan',
  reviewEdits: 'edit-review',
  exportRun: 'history',
  deleteRun: 'history',
};

describe('tasks in the tree that run, or have run', function () {
  this.timeout(180_000);
  this.bail(true); // each step builds on the one before
  const scene = new TreeScene(() => TASKS);
  const used = new Set<string>();
  let run = '';

  const choose = async (row: RegExp, title: string): Promise<void> => {
    used.add(title.replace(/…$/, ''));
    await scene.choose(row, title);
  };

  const ask = async (row: RegExp, title: string): Promise<void> => {
    used.add(title.replace(/…$/, ''));
    await scene.ask(row, title);
  };

  before(async () => {
    await scene.open();
    for (const { title } of TASKS) scene.hold(title);
    const asked = scene.draft('Do all parts.');
    run = await asked;
    await vscode.commands.executeCommand('workbench.action.closeAuxiliaryBar');
  });
  after(() => scene.close());

  it('tell by icon, badge and notice that one waits for the user while others run', async () => {
    assert.deepEqual(await vscode.commands.executeCommand('orchestrator.approvePlan', run).then(() => 'done'), 'done');
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await scene.row(/^Ask me, waiting, interactive$/).waitFor();
    await scene.row(/^First part, active, \w+, auto$/).waitFor();
    await scene.row(/^Third part, active, \w+, auto$/).waitFor();
    const ours = scene.window.page.locator('.activitybar .action-item', {
      has: scene.window.page.locator('.action-label[aria-label^="Orchestrator"]'),
    });
    await ours.locator('.badge-content', { hasText: /^1$/ }).waitFor();
    assert.match(await scene.description(/^Do all parts\., running/), /1 task waits for you$/);
    await scene.window.screenshot('tree-running');
  });

  it('are answered from the notice, which opens the conversation', async () => {
    const notice = await scene.notification('"Ask me" waits for your first word.');
    await notice.getByRole('button', { name: 'Answer' }).click();
    const { frame, title } = conversationPage(scene.window.page);
    await title.getByText('Ask me').waitFor();
    await frame.locator('#words:focus').waitFor();
    await ask(/^Ask me, waiting/, 'Answer or Steer…');
    await scene.type('It is about boats.', /first word/);
    const task = await scene.task(run, 'ask', ({ status }) => status === 'active');
    assert.deepEqual(
      task.talk.map(({ by, text }) => `${by}: ${payloadText(text)}`),
      ['task: ', 'user: It is about boats.'],
    );
    scene.release('Ask me');
    await scene.task(run, 'ask', ({ status }) => status === 'completed');
    assert.equal(scene.calls('It is about boats.').length > 0, true);
  });

  it('are cloned with their conversation', async () => {
    await choose(/^Ask me, completed/, 'Clone Task with Conversation');
    const { tasks } = await scene.record(run, (state) => state.tasks.size === 6);
    const copy = [...tasks.values()].find(({ id, title }) => id !== 'ask' && title.startsWith('Ask me'));
    const said = copy?.spec?.conversation?.messages.map(({ role, text }) => `${role}: ${text}`).join('\n') ?? '';
    assert.match(said, /user: It is about boats\./);
    assert.match(said, /assistant: Result of Ask me by \w+\./);
    assert.ok(copy !== undefined);
    await choose(/^Ask me \(copy\), waiting/, 'Cancel Task');
    await scene.task(run, copy.id, ({ status }) => status === 'cancelled');
    await choose(/^Ask me \(copy\), cancelled/, 'Delete Task');
    await scene.record(run, (state) => state.tasks.size === 5);
  });

  it('are tried again, also on another backend', async () => {
    const calls = (): readonly RequestRecord[] => scene.callsOf('First part');
    const before = calls().length;
    await choose(/^First part, active/, 'Retry');
    await scene.task(run, 'one', ({ earlier, status }) => earlier.length === 1 && status === 'active');
    await scene.server('worker').waitFor(() => calls().length === before + 1);
    await ask(/^First part, active/, 'Retry on Another Backend…');
    await scene.pick('boss');
    const task = await scene.task(run, 'one', ({ earlier, status }) => earlier.length === 2 && status === 'active');
    assert.equal(task.backend, 'boss');
    assert.equal(task.spec?.target, 'boss');
    await scene.server('boss').waitFor(() => calls().length === before + 2);
    assert.equal(calls().filter(({ server }) => server === 'boss').length, 1);
    await scene
      .server('worker')
      .waitFor(({ requests }) => requests().filter(({ outcome }) => outcome === 'aborted by client').length === 2);
  });

  it('are done by the person, with the person’s result', async () => {
    await ask(/^Second part, active/, 'Mark as Done…');
    await scene.type('I did it: 42.', /result/);
    const task = await scene.task(run, 'two', ({ status }) => status === 'completed');
    assert.equal(task.result, 'I did it: 42.');
    await scene.row(/^Second part, completed, auto, done by you$/).waitFor();
    assert.match(await scene.description(/^Second part, /), /done by you/);
  });

  it('are stopped, and what there is of them is kept', async () => {
    await choose(/^Third part, active/, 'Stop and Keep What There Is');
    const task = await scene.task(run, 'three', ({ status }) => status === 'completed' || status === 'cancelled');
    // Nothing had arrived: its server holds the whole reply.
    assert.equal(task.status, 'cancelled');
    await choose(/^Third part, cancelled/, 'Retry');
    scene.release('Third part');
    await scene.task(run, 'three', ({ status }) => status === 'completed');
  });

  it('end, and are given to what depends on them', async () => {
    scene.release('First part', 'Sum up');
    await scene.record(run, ({ phase }) => phase === 'finished');
    await scene.row(/^Do all parts\., answered, 5 tasks$/).waitFor();
    const [summed] = scene.callsOf('Sum up').slice(-1);
    const prompt = JSON.stringify(summed?.body);
    for (const part of ['Result of First part by boss.', 'I did it: 42.', 'Result of Third part'])
      assert.ok(prompt.includes(part), part);
  });

  it('have results to copy and to open', async () => {
    await choose(/^First part, completed/, 'Copy Result');
    await scene.window.page.getByText('Result copied').first().waitFor();
    assert.equal(await vscode.env.clipboard.readText(), 'Result of First part by boss.');
    await choose(/^Second part, completed/, 'Open Result');
    await scene.window.page.locator('.tab.active[aria-label*="Second part.md"]').waitFor();
    assert.equal(vscode.window.activeTextEditor?.document.getText(), 'I did it: 42.');
    await choose(/^First part, completed/, 'Open Beside');
    await scene.window.page.locator('.tab[aria-label*="First part"]').first().waitFor();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('go on in a new run that uses what has not changed', async () => {
    const before = scene.calls('You do one task.').length;
    await ask(/^First part, completed/, 'Continue…');
    await scene.type('Now in one word.', /next/);
    const row = scene.row(/^First part, continued, completed, \w+, auto$/);
    await row.waitFor();
    const calls = scene.calls('You do one task.').slice(before);
    assert.equal(calls.length, 1, 'only the new task was called');
    assert.equal(
      JSON.stringify(calls[0]?.body).includes('Result of First part by boss.'),
      true,
      'from its conversation',
    );
    assert.equal(await scene.row(/^Sum up, completed, .*, reused$/).count(), 1);
  });

  it('run again as they are', async () => {
    const before = scene.calls('You do one task.').length;
    const runs = await scene.row(/^Do all parts\., answered, /).count();
    await choose(/^Do all parts\., answered, 5 tasks$/, 'Run Again');
    await scene.window.page.waitForFunction(
      `document.querySelectorAll('.customview-tree .monaco-list-row[aria-label^="Do all parts., answered"]').length > ${runs}`,
    );
    assert.equal(scene.calls('You do one task.').length, before, 'nothing had changed');
  });

  it('run again from the beginning when that is wanted', async () => {
    const before = scene.callsOf('Third part').length;
    scene.release('Second part'); // its call was held until the person was done with it
    await choose(/^Do all parts\., answered, 6 tasks$/, 'Run All Again');
    await scene.row(/^Do all parts\., waiting, 6 tasks$/).waitFor();
    assert.equal(scene.callsOf('Third part').length, before + 1);
    await scene.choose(/^Do all parts\., waiting, 6 tasks$/, 'Cancel Run');
    await scene.row(/^Do all parts\., cancelled, 6 tasks$/).waitFor();
  });

  it('make a draft when the plan of a finished run is changed, which says that it waits', async () => {
    await choose(/^Do all parts\., answered, 6 tasks$/, 'Edit Plan as Text');
    await scene.window.page.locator('.tab.active[aria-label*=".json"]').first().waitFor();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const done = await vscode.commands.executeCommand<{ readonly run: string }>(
      'orchestrator.changeMode',
      run,
      'sum',
      'hybrid',
    );
    await scene.row(/^Do all parts\., approving, 5 tasks$/).waitFor();
    await scene.notification('A new run of "Do all parts." waits for you.');
    await vscode.commands.executeCommand('notifications.clearAll');
    assert.equal((await scene.record(done.run)).from, run);
    await choose(/^Do all parts\., approving, 5 tasks$/, 'Cancel Run');
    const ended = await scene.record(done.run, ({ phase }) => phase === 'finished');
    assert.equal(ended.outcome, 'cancelled');
  });

  it('are resumed only when their owner is gone', async () => {
    const writer = await scene.journal.createRun('left');
    assert.ok(writer.ok);
    const spec = { mode: 'autonomous', dependsOn: [], inputs: [] } as const;
    const written = await writer.value.append([
      {
        type: 'run.started',
        request: 'Left behind',
        context: '{"history":[],"files":[]}',
        source: 'cli',
        options: DEFAULT_OPTIONS,
        workspace: vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '',
      },
      { type: 'plan.accepted', tasks: [{ ...spec, id: 'rest', title: 'The rest', objective: 'Do the rest.' }] },
    ]);
    assert.ok(written.ok);
    await vscode.commands.executeCommand('orchestrator.refreshTasks');
    await scene.row(/^Left behind, running, 1 task$/).waitFor();
    assert.ok(!(await scene.menu(/^Left behind, /)).includes('Resume Run'), 'another process has it');
    await scene.window.page.keyboard.press('Escape');
    await writer.value.release();
    await scene.row(/^Left behind, interrupted, 1 task$/).waitFor();
    await choose(/^Left behind, interrupted/, 'Resume Run');
    const ended = await scene.record('left', ({ phase }) => phase === 'finished');
    assert.equal(ended.outcome, 'answered');
    assert.equal(scene.calls('Do the rest.').length, 1);
  });

  it('have all entries of their menus tried, here or in the suite of their own', () => {
    const { packageJSON } = vscode.extensions.getExtension('orchestrator.orchestrator') ?? assert.fail('not installed');
    const { contributes } = packageJSON as {
      readonly contributes: {
        readonly commands: readonly { readonly command: string; readonly title: string }[];
        readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when: string }[]>>;
      };
    };
    const titles = new Map(contributes.commands.map(({ command, title }) => [command, title.replace(/…$/, '')]));
    const inMenus = (contributes.menus['view/item/context'] ?? [])
      .filter(({ when }) => /view == orchestrator\.tasks.*viewItem =~ \/\^\(?(run|task|turn)/.test(when))
      .map(({ command }) => command.replace('orchestrator.', ''));
    const untried = [...new Set(inMenus)].filter(
      // The graph has a panel of its own.
      (name) =>
        name !== 'openGraph' &&
        SHOWN_ELSEWHERE[name] === undefined &&
        !used.has(titles.get(`orchestrator.${name}`) ?? ''),
    );
    assert.deepEqual(untried, []);
    const root = path.join(packageRoot(), 'test', 'ui');
    for (const [name, suite] of Object.entries(SHOWN_ELSEWHERE)) {
      const folder = suite === 'edit-review' ? path.join(root, '..', 'in-vscode') : root;
      const text = readFileSync(path.join(folder, `${suite}.test.ts`), 'utf8');
      const title = titles.get(`orchestrator.${name}`) ?? name;
      assert.ok(text.includes(title) || text.includes(name), `${suite}.test.ts tries ${title}`);
    }
  });
});

function packageRoot(): string {
  return vscode.extensions.getExtension('orchestrator.orchestrator')?.extensionPath ?? assert.fail('not installed');
}
