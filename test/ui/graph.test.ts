/** The run graph in its panel: what it shows, what mouse and keys do in it, and that it stays smooth while 64 tasks stream. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as vscode from 'vscode';
import { activateForChat, askInChat, type ChatTurn } from '../in-vscode/chat.ts';
import type { BrainCall, BrainReply } from '../servers/brain.ts';
import { createGate, type Gate } from '../servers/gate.ts';
import { startModelServer, type ModelServer } from '../servers/model-server.ts';
import { GraphPage, type Frames } from './graph-page.ts';
import { TWELVE, hostile, isHeld, twoHundred, type GraphPlanTask } from './graph-plans.ts';
import { connectWindow, type DrivenWindow } from './window.ts';

const REQUESTS = {
  twelve: 'Let the sliding window forget idle clients: tests, a page and a note with it.',
  many: 'Bring all modules to the new store.',
  hostile: 'Plan something hostile.',
};

/** At the scene of the picture, these are at work. */
const HELD_OF_TWELVE = ['Forget idle clients', 'Choose the limits'];
const AT_ONCE = 64;
const LONG_TEXT = 'Each part is read line by line, and what it rests on is named. '.repeat(60);

/** Worn for a picture each, the last one from then on. */
const THEMES = {
  'graph-light': 'Light Modern',
  'graph-contrast': 'Default High Contrast',
  graph: 'Dark Modern',
};

