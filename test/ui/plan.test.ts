/** The plan belongs to the user before it runs: in the chat, as a text, and a task that waits is answered in the same chat. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { activateForChat, askInChat, type ChatTurn } from '../in-vscode/chat.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { modelCalls, overlaps, requestText, type RequestRecord } from '../servers/records.ts';
import { promptOf } from '../support/reading-brains.ts';
import { selectors } from './selectors.ts';
import { shownAnswer } from './shown-answer.ts';
import { connectWindow, widenChat, type DrivenWindow } from './window.ts';

const NOTHING = {
  capability: null,
  target: null,
  mode: 'autonomous',
  dependsOn: [],
  inputs: [],
  edits: false,
  deliverable: null,
};

const CODE_PLAN = [
  {
    id: 'compare',
    title: 'Compare the two limiters',
    capability: 'long-context',
    inputs: ['src/token-bucket.ts', 'src/sliding-window.ts'],
    objective: 'Say how the token bucket forgets idle clients, and what the sliding window lacks for it.',
  },
  {
    id: 'decide',
    title: 'Decide how long clients are remembered',
    capability: 'reasoning',
    mode: 'interactive',
    objective: 'Decide with the user how long an idle client is remembered.',
  },
  {
    id: 'forget',
    title: 'Let the sliding window forget',
    capability: 'code',
    mode: 'hybrid',
    edits: true,
    dependsOn: ['compare', 'decide'],
    objective: 'Add a method `sweep` to `SlidingWindow` that forgets idle clients.',
  },
  {
    id: 'note',
    title: 'Write the release note',
    capability: 'grunt',
    dependsOn: ['forget'],
    objective: 'Write a release note of five lines.',
  },
];

const READING_PLAN = [
  { id: 'one', title: 'Look at the bucket', inputs: ['src/token-bucket.ts'], objective: 'Say what it does.' },
  { id: 'two', title: 'Look at the window', inputs: ['src/sliding-window.ts'], objective: 'Say what it does.' },
];

const TALK_PLAN = [
  { id: 'style', title: 'Choose the style', mode: 'interactive', objective: 'Choose tabs or blanks.' },
  { id: 'a', title: 'Work on A', objective: 'Do part A.' },
  { id: 'b', title: 'Work on B', objective: 'Do part B.' },
  { id: 'c', title: 'Work on C', objective: 'Do part C.' },
];

const PLANS: readonly (readonly [RegExp, readonly object[]])[] = [
  [/forget idle clients/, CODE_PLAN],
  [/what the limiters do/, READING_PLAN],
  [/three parts in one style/, TALK_PLAN],
];

describe('a plan before it runs', function () {
  this.bail(true); // each step builds on the one before
  let server: ModelServer;
  let window: DrivenWindow;
  let parts: Gate;

  async function reply(call: BrainCall): Promise<BrainReply | string> {
    const prompt = promptOf(call);
    if (prompt.includes('You are the orchestrator.')) {
      const request = prompt.slice(prompt.lastIndexOf('The request:\n'));
      const tasks = PLANS.find(([pattern]) => pattern.test(request))?.[1] ?? [];
      return { json: { decision: 'plan', answer: '', tasks: tasks.map((task) => ({ ...NOTHING, ...task })) } };
    }
    if (prompt.includes('Do part ')) await parts.pass(call.signal);
    if (prompt.includes('You read files for one task.')) return { json: { claims: [], missing: 'nothing' } };
    if (prompt.includes('You write the one answer that the user reads.')) return 'Everything is as you wanted it.';
    return `Done, as told: ${/five lines|two lines/.exec(prompt)?.[0] ?? 'well'}.`;
  }

  const calls = (): readonly RequestRecord[] => modelCalls(server.requests());
  const callsFor = (title: string): readonly RequestRecord[] =>
    calls().filter((call) => requestText(call).includes(`Task: ${title}\\n`));
  const lastResponse = () => window.page.locator(selectors.chat.response).last();
  const button = (title: string) =>
    lastResponse()
      .locator(selectors.chat.button)
      .filter({ hasText: new RegExp(`^${title}$`) });
  const runText = (run: string | undefined) => vscode.commands.executeCommand<string>('orchestrator.showRunText', run);
  const askedToRun = (run: string | undefined) =>
    window.page
      .locator(selectors.chat.request)
      .filter({ hasText: `/run ${run}` })
      .last()
      .waitFor();
  const kindOf = (turn: ChatTurn): unknown => turn.metadata?.['kind'];

  async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const giveUpAtMs = performance.now() + 20_000;
    while (!(await isSo())) {
      assert.ok(performance.now() < giveUpAtMs, `never so: ${what}`);
      await window.page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
    }
  }

  async function replaceIn(document: vscode.TextDocument, from: string, to: string): Promise<void> {
    const at = document.getText().indexOf(from);
    assert.ok(at >= 0, `${from} is in the text`);
    const change = new vscode.WorkspaceEdit();
    change.replace(document.uri, new vscode.Range(document.positionAt(at), document.positionAt(at + from.length)), to);
    assert.ok(await vscode.workspace.applyEdit(change));
  }

  const hoverAt = async (document: vscode.TextDocument, at: vscode.Position): Promise<string> => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      at,
    );
    return hovers
      .flatMap(({ contents }) => contents.map((one) => (typeof one === 'string' ? one : one.value)))
      .join('\n');
  };
  const completionsAt = async (document: vscode.TextDocument, at: vscode.Position): Promise<readonly string[]> => {
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      at,
    );
    return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
  };

  const planDocument = (run: string | undefined): vscode.TextDocument | undefined =>
    vscode.workspace.textDocuments.find(
      ({ uri }) => uri.scheme === 'orchestrator-plan' && uri.path.startsWith(`/${run}/`),
    );

  before(async () => {
    parts = createGate();
    server = await startModelServer({
      name: 'sim',
      protocol: 'openai',
      models: {
        strong: { contextTokens: 64_000 },
        long: { contextTokens: 200_000 },
        coder: { contextTokens: 64_000 },
        small: { contextTokens: 32_000 },
      },
      brain: reply,
    });
    await activateForChat('orchestrator.orchestrator');
    const entry = (id: string, more: object): object => ({
      id,
      provider: 'openai',
      baseUrl: server.baseUrl,
      tier: 'local',
      ...more,
    });
    await vscode.workspace.getConfiguration('orchestrator').update(
      'roster',
      [
        entry('frontier', {
          model: 'strong',
          goodAt: ['reasoning'],
          contextWindow: 64_000,
          cost: { input: 3, output: 15 },
        }),
        entry('reader', {
          model: 'long',
          goodAt: ['long-context'],
          contextWindow: 200_000,
          cost: { input: 0.3, output: 1.2 },
          canOrchestrate: false,
        }),
        entry('coder', {
          model: 'coder',
          goodAt: ['code'],
          contextWindow: 64_000,
          cost: { input: 0.5, output: 2 },
          canOrchestrate: false,
        }),
        entry('laptop', {
          model: 'small',
          goodAt: ['grunt'],
          contextWindow: 32_000,
          cost: { input: 0, output: 0 },
          canOrchestrate: false,
        }),
      ],
      vscode.ConfigurationTarget.Global,
    );
    window = await connectWindow();
    await vscode.commands.executeCommand('workbench.action.chat.open');
    await widenChat(window.page);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
  });
  after(async () => {
    parts.open();
    await window.close();
    await server.close();
  });

  it('does not wait when it only reads', async () => {
    const turn = await askInChat('@orchestrator Tell me what the limiters do.');
    assert.deepEqual([turn.errorDetails, kindOf(turn)], [undefined, 'answer']);
    await shownAnswer(window.page, /Everything is as you wanted it\./);
  });

  let waiting: ChatTurn;

  it('waits when it is to change files: the turn ends with the plan, what it will take, and what can be done', async () => {
    waiting = await askInChat('@orchestrator Let the sliding window forget idle clients, as the token bucket does.');
    assert.equal(kindOf(waiting), 'waiting-plan');
    await shownAnswer(
      window.page,
      /The plan waits for you\./,
      /Compare the two limiters → reader · long-context/,
      /Decide how long clients are remembered → frontier · reasoning · interactive/,
      /Let the sliding window forget → coder · code · hybrid · may edit files · after 1, 2/,
      /Estimate with the answer: .*tokens · \$/,
    );
    for (const title of ['Run', 'Edit', 'Cancel']) await button(title).waitFor();
    assert.deepEqual(
      CODE_PLAN.map(({ title }) => callsFor(title).length),
      [0, 0, 0, 0],
      'nothing of it ran',
    );
    await window.page.getByRole('treeitem', { name: /Let the sliding window forget, pending/ }).waitFor();
    await window.screenshot('chat-plan');
  });

  it('is edited as a text, which is its plan from then on', async () => {
    await button('Edit').click();
    await until(() => planDocument(waiting.metadata?.runId) !== undefined, 'the plan is open as a text');
    const document = planDocument(waiting.metadata?.runId) ?? assert.fail('no document');
    assert.equal(document.languageId, 'json');
    const within = (text: string): vscode.Position => document.positionAt(document.getText().indexOf(text) + 2);
    await until(
      async () => (await hoverAt(document, within('"objective"'))).includes('The complete brief.'),
      'a hover explains the field',
    );
    await until(
      async () => (await completionsAt(document, within('"hybrid"'))).includes('"interactive"'),
      'the modes are offered',
    );
    await replaceIn(document, 'a release note of five lines', 'a release note of two lines');
    assert.ok(document.isDirty);
    await window.screenshot('plan as text');
    assert.ok(await document.save());
    assert.match(await runText(waiting.metadata?.runId), /Write the release note/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('runs from the chat as it was edited, and asks for the word of the user', async () => {
    await button('Run').click();
    await askedToRun(waiting.metadata?.runId);
    await shownAnswer(
      window.page,
      /1 task waits for you/,
      /Decide how long clients are remembered waits for your first word/,
    );
    await button('Answer').waitFor();
    await window.screenshot('chat task waits');
    const turn = await askInChat('@orchestrator /task 2 two windows');
    assert.deepEqual([turn.errorDetails, kindOf(turn)], [undefined, 'answer']);
    assert.ok(
      requestText(callsFor('Decide how long clients are remembered')[0] ?? assert.fail('no call')).includes(
        'two windows',
      ),
    );
    const note = requestText(callsFor('Write the release note')[0] ?? assert.fail('no call'));
    assert.ok(note.includes('a release note of two lines') && !note.includes('five lines'), note);
    await shownAnswer(window.page, /Everything is as you wanted it\./);
  });

  it('underlines a fault while it is typed, and a text with faults is not applied', async () => {
    const turn = await askInChat('@orchestrator /plan Tell me what the limiters do.');
    assert.equal(kindOf(turn), 'waiting-plan');
    const run = turn.metadata?.runId;
    await vscode.commands.executeCommand('orchestrator.editPlan', run, 'two', 'objective');
    const document = planDocument(run) ?? assert.fail('no document');
    assert.equal(document.getText(vscode.window.activeTextEditor?.selection), '"Say what it does."');
    await replaceIn(
      document,
      '"title": "Look at the window"',
      '"title": "Look at the window",\n      "dependsOn": ["one", "three"]',
    );
    await until(
      () => vscode.languages.getDiagnostics(document.uri).some(({ source }) => source === 'orchestrator'),
      'the fault is shown',
    );
    const faults = vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'orchestrator');
    assert.deepEqual(
      faults.map((fault) => [fault.message, document.getText(fault.range), fault.severity]),
      [
        [
          'task "two": dependsOn names "three", which is no task of this plan.',
          '"three"',
          vscode.DiagnosticSeverity.Error,
        ],
      ],
    );
    await window.page.locator('.squiggly-error').first().waitFor();
    await window.screenshot('plan with a fault');
    assert.ok(!(await document.save()), 'it is not saved');
    assert.ok(document.isDirty);
    const state = await runText(run);
    assert.doesNotMatch(state, /after/);
    await replaceIn(document, '"one", "three"', '"one"');
    await until(() => vscode.languages.getDiagnostics(document.uri).length === 0, 'the fault is gone');
    assert.ok(await document.save());
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    assert.equal(callsFor('Look at the window').length, 1, 'only the first run called it');
    const ran = await askInChat('@orchestrator /run');
    assert.equal(kindOf(ran), 'answer');
    const [, one] = callsFor('Look at the bucket');
    const [, two] = callsFor('Look at the window');
    assert.ok(
      one !== undefined && two !== undefined && !overlaps(one, two),
      'the second waited for the first, as the text said',
    );
  });

  it('shows as a text what the agent of a task fills in, and nothing of the agent that was there before', async () => {
    const { metadata } = await askInChat('@orchestrator /plan Tell me what the limiters do.');
    await vscode.commands.executeCommand('orchestrator.editPlan', metadata?.runId);
    const document = planDocument(metadata?.runId) ?? assert.fail('no document');
    await replaceIn(document, '"title": "Look at the window"', '"title": "Look at the window", "agent": "coder"');
    await document.save();
    await until(() => /"code",\s*"agent": "coder"/.test(document.getText()), 'the text has what the agent fills in');
    await replaceIn(document, '"coder"', '"reviewer"');
    await document.save();
    await until(() => /"reasoning",\s*"agent": "reviewer"/.test(document.getText()), 'the other agent does');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('orchestrator.cancelRun', metadata?.runId);
  });

  it('is read again when it changes elsewhere, and an older text is never saved over it', async () => {
    const turn = await askInChat('@orchestrator /plan Tell me what the limiters do.');
    const run = turn.metadata?.runId ?? assert.fail('no run');
    await vscode.commands.executeCommand('orchestrator.editPlan', run);
    const document = planDocument(run) ?? assert.fail('no document');
    await vscode.commands.executeCommand('orchestrator.changeMode', run, 'two');
    await until(() => document.getText().includes('"interactive"') && !document.isDirty, 'the new text is read');
    await replaceIn(document, 'Look at the bucket', 'Look at the old bucket');
    await vscode.commands.executeCommand('orchestrator.changeMode', run, 'two');
    const before = await runText(run);
    assert.ok(!(await document.save()), 'the older text is not saved');
    assert.ok(document.isDirty);
    assert.equal((await runText(run)).includes('old bucket'), before.includes('old bucket'));
    await vscode.commands.executeCommand('workbench.action.files.revert');
    assert.match(document.getText(), /"hybrid"/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('orchestrator.cancelRun', run);
  });

  it('of a finished run stays as it was: saving makes a draft of a new run, which is opened and waits', async () => {
    const run = waiting.metadata?.runId;
    await vscode.commands.executeCommand('orchestrator.editPlan', run);
    const document = planDocument(run) ?? assert.fail('no document');
    await replaceIn(document, 'two lines', 'one line');
    assert.ok(await document.save());
    const draft = (): vscode.TextDocument | undefined =>
      vscode.workspace.textDocuments.find(
        ({ uri }) =>
          uri.scheme === 'orchestrator-plan' && uri.path.includes('/let-the-') && !uri.path.startsWith(`/${run}/`),
      );
    await until(() => draft() !== undefined, 'the draft is open');
    await until(() => document.getText().includes('two lines') && !document.isDirty, 'the finished plan is as it was');
    assert.match(draft()?.getText() ?? '', /a release note of one line\./);
    const made = draft()?.uri.path.split('/')[1];
    assert.match(await runText(made), /^Let the sliding window forget.*\napproving/);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('orchestrator.cancelRun', made);
  });

  it('has a task answered in the same chat while three others go on', async () => {
    const planned = await askInChat('@orchestrator /plan Do three parts in one style.');
    assert.equal(kindOf(planned), 'waiting-plan');
    await vscode.commands.executeCommand('orchestrator.approvePlan', planned.metadata?.runId);
    await parts.arrived(3);
    await window.page.getByRole('treeitem', { name: /^Choose the style, waiting/ }).waitFor();
    const listed = await askInChat('@orchestrator /task');
    assert.equal(kindOf(listed), 'waiting-tasks');
    await shownAnswer(window.page, /1 · Choose the style waits for your first word/);
    const answering = askInChat('@orchestrator /task style: use tabs everywhere');
    await until(() => callsFor('Choose the style').length === 1, 'the task is called');
    const style = callsFor('Choose the style')[0] ?? assert.fail('no call');
    assert.ok(requestText(style).includes('use tabs everywhere'));
    await until(() => style.outcome === 'completed', 'the task has ended');
    assert.equal(parts.waiting(), 3, 'the other three go on');
    await window.screenshot('chat task answered');
    parts.open();
    const turn = await answering;
    assert.deepEqual([turn.errorDetails, kindOf(turn)], [undefined, 'answer']);
    for (const part of ['Work on A', 'Work on B', 'Work on C'])
      assert.ok(overlaps(style, callsFor(part)[0] ?? assert.fail(part)));
    await shownAnswer(window.page, /Everything is as you wanted it\./);
  });

  it('tells of an answer that no turn of the chat shows, and shows it when asked', async () => {
    const planned = await askInChat('@orchestrator /plan Tell me what the limiters do.');
    await vscode.commands.executeCommand('orchestrator.approvePlan', planned.metadata?.runId);
    await vscode.commands.executeCommand('notifications.showList');
    await window.page.locator('.notification-list-item', { hasText: 'Your answer is ready' }).first().waitFor();
    await window.page.locator(selectors.notificationButton('Show')).first().click();
    await askedToRun(planned.metadata?.runId);
    await shownAnswer(window.page, /Everything is as you wanted it\./);
  });
});
