import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { TASK_ACTIONS, type TaskActionName } from '../../../src/core/control/action-table.ts';
import type { RunLiveness } from '../../../src/core/ports.ts';
import { foldRun } from '../../../src/core/run-fold.ts';
import type { RunState } from '../../../src/core/run-state.ts';
import { COMMANDS } from '../../../src/vscode/ids.ts';
import { actionWord, runWords } from '../../../src/vscode/tree/row-words.ts';
import { commandTarget } from '../../../src/vscode/tree/task-target.ts';
import { taskRow } from '../../../src/vscode/tree/task-tree-text.ts';
import { journaled, RUN, SAMPLE, samplePlan, sampleTalk, START_MS } from '../../support/sample-run.ts';

interface Item {
  readonly command: string;
  readonly when: string;
  readonly group: string;
}

const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly contributes: {
    readonly menus: { readonly 'view/item/context': readonly Item[] };
    readonly keybindings: readonly { readonly args?: { readonly commands?: readonly string[] } }[];
  };
};
const items = manifest.contributes.menus['view/item/context'];

/** Which command does it; the last three are done on the row by the mouse, or read what is there. */
const COMMAND_OF: Readonly<Record<TaskActionName, readonly string[]>> = {
  edit: [COMMANDS.editTask],
  rename: [COMMANDS.renameTask, COMMANDS.editTask],
  'change-mode': [COMMANDS.changeMode],
  'change-backend': [COMMANDS.changeBackend],
  'depends-on': [COMMANDS.setDependencies],
  move: [COMMANDS.moveTaskUp, COMMANDS.moveTaskDown],
  delete: [COMMANDS.deleteTask],
  clone: [COMMANDS.cloneTask],
  'clone-with-conversation': [COMMANDS.cloneTaskWithConversation],
  'add-below': [COMMANDS.addTask],
  say: [COMMANDS.sayToTask],
  stop: [COMMANDS.stopTask],
  'stop-and-keep': [COMMANDS.stopAndKeep],
  retry: [COMMANDS.retryTask],
  'retry-elsewhere': [COMMANDS.retryElsewhere],
  'mark-done': [COMMANDS.markDone],
  continue: [COMMANDS.continueTask],
  nest: [],
  'copy-result': [COMMANDS.copyResult],
  'open-result': [COMMANDS.openResult],
};

/** The commands of the context menu (not the buttons) that VS Code shows for a row, in the menu's order. */
function menuOf(contextValue: string): readonly string[] {
  return items
    .filter(({ when, group }) => when.startsWith('view == orchestrator.tasks') && !group.startsWith('inline'))
    .filter(({ when }) => patternOf(when).test(contextValue))
    .toSorted((a, b) => a.group.localeCompare(b.group))
    .map(({ command }) => command);
}

function patternOf(when: string): RegExp {
  const source = /viewItem =~ \/(.*)\/$/.exec(when)?.[1] ?? assert.fail(`no pattern in ${when}`);
  return new RegExp(source);
}

function titles(commands: readonly string[]): string {
  return commands.map((command) => command.replace('orchestrator.', '')).join(' ');
}

describe('the menu of a task', () => {
  const plan = foldRun(RUN, journaled(samplePlan()));
  const talk = foldRun(RUN, journaled(sampleTalk()));
  const now = { nowMs: START_MS, isHere: true };

  it('offers exactly what is allowed, for every action there is', () => {
    for (const name of TASK_ACTIONS) {
      const word = name === 'copy-result' || name === 'open-result' ? 'result' : actionWord(name);
      const words = name === 'move' ? ['can-moveUp', 'can-moveDown'] : [word];
      const offered = words.flatMap((one) => menuOf(`task active ${one}`)).filter((one) => one !== COMMANDS.openTask);
      const expected = word === 'result' ? [COMMANDS.openResult, COMMANDS.copyResult] : COMMAND_OF[name];
      assert.deepEqual(offered.toSorted(), [...expected].toSorted(), name);
    }
  });

  it('is in an order that can be learned', () => {
    const everything = ['task active', ...TASK_ACTIONS.map(actionWord), 'can-moveUp can-moveDown result'].join(' ');
    assert.equal(
      titles(menuOf(everything)),
      'openTask openResult copyResult sayToTask continueTask markDone retryTask retryElsewhere stopTask stopAndKeep ' +
        'editTask renameTask changeMode changeBackend setDependencies addTask cloneTask cloneTaskWithConversation moveTaskUp moveTaskDown deleteTask',
    );
  });

  it('leaves out moving the first up and the last down', () => {
    const words = (id: string): string => {
      const task = plan.tasks.get(id) ?? assert.fail(id);
      return taskRow(task, plan, now).contextValue;
    };
    assert.deepEqual(
      ['name', 'build', 'part', 'draw'].map((id) => (words(id).match(/can-move(Up|Down)/g) ?? []).join(' ')),
      ['can-moveDown', 'can-moveUp can-moveDown', '', 'can-moveUp'],
    );
  });

  it('of a turn of the orchestrator only shows and copies it', () => {
    const ended = foldRun(RUN, journaled(SAMPLE));
    const turn = ended.turns.get('@plan') ?? assert.fail('no plan turn');
    assert.equal(titles(menuOf(taskRow(turn, ended, now).contextValue)), 'openTask openResult copyResult');
  });

  it('has the answer to a question as a button', () => {
    const asking = talk.tasks.get('build') ?? assert.fail('no task');
    const { contextValue } = taskRow(asking, talk, now);
    const buttons = items.filter(({ when, group }) => group.startsWith('inline') && patternOf(when).test(contextValue));
    assert.equal(titles(buttons.map(({ command }) => command)), 'sayToTask changeMode stopTask');
  });
});

