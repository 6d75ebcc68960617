/** Two windows, each with an extension host of its own, and a command line, on one database. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'mocha';
import { eventLines } from '../process/built.ts';
import { modelCalls, peakConcurrency, requestText } from '../servers/records.ts';
import { conversationPage } from '../ui/conversation-page.ts';
import { OutsideScene, type PlannedTask } from './scene.ts';
import type { OutsideWindow } from './window.ts';

/** The other window reads a run of another process every quarter of a second and draws as often. */
const SEEN_WITHIN_MS = 5_000;
const SHARED = 'Do the shared parts.';
/** A row that is closed tells only that the user is waited for. */
const RUN = /^Do the shared parts\., (running|waiting), 5 tasks$/;

function planOf(request: string): readonly PlannedTask[] {
  if (request.includes(SHARED))
    return [
      { id: 'one', title: 'Part one', capability: 'work' },
      { id: 'two', title: 'Part two', capability: 'work' },
      { id: 'three', title: 'Part three', capability: 'work' },
      { id: 'talk', title: 'Choose the style', capability: 'work', mode: 'interactive' },
      { id: 'last', title: 'Part last', capability: 'work', dependsOn: ['one', 'talk'] },
    ];
  const word = /Do the (\w+) errands\./.exec(request)?.[1] ?? 'unknown';
  return narrow(word);
}

function narrow(word: string): readonly PlannedTask[] {
  return ['1', '2', '3'].map((id) => ({ id, title: `${word} errand ${id}`, capability: 'narrow' }));
}