describe('the run graph', function () {
  this.bail(true); // each step builds on the one before
  const servers: ModelServer[] = [];
  const gates = { twelve: createGate(), many: createGate() };
  let window: DrivenWindow;
  let graph: GraphPage;
  let beacon: Server;
  const hits: string[] = [];
  let asked: Promise<ChatTurn>;
  let run = '';

  const beaconUrl = (): string => `http://127.0.0.1:${(beacon.address() as AddressInfo).port}`;

  function planFor(prompt: string): readonly GraphPlanTask[] {
    const request = prompt.slice(prompt.lastIndexOf('The request:\n'));
    if (request.includes(REQUESTS.many)) return twoHundred();
    return request.includes(REQUESTS.hostile) ? hostile(beaconUrl()) : TWELVE;
  }

  async function reply(call: BrainCall): Promise<BrainReply> {
    const prompt = call.messages.map(({ text }) => text).join('\n');
    if (prompt.includes('You are the orchestrator.')) {
      // A planner nests nothing; the person does.
      const tasks = planFor(prompt).map((task) => ({
        objective: `${task.title}.`,
        target: null,
        mode: 'autonomous',
        dependsOn: [],
        inputs: [],
        edits: false,
        deliverable: null,
        ...Object.fromEntries(Object.entries(task).filter(([name]) => name !== 'parent')),
      }));
      return { json: { decision: 'plan', answer: '', tasks } };
    }
    const title = /Task: (.+)\n/.exec(prompt)?.[1];
    if (title === undefined) return { text: 'All of it is done.' };
    if (HELD_OF_TWELVE.includes(title)) await gates.twelve.pass(call.signal);
    if (!isHeld(title)) return { text: `Result of ${title}.` };
    await gates.many.pass(call.signal);
    return { text: LONG_TEXT, betweenChunksMs: 60 };
  }

  async function backend(name: string, more: object): Promise<object> {
    const server = await startModelServer({
      protocol: 'openai',
      name,
      models: { [`${name}-model`]: { contextTokens: 200_000 } },
      brain: reply,
      ...(name === 'frontier' ? { behaviour: { kind: 'ignoreMaxTokens' } as const } : {}),
    });
    servers.push(server);
    return {
      id: name,
      provider: 'openai',
      model: `${name}-model`,
      baseUrl: server.baseUrl,
      contextWindow: 200_000,
      canOrchestrate: false,
      cost: { input: 0.5, output: 2 },
      ...more,
    };
  }

  before(async () => {
    await activateForChat('orchestrator.orchestrator');
    beacon = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end();
    });
    beacon.listen(0, '127.0.0.1');
    await once(beacon, 'listening');
    const teams = ['coder', 'reader', 'laptop', 'server'].map((name, index) =>
      backend(name, {
        goodAt: [
          `team-${index + 1}`,
          ...({ coder: ['code'], reader: ['long-context'], laptop: ['grunt', 'page'] }[name] ?? []),
        ],
        maxConcurrency: AT_ONCE / 4,
      }),
    );
    const roster = [
      await backend('frontier', { goodAt: ['reasoning'], canOrchestrate: true, cost: { input: 3, output: 15 } }),
      ...(await Promise.all(teams)),
    ];
    await vscode.workspace.getConfiguration('orchestrator').update('roster', roster, vscode.ConfigurationTarget.Global);
    window = await connectWindow();
    graph = new GraphPage(window.page);
    await vscode.commands.executeCommand('orchestrator.tasks.focus');
  });
  after(async () => {
    gates.twelve.open();
    gates.many.open();
    await window.close();
    beacon.close();
    await Promise.all(servers.map((server) => server.close()));
  });

  /** A panel that is hidden has another page than the one that comes back. */
  async function openGraph(run?: string): Promise<void> {
    await vscode.commands.executeCommand('orchestrator.openGraph', ...(run === undefined ? [] : [run]));
    await graph.nodes.first().waitFor();
  }

  async function wearTheme(theme: string): Promise<void> {
    const workbench = vscode.workspace.getConfiguration('workbench');
    await workbench.update('colorTheme', theme, vscode.ConfigurationTarget.Global);
    await graph.frame.locator(`body[data-vscode-theme-id="${theme}"]`).waitFor();
  }

  async function arrived(gate: Gate, count: number): Promise<void> {
    await gate.arrived(count);
    await vscode.commands.executeCommand('workbench.action.closeAuxiliaryBar');
  }

  async function isNested(document: vscode.TextDocument, tasks: readonly GraphPlanTask[]): Promise<boolean> {
    let text = document.getText();
    for (const { id, parent } of tasks)
      if (parent !== undefined) text = text.replace(`"id": "${id}",`, `"id": "${id}", "parent": "${parent}",`);
    const change = new vscode.WorkspaceEdit();
    change.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    assert.ok(await vscode.workspace.applyEdit(change));
    return document.save();
  }

  /** A plan that waits, with its tasks nested as the person wants them. */
  async function drafted(request: string, tasks: readonly GraphPlanTask[]): Promise<string> {
    const { metadata } = await askInChat(`@orchestrator /plan ${request}`);
    const made = metadata?.runId ?? assert.fail('the turn names no run');
    await vscode.commands.executeCommand('workbench.action.closeAuxiliaryBar');
    await vscode.commands.executeCommand('orchestrator.editPlan', made);
    const document = vscode.window.activeTextEditor?.document ?? assert.fail('no plan is open');
    // What has changed since it was opened must be read again before it is saved.
    while (!(await isNested(document, tasks))) await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    return made;
  }

  it('opens beside for the run that goes on, also while its plan waits', async () => {
    run = await drafted(REQUESTS.twelve, TWELVE);
    await openGraph();
    await graph.status.getByText('approving').waitFor();
    await graph.node(/^Read the token bucket, pending, waits for your approval$/).waitFor();
    await graph.node(/^Review all of it, pending, waits for 3 tasks$/).waitFor();
    assert.equal(await graph.nodes.count(), 12);
  });

  it('has a node for each task, named by what it is and does, from left to right', async () => {
    await vscode.commands.executeCommand('orchestrator.approvePlan', run);
    await arrived(gates.twelve, 2);
    await graph.node(/^Name the setting, waiting/).waitFor();
    await graph.node(/^Write the release note, pending, waits for 2 tasks$/).waitFor();
    assert.deepEqual(
      (await graph.attributes(graph.nodes, 'aria-label')).map((name) => name.replace(/, [\d.]+ m?s$/, ', N s')),
      [
        'Read the token bucket, completed, on reader, N s',
        'Read the sliding window, completed, on reader, N s',
        'List the settings, completed, on laptop, N s',
        'Forget idle clients, active, on coder, waits for nothing',
        'Name the setting, waiting, interactive, waits for you',
        'Choose the limits, active, hybrid, on frontier, waits for nothing',
        'Write the tests, pending, waits for 2 tasks',
        'Test an idle client, pending, waits for Write the tests',
        'Measure the memory, pending, waits for 2 tasks',
        'Write the page about the setting, pending, waits for Name the setting',
        'Write the release note, pending, waits for 2 tasks',
        'Review all of it, pending, waits for 3 tasks',
      ],
    );
    assert.equal(await graph.frame.locator('.edge').count(), 16);
    assert.equal(await graph.frame.locator('.edge.holds').count(), 5, 'what is at work holds others up');
    assert.deepEqual(await graph.frame.locator('.box').allInnerTexts(), ['Write the tests']);
    const order = [
      'Read the token bucket',
      'Forget idle clients',
      'Write the tests',
      'Test an idle client',
      'Review all of it',
    ];
    const xs = await Promise.all(order.map((title) => graph.middleOf(graph.node(new RegExp(`^${title},`)))));
    assert.deepEqual(
      xs,
      xs.toSorted((a, b) => a - b),
      'from left to right',
    );
  });

  it('tells on hover where it stands, what it rests on and what rests on it', async () => {
    await graph.node(/^Forget idle clients,/).hover();
    const { tip } = graph;
    await tip.getByText('Chosen because').waitFor();
    const text = (await tip.innerText()).replaceAll(/\s+/g, ' ');
    assert.match(
      text,
      /^Forget idle clients Status active Mode autonomous Backend coder Chosen because good at code.* Time [\d.]+ m?s/,
    );
    const lit = await graph.attributes(graph.frame.locator('.node.on'), 'data-node');
    assert.deepEqual(lit.toSorted(), ['bucket', 'load', 'note', 'review', 'sweep', 'tests', 'unit', 'window']);
    await window.page.mouse.move(5, 5);
    await graph.frame.locator('.tracing').waitFor({ state: 'detached' });
    await graph.node(/^Write the tests,/).hover();
    await tip.getByText('Forget idle clients (active), Name the setting (waiting)').waitFor();
    await window.page.mouse.move(5, 5);
  });

  it('has a time axis with a bar for each that began, hatched while it waits for the user, that grows', async () => {
    const [plan, ...tasks] = (await graph.attributes(graph.bars, 'aria-label')).map((name) => name.split(',')[0]);
    assert.equal(plan, 'Plan');
    // Those that may begin together begin in any order.
    assert.deepEqual(
      [new Set(tasks.slice(0, 3)), new Set(tasks.slice(3))],
      [
        new Set(['List the settings', 'Read the sliding window', 'Read the token bucket']),
        new Set(['Choose the limits', 'Forget idle clients', 'Name the setting']),
      ],
    );
    assert.equal(await graph.frame.locator('.bar .wait').count(), 1);
    assert.equal(await graph.frame.locator('.bar[data-task="name"] .wait').count(), 1);
    await graph.hasGrown(graph.frame.locator('.bar[data-task="sweep"]'), 500);
    assert.match((await graph.frame.locator('.mark').allInnerTexts()).join(' '), /^0 \d+ (m?s|min)/);
    for (const [name, theme] of Object.entries(THEMES)) {
      await wearTheme(theme);
      await window.screenshot(name);
    }
  });

  it('is coloured by backend when the person wants it, with a lane for each', async () => {
    await graph.button('Backend').click();
    await graph.frame.locator('.by-backend .row').first().waitFor();
    assert.deepEqual(await graph.frame.locator('.row .label').allInnerTexts(), [
      'frontier',
      'reader',
      'laptop',
      'coder',
      'no backend',
    ]);
    assert.deepEqual(await graph.legend(), ['2 frontier', '2 reader', '1 laptop', '1 coder']);
    await window.screenshot('graph by backend');
    await graph.button('Status').click();
    await graph.frame.locator('.by-backend').waitFor({ state: 'detached' });
  });

  it('opens the conversation by a click, and by Enter where the arrow keys have gone', async () => {
    const opened = async (title: string): Promise<void> => {
      await window.page.locator(`.tab[aria-label*="${title}"]`).first().waitFor();
      await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
    };
    await graph.node(/^List the settings,/).click();
    await opened('List the settings');
    await graph.node(/^List the settings,/).focus();
    await window.page.keyboard.press('ArrowRight');
    await graph.frame.locator('.node[data-node="limits"]:focus').waitFor();
    await window.page.keyboard.press('ArrowUp');
    await graph.frame.locator('.node[data-node="name"]:focus').waitFor();
    assert.match(await graph.tip.innerText(), /waiting/);
    await window.page.keyboard.press('ArrowUp');
    await graph.frame.locator('.node[data-node="sweep"]:focus').waitFor();
    await window.page.keyboard.press('ArrowDown');
    await window.page.keyboard.press('Enter');
    await opened('Name the setting');
  });

  it('shows at once what became of it, without anything moving', async () => {
    await vscode.commands.executeCommand('orchestrator.sayToTask', run, 'name', 'idle_windows');
    await graph.node(/^Name the setting, completed, interactive, on frontier/).waitFor();
    await graph.node(/^Write the page about the setting, completed/).waitFor();
    const places = (): Promise<readonly string[]> => graph.attributes(graph.nodes, 'style');
    const before = await places();
    gates.twelve.open();
    await graph.node(/^Review all of it, completed/).waitFor();
    await graph.status.getByText('answered').waitFor();
    assert.deepEqual(await places(), before);
    assert.equal(await graph.frame.locator('.edge.holds').count(), 0);
  });

  it('shows a plan with 64 of 200 tasks at work in one picture: what is finished is folded, and opens by a click', async () => {
    asked = askInChat(`@orchestrator ${REQUESTS.many}`);
    await arrived(gates.many, AT_ONCE);
    await openGraph();
    await graph.frame.locator('#title').getByText(REQUESTS.many).waitFor();
    const words = (await graph.legend()).join(', ');
    console.log(`      200 tasks: ${words}; ${await graph.nodes.count()} nodes`);
    assert.match(words, /64 active/);
    const { folded } = graph;
    await folded.first().waitFor();
    assert.equal(await graph.isAllInSight(), true);
    await window.screenshot('graph-200');
    const count = await graph.nodes.count();
    const members = Number((await folded.first().innerText()).split(' ')[0]);
    await folded.first().click();
    await graph.frame.locator('.node.folded').nth(0).waitFor();
    assert.equal(await graph.nodes.count(), count - 1 + members);
    await graph.button('Show All').click();
    await graph.frame.locator('.node.folded').first().waitFor({ state: 'detached' });
    assert.equal(await graph.nodes.count(), 200);
    await window.screenshot('graph-200-all');
    await graph.button('Collapse Finished').click();
    await folded.first().waitFor();
    assert.equal(await graph.nodes.count(), count);
  });

  it('pans, zooms and fits', async () => {
    const place = (): Promise<string> => graph.transform();
    const fitted = await place();
    const box = (await graph.frame.locator('#graph').boundingBox()) ?? assert.fail('no graph');
    await window.page.mouse.move(box.x + box.width / 2, box.y + 6);
    await window.page.mouse.down();
    await window.page.mouse.move(box.x + box.width / 2 + 60, box.y + 46, { steps: 4 });
    await window.page.mouse.up();
    const panned = await place();
    assert.notEqual(panned, fitted);
    await window.page.mouse.wheel(0, 100);
    const wheeled = await place();
    assert.equal(wheeled.split('scale')[1], panned.split('scale')[1], 'the wheel alone pans');
    assert.notEqual(wheeled, panned);
    await window.page.keyboard.down('Control');
    await window.page.mouse.wheel(0, -200);
    await window.page.keyboard.up('Control');
    assert.notEqual((await place()).split('scale')[1], panned.split('scale')[1], 'with ctrl it zooms');
    await graph.button('Zoom Out').click();
    await graph.button('Fit').click();
    assert.equal(await place(), fitted);
  });

  it('stays smooth while 64 stream and complete', async () => {
    gates.many.open();
    const live = await graph.frameTimes(4_000);
    await graph.status.getByText('answered').waitFor({ timeout: 60_000 });
    const layoutMs = await graph.layoutMs();
    const still = await graph.frameTimes(2_000);
    console.log(
      `      frames while 64 stream: ${described(live)}; at rest: ${described(still)}; last layout ${Math.round(layoutMs)} ms`,
    );
    assert.ok(live.p95 <= Math.max(still.p95, 17) * 8, `${live.p95} ms while it works, ${still.p95} ms at rest`);
    assert.equal((await asked).errorDetails, undefined);
    assert.equal(await graph.nodes.count(), 1, 'all is folded as it was asked for');
    await graph.button('Show All').click();
    await graph.node(/^Write the page, completed/).waitFor();
    await window.screenshot('graph-200-done');
  });

  function described({ count, p50, p95, longest }: Frames): string {
    return `${count} frames, p50 ${p50} ms, p95 ${p95} ms, longest ${longest} ms`;
  }

  it('shows hostile titles as the text that they are, loads nothing and runs nothing', async () => {
    await openGraph(await drafted(REQUESTS.hostile, hostile(beaconUrl())));
    await graph.task('d').waitFor();
    const titles = await graph.frame.locator('.node .title').allTextContents();
    const expected = hostile(beaconUrl()).map(({ title }) => title.replace('\u202E', '⟨U+202E⟩'));
    assert.deepEqual(titles, expected);
    for (const id of ['a', 'b', 'c', 'd']) {
      await graph.task(id).hover();
      await graph.frame
        .locator('#tip .tip-title')
        .getByText(expected[['a', 'b', 'c', 'd'].indexOf(id)] ?? '', { exact: true })
        .waitFor();
    }
    assert.equal(
      await graph.frame
        .locator('body img, body iframe, body a, body b, body style, body [onload], body [onerror]')
        .count(),
      0,
    );
    // VS Code's own script stands in every page.
    assert.equal(await graph.frame.locator('script:not([nonce]):not(#_vscodeApiScript)').count(), 0);
    assert.equal(await graph.frame.locator('script[nonce]').count(), 1);
    await window.screenshot('graph-hostile');
    assert.deepEqual(hits, []);
  });
});