describe('the menu of a run', () => {
  const plan = foldRun(RUN, journaled(samplePlan()));
  const talk = foldRun(RUN, journaled(sampleTalk()));
  const ended = foldRun(RUN, journaled(SAMPLE));
  const menu = (...given: Parameters<typeof runWords>): string => titles(menuOf(runWords(...given)));

  it('runs, edits or cancels a plan that waits, also one whose window is gone', () => {
    assert.equal(
      menu(plan, { liveness: 'running', isElsewhere: false, isHere: true }),
      'openTask openGraph approvePlan editPlan addTask cancelRun',
    );
    assert.equal(
      menu(plan, { liveness: 'interrupted', isElsewhere: false, isHere: true }),
      'openTask openGraph approvePlan editPlan addTask cancelRun resumeRun exportRun deleteRun',
    );
  });

  it('takes back a change of the plan while there is one to take back', () => {
    const undo = [{ what: 'Renamed', put: [], removed: [], order: null, lost: [] }];
    assert.match(
      menu({ ...plan, undo }, { liveness: 'running', isElsewhere: false, isHere: true }),
      /editPlan addTask undoPlanEdit/,
    );
    assert.doesNotMatch(
      menu({ ...ended, undo }, { liveness: 'finished', isElsewhere: false, isHere: true }),
      /undoPlanEdit/,
    );
  });

  it('cancels a run that goes on, here or elsewhere, and resumes only one whose owner is gone', () => {
    assert.equal(
      menu(talk, { liveness: 'running', isElsewhere: false, isHere: true }),
      'openTask openGraph editPlan addTask cancelRun',
    );
    assert.equal(
      menu(talk, { liveness: 'running', isElsewhere: true, isHere: true }),
      'openTask openGraph editPlan addTask cancelRun',
    );
    assert.equal(
      menu(talk, { liveness: 'interrupted', isElsewhere: false, isHere: true }),
      'openTask openGraph resumeRun exportRun deleteRun',
    );
  });

  it('runs a finished one again, exports and deletes it', () => {
    assert.equal(
      menu(ended, { liveness: 'finished', isElsewhere: false, isHere: true }),
      'openTask openGraph openResult copyResult editPlan addTask runAgain runAgainFresh exportRun deleteRun',
    );
  });

  it('runs one again that never had a plan: there is its request', () => {
    const direct = { ...ended, tasks: new Map() };
    assert.equal(
      menu(direct, { liveness: 'finished', isElsewhere: false, isHere: true }),
      'openTask openResult copyResult runAgain runAgainFresh exportRun deleteRun',
    );
  });

  it('of another folder only looks at it, cancels, exports and deletes it, unless a process has it', () => {
    const away = { isElsewhere: true, isHere: false };
    assert.equal(menu(plan, { ...away, liveness: 'interrupted' }), 'openTask openGraph cancelRun exportRun deleteRun');
    assert.equal(menu(talk, { ...away, liveness: 'interrupted' }), 'openTask openGraph exportRun deleteRun');
    assert.equal(
      menu(ended, { ...away, liveness: 'finished' }),
      'openTask openGraph openResult copyResult exportRun deleteRun',
    );
    assert.equal(menu(talk, { ...away, liveness: 'running' }), 'openTask openGraph editPlan addTask cancelRun');
    const tasks = (state: RunState, liveness: RunLiveness): string =>
      [
        ...new Set(
          [...state.tasks.values()].flatMap((task) =>
            menuOf(taskRow(task, state, { nowMs: START_MS, liveness, isHere: false }).contextValue),
          ),
        ),
      ].join(' ');
    assert.equal(tasks(ended, 'finished').replaceAll('orchestrator.', ''), 'openTask openResult copyResult');
    assert.equal(tasks(plan, 'interrupted').replaceAll('orchestrator.', ''), 'openTask');
  });

  it('leads to the graph from the History view, too', () => {
    const history = items.filter(({ when }) => when.startsWith('view == orchestrator.history'));
    const words = runWords(ended, { liveness: 'finished', isElsewhere: false, isHere: true });
    const offered = history.filter(({ when }) => patternOf(when).test(words)).map(({ command }) => command);
    assert.ok(offered.includes(COMMANDS.openGraph), offered.join(' '));
    assert.deepEqual(commandTarget([{ kind: 'run', run: RUN }], [])?.run, RUN);
  });
});
