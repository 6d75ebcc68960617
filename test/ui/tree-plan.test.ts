/** A plan that waits, changed in the tree with mouse and keys; each change is read from the record, and what runs from the servers. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { TreeScene } from './tree-scene.ts';

const TASKS = [
  { id: 'notes', title: 'Read the notes' },
  { id: 'name', title: 'Choose a name', mode: 'interactive' },
  { id: 'build', title: 'Build it', dependsOn: ['notes', 'name'] },
  { id: 'test', title: 'Test it', dependsOn: ['build'] },
  { id: 'page', title: 'Write the page', dependsOn: ['build'] },
] as const;

describe('a plan in the tree', function () {
  this.timeout(180_000);
  this.bail(true); // each step builds on the one before
  const scene = new TreeScene(() => TASKS);
  let run = '';

  const outlined = async (expected: string): Promise<void> => {
    await scene.record(run, (state) => scene.outline(state) === expected);
  };
  const dragTo = async (from: RegExp, to: RegExp): Promise<void> => {
    await scene.settled();
    await scene.row(from).dragTo(scene.row(to), { sourcePosition: { x: 60, y: 11 }, targetPosition: { x: 60, y: 11 } });
    await scene.away();
  };

  before(async () => {
    await scene.open();
    run = await scene.draft('Name it, build it, test it and write a page about it.');
  });
  after(() => scene.close());

  it('shows each task with its mode and estimate, and the run with what all of it will take', async () => {
    await scene.row(/^Name it, .*, approving, 5 tasks$/).waitFor();
    assert.match(
      await scene.description(/^Name it, /),
      /^waits for your approval · 5 tasks · about [\d,]+–[\d,]+ tokens · \$[\d.]+–[\d.]+ · /,
    );
    assert.match(
      await scene.description(/^Choose a name, pending, interactive$/),
      /^interactive · worker · [\d,]+–[\d,]+ tokens · /,
    );
    assert.match(await scene.description(/^Build it, pending, auto$/), /^auto · worker · .* · after 2 tasks$/);
    assert.equal(scene.calls('You do one task.').length, 0, 'nothing has run');
  });

  it('goes to the next mode by a double click, by the button in the row, and by the key of the focused row', async () => {
    const modeOf = async (mode: string): Promise<void> => {
      await scene.task(run, 'notes', ({ spec }) => spec?.mode === mode);
    };
    await scene.row(/^Read the notes, /).dblclick();
    await modeOf('interactive');
    await scene.row(/^Read the notes, pending, interactive$/).waitFor();
    await scene.press(/^Read the notes, /, 'Next Mode');
    await modeOf('hybrid');
    await scene.row(/^Name it, /).click();
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await scene.row(/^Read the notes, /).click();
    await scene.settled();
    await scene.window.page.keyboard.press('ArrowDown');
    await scene.window.page.keyboard.press('m');
    await scene.task(run, 'name', ({ spec }) => spec?.mode === 'hybrid');
    await scene.settled();
    await scene.window.page.keyboard.press('ArrowUp');
    await scene.window.page.keyboard.press('m');
    await modeOf('autonomous');
    await scene.choose(/^Choose a name, /, 'Next Mode');
    await scene.task(run, 'name', ({ spec }) => spec?.mode === 'autonomous');
    await scene.choose(/^Choose a name, /, 'Next Mode');
    await scene.row(/^Choose a name, pending, interactive$/).waitFor();
  });

  it('opens the conversation by a click, and leaves the focus where it is', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await scene.row(/^Build it, /).click();
    await scene.window.page.locator('.tab[aria-label*="Build it"]').first().waitFor();
    const focused = await scene.window.page.evaluate(
      '!!document.activeElement?.closest(".pane")?.querySelector(\'.pane-header[aria-label^="Tasks"]\')',
    );
    assert.equal(focused, true, 'the tree has the focus');
  });

  it('takes a task that is dropped on another as its parent, and puts one dropped on the run to the top', async () => {
    await dragTo(/^Test it, /, /^Build it, /);
    await outlined('notes, name, build < notes name, test < build ^ build, page < build');
    await scene
      .row(/^Test it, /)
      .and(scene.window.page.locator('[aria-level="3"]'))
      .waitFor();
    await dragTo(/^Test it, /, /^Name it, /);
    await scene.record(run, ({ tasks }) => tasks.get('test')?.spec?.parent === undefined);
    await scene
      .row(/^Test it, /)
      .and(scene.window.page.locator('[aria-level="2"]'))
      .waitFor();
  });

  it('refuses a move that would make a cycle, and says which', async () => {
    await dragTo(/^Test it, /, /^Build it, /);
    await scene.task(run, 'test', ({ spec }) => spec?.parent === 'build');
    await scene
      .row(/^Test it, /)
      .and(scene.window.page.locator('[aria-level="3"]'))
      .waitFor();
    const { revision } = await scene.record(run);
    await dragTo(/^Build it, /, /^Test it, /);
    const told = await scene.notification('cannot go under');
    assert.match(
      (await told.innerText()).replaceAll(/\s+/g, ' '),
      /Orchestrator: "Build it" cannot go under "Test it": that is nested under it\. Pick another task, or move that one out first\./,
    );
    await scene.window.screenshot('tree-cycle');
    await vscode.commands.executeCommand('notifications.clearAll');
    assert.equal((await scene.record(run)).revision, revision, 'the plan is as it was');
  });

  it('moves tasks up and down, by the menu and by keys', async () => {
    await scene.choose(/^Choose a name, /, 'Move Up');
    await outlined('name, notes, build < notes name, test < build ^ build, page < build');
    await scene
      .row(/^Choose a name, /)
      .and(scene.window.page.locator('[aria-posinset="2"]'))
      .waitFor();
    assert.ok(!(await scene.menu(/^Choose a name, /)).includes('Move Up'), 'it is the first');
    await scene.window.page.keyboard.press('Escape');
    await scene.row(/^Choose a name, /).click();
    await scene.window.page.keyboard.press('Alt+ArrowDown');
    await outlined('notes, name, build < notes name, test < build ^ build, page < build');
    await scene.choose(/^Read the notes, /, 'Move Down');
    await outlined('name, notes, build < notes name, test < build ^ build, page < build');
    await scene.choose(/^Name it, /, 'Undo Plan Change');
    await outlined('notes, name, build < notes name, test < build ^ build, page < build');
    await scene
      .row(/^Read the notes, /)
      .and(scene.window.page.locator('[aria-posinset="2"]'))
      .waitFor();
  });

  it('adds, renames, clones and deletes tasks', async () => {
    await scene.ask(/^Read the notes, /, 'Add Task Below…');
    await scene.type('Read the letters', /Title/);
    await scene.type('List who wrote each letter.', /Objective/);
    const added = await scene.record(run, ({ tasks }) => tasks.size === 6);
    const letters =
      [...added.tasks.values()].find(({ title }) => title === 'Read the letters') ?? assert.fail('not added');
    assert.equal(letters.spec?.objective, 'List who wrote each letter.');
    assert.equal([...added.tasks.keys()].indexOf(letters.id), 1, 'right below');

    await scene.ask(/^Read the letters, /, 'Rename Task…');
    await scene.type('Read some letters', /Title/);
    await scene.row(/^Read some letters, /).waitFor();
    await scene.row(/^Read some letters, /).click();
    await scene.window.page.keyboard.press('F2');
    await scene.type('Read all letters', /Title/);
    await scene.task(run, letters.id, ({ title }) => title === 'Read all letters');

    await scene.choose(/^Read all letters, /, 'Clone Task');
    const cloned = await scene.record(run, ({ tasks }) => tasks.size === 7);
    const copies = [...cloned.tasks.values()].filter(({ spec }) => spec?.objective === 'List who wrote each letter.');
    assert.equal(copies.length, 2);
    assert.equal(copies[1]?.spec?.conversation, undefined);

    await scene.choose(/^Read all letters, /, 'Delete Task');
    await scene.record(run, ({ tasks }) => !tasks.has(letters.id));
    await scene.row(/^Read all letters, /).waitFor({ state: 'detached' });
    await scene.row(/^Read all letters/).click();
    await scene.window.page.keyboard.press('Delete');
    await scene.record(run, ({ tasks }) => tasks.size === 5);
  });

  it('asks before it deletes what others depend on', async () => {
    await scene.choose(/^Read the notes, /, 'Delete Task');
    // Under automation a modal stands as a notification.
    const question = await scene.notification('Delete "Read the notes"?');
    await question.getByText('• Build it').waitFor();
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
    assert.equal((await scene.record(run)).tasks.size, 5);
  });

  it('changes every field: each has an editor of its own', async () => {
    const edit = async (field: string): Promise<void> => {
      await scene.ask(/^Write the page, /, 'Edit Task…');
      await scene.pick(field);
    };
    await edit('Objective');
    await scene.type('Write one page for people who never heard of it.', /Objective/);
    await scene.task(run, 'page', ({ spec }) => spec?.objective.startsWith('Write one page') === true);
    await edit('Mode');
    await scene.pick('hybrid');
    await scene.task(run, 'page', ({ spec }) => spec?.mode === 'hybrid');
    await edit('Capability');
    await scene.pick('reasoning');
    await scene.task(run, 'page', ({ spec }) => spec?.capability === 'reasoning');
    await edit('Deliverable');
    await scene.type('At most 40 lines.', /Deliverable/);
    await scene.task(run, 'page', ({ spec }) => spec?.deliverable === 'At most 40 lines.');
    await edit('Most output tokens');
    await scene.type('900', /output tokens/);
    await scene.task(run, 'page', ({ spec }) => spec?.maxTokens === 900);
    await edit('Most cost');
    await scene.type('0.5', /US dollars/);
    await scene.task(run, 'page', ({ spec }) => spec?.maxUsd === 0.5);
    await edit('Most time');
    await scene.type('90', /seconds/);
    await scene.task(run, 'page', ({ spec }) => spec?.maxMs === 90_000);
    await edit('Changes files');
    await scene.pick('Yes');
    await scene.task(run, 'page', ({ spec }) => spec?.edits === true);
    await edit('Changes files');
    await scene.pick('No');
    await scene.task(run, 'page', ({ spec }) => spec?.edits === false);
    await edit('Agent');
    await scene.pick('reviewer');
    await scene.task(run, 'page', ({ spec }) => spec?.agent === 'reviewer');
    await edit('Agent');
    await scene.pick('None');
    await scene.task(run, 'page', ({ spec }) => spec?.agent === undefined);
    await edit('Nested under');
    await scene.pick('Build it');
    await scene.task(run, 'page', ({ spec }) => spec?.parent === 'build');
    await edit('Nested under');
    await scene.pick('None');
    await scene.task(run, 'page', ({ spec }) => spec?.parent === undefined);
    await scene.ask(/^Write the page, /, 'Change Backend…');
    await scene.pick('spare');
    await scene.task(run, 'page', ({ spec }) => spec?.target === 'spare');
    await scene.ask(/^Write the page, /, 'Change Backend…');
    await scene.pick('Any');
    await scene.task(run, 'page', ({ spec }) => spec?.target === undefined);
    await scene.ask(/^Write the page, /, 'Change Backend…');
    await scene.pick('spare');
    await scene.task(run, 'page', ({ spec }) => spec?.target === 'spare');
  });

  it('sets what a task depends on, and offers nothing that would go round', async () => {
    await scene.ask(/^Read the notes, /, 'Depends On…');
    const offered = scene.window.page.locator('.quick-input-list .monaco-list-row .label-name');
    await offered.first().waitFor();
    assert.deepEqual(await offered.allInnerTexts(), ['Choose a name']);
    await scene.window.page.keyboard.press('Escape');
    await scene.ask(/^Write the page, /, 'Depends On…');
    await scene.pick('Choose a name');
    await scene.window.page.keyboard.press('Enter');
    await scene.task(
      run,
      'page',
      ({ spec }) => spec?.dependsOn.join(' ') === 'name build' || spec?.dependsOn.join(' ') === 'build name',
    );
  });

  it('does to all that are selected what is chosen for one of them, as one step', async () => {
    const { tasks } = await scene.record(run);
    await scene.settled();
    await scene.row(/^Write the page, /).click();
    await scene.row(/^Read the notes, /).click({ modifiers: ['Control'] });
    await scene.choose(/^Read the notes, /, 'Clone Task');
    await scene.record(run, (state) => state.tasks.size === tasks.size + 2);
    await scene.row(/^Write the page \(copy\), /).waitFor();
    await vscode.commands.executeCommand('orchestrator.undoPlanEdit', run);
    await scene.record(run, (state) => state.tasks.size === tasks.size);
    await scene.row(/^Write the page \(copy\), /).waitFor({ state: 'detached' });
  });

  it('opens long texts and inputs in the plan as a text', async () => {
    await scene.ask(/^Write the page, /, 'Edit Task…');
    await scene.pick('Inputs');
    await scene.window.page
      .locator('.tab.active[aria-label*="orchestrator-plan"], .tab.active[aria-label*=".json"]')
      .first()
      .waitFor();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('is a picture that can be read', async () => {
    await vscode.commands.executeCommand('notifications.clearAll');
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
    await scene.row(/^Build it, /).click();
    await scene.away();
    await scene.window.screenshot('tree-plan');
  });

  it('runs as it is now', async () => {
    await scene.press(/^Name it, /, 'Run Plan');
    await scene.row(/^Choose a name, waiting/).waitFor();
    const page = await scene.task(run, 'notes', ({ status }) => status === 'completed');
    assert.equal(page.backend, 'worker');
    assert.deepEqual(await vscode.commands.executeCommand('orchestrator.sayToTask', run, 'name', 'Call it Sluice.'), {
      run,
      what: 'Answered "Choose a name"',
    });
    const ended = await scene.record(run, ({ phase }) => phase === 'finished');
    assert.equal(ended.outcome, 'answered');
    const [written, ...more] = scene.callsOf('Write the page');
    assert.equal(more.length, 0);
    assert.equal(written?.server, 'spare', 'on the backend that was chosen');
    assert.equal(
      scene.calls('Write one page for people who never heard of it.').length,
      1,
      'with the changed objective',
    );
    assert.equal(scene.calls('Call it Sluice.').length > 0, true, 'with the person’s word');
  });
});