describe('two windows and a command line on one database', function () {
  this.timeout(300_000);
  this.bail(true); // each step builds on the one before
  const scene = new OutsideScene(planOf);
  let a: OutsideWindow;
  let b: OutsideWindow;
  let run: string;

  before(async () => {
    await scene.open('outside-two-windows');
    a = await scene.window('A');
    b = await scene.window('B');
    assert.equal(scene.code.extensionHosts().length, 2);
  });
  afterEach(function () {
    return scene.afterEach(this.currentTest);
  });
  after(() => scene.close());

  it('show the run of the one live in the other, which offers no Resume', async () => {
    const held = ['Part one', 'Part two', 'Part three'].map((title) => scene.hold(title));
    await a.ask(SHARED);
    await Promise.all(held.map((gate) => gate.arrived()));
    ({ run } = await scene.run(SHARED));
    await b.row(RUN).waitFor();
    await b.expand(RUN);
    for (const row of [
      /^Part one, active, worker/,
      /^Part two, active, worker/,
      /^Choose the style, waiting/,
      /^Part last, pending/,
    ])
      await b.row(row).waitFor();
    await b.row(RUN).hover();
    await b.action(RUN, 'Cancel Run').waitFor();
    assert.equal(await b.action(RUN, 'Resume Run').count(), 0);
  });

  it('tell of a change in the one within moments in the other', async () => {
    const releasedAtMs = performance.now();
    scene.release('Part three');
    await b.row(/^Part three, completed/).waitFor({ timeout: SEEN_WITHIN_MS });
    console.log(`      seen in the other window after ${Math.round(performance.now() - releasedAtMs)} ms`);
  });

  it('have a task stopped from the window that does not have the run', async () => {
    await b.press(/^Part two, active/, 'Cancel Task', b.row(/^Part two, cancelled/));
    await scene.server('worker').waitFor(() => scene.callsOf('Part two')[0]?.outcome === 'aborted by client', 20_000);
    for (const window of [a, b]) await window.row(/^Part two, cancelled/).waitFor();
    assert.equal(scene.callsOf('Part one')[0]?.outcome, 'running', 'the others go on');
  });

  it('have a task answered from the window that does not have the run', async () => {
    await b.press(/^Choose the style, waiting/, 'Answer or Steer…', b.questionBox);
    await b.questionBox.fill('tabs everywhere');
    await b.questionBox.press('Enter');
    for (const window of [a, b]) await window.row(/^Choose the style, completed/).waitFor();
    const [call, ...more] = scene.callsOf('Choose the style');
    assert.ok(call !== undefined && more.length === 0);
    assert.ok(requestText(call).includes('tabs everywhere'), requestText(call));
  });

  it('let the command line show the run and not take it up', async () => {
    const shown = await scene.cli('show', run);
    assert.equal(shown.exitCode, 0, shown.err);
    assert.match(shown.out, /Part one.*worker/);
    assert.match(shown.out, /Part two.*cancelled/);
    const before = scene.calls().length;
    const resumed = await scene.cli('resume', run, '--roster', 'roster.json', '--yes');
    assert.equal(resumed.exitCode, 2, resumed.err);
    assert.match(resumed.err, /is going on in another process\.\s+Wait until it ends/);
    assert.equal(scene.calls().length, before);
  });

  it('leave the run with the one owner that it had', async () => {
    scene.release('Part one');
    for (const window of [a, b]) await window.row(/^Do the shared parts\., partial, 5 tasks$/).waitFor();
    assert.equal(
      scene.counts('Part one', 'Part two', 'Part three', 'Choose the style', 'Part last'),
      'Part one 1, Part two 1, Part three 1, Choose the style 1, Part last 1',
    );
    const events = eventLines((await scene.cli('show', run, '--json')).out).map(({ type }) => type);
    const begun = events.filter((type) => type === 'run.started' || type === 'run.resumed' || type === 'run.finished');
    assert.deepEqual(begun, ['run.started', 'run.finished']);
  });

  it('never have two calls at a backend with one slot', async () => {
    const gate = scene.hold('red errand 1');
    const tasks = narrow('blue').map((task) => ({ ...task, objective: `Do ${task.title}.` }));
    writeFileSync(
      path.join(scene.code.workspace, 'plan.json'),
      JSON.stringify({ request: 'Do the blue errands.', tasks }),
    );
    await a.ask('Do the red errands.');
    await gate.arrived();
    await b.ask('Do the green errands.');
    await b.row(/^green errand 1, (pending|active)/).waitFor();
    const cli = scene.startCli('run', 'plan.json', '--roster', 'roster.json', '--yes', '--no-synthesis');
    await b.row(/^Do the blue errands\., running, 3 tasks$/).waitFor();
    assert.equal(modelCalls(scene.server('single').requests()).length, 1, 'all wait for the one slot');
    scene.release('red errand 1');
    assert.equal((await cli.ended).exitCode, 0);
    await a.row(/^Do the red errands\., answered, 3 tasks$/).waitFor();
    await b.row(/^Do the green errands\., answered, 3 tasks$/).waitFor();
    const titles = ['red', 'green', 'blue'].flatMap((word) => narrow(word).map(({ title }) => title));
    assert.equal(scene.counts(...titles), titles.map((title) => `${title} 1`).join(', '));
    assert.equal(peakConcurrency(modelCalls(scene.server('single').requests())), 1);
  });

  it('do not offer to go on with a run of another folder, and say where that is possible', async () => {
    const far = path.join(mkdtempSync(path.join(tmpdir(), 'orchestrator-')), 'far');
    mkdirSync(far);
    const tasks = narrow('far').map((task) => ({ ...task, objective: `Do ${task.title}.` }));
    const plan = path.join(far, 'plan.json');
    writeFileSync(plan, JSON.stringify({ request: 'Do the far errands.', tasks }));
    const gate = scene.hold('far errand 1');
    const cli = scene.startCli('run', plan, '--workspace', far, '--roster', 'roster.json', '--yes');
    await gate.arrived();
    const far3 = (status: string): RegExp =>
      new RegExp(`^Do the far errands\\., ${status}, 3 tasks, other folder: far$`);
    await a.row(far3('running')).hover();
    await a.action(far3('running'), 'Cancel Run').waitFor();
    cli.child.kill('SIGKILL');
    await cli.ended;
    await a.expand(far3('interrupted'));
    const talk = conversationPage(a.page);
    await a.until(() => a.row(/^far errand 1, interrupted/).click(), talk.title.getByText('far errand 1'));
    await talk.frame.getByText(`The run worked on ${far}, which is not open here. Open that folder`).waitFor();
    assert.equal(await talk.words.isVisible(), false);
    await a.row(far3('interrupted')).hover();
    assert.equal(await a.action(far3('interrupted'), 'Resume Run').count(), 0);
    await a.screenshot('run-of-another-folder');
    scene.release('far errand 1');
    rmSync(path.dirname(far), { recursive: true });
  });
});
