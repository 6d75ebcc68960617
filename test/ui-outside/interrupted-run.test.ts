/** A run whose window is reloaded, or whose extension host is killed, in the middle of it. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import { conversationPage } from '../ui/conversation-page.ts';
import { selectors } from '../ui/selectors.ts';
import { shownAnswer } from '../ui/shown-answer.ts';
import { OutsideScene, type PlannedTask } from './scene.ts';
import type { OutsideWindow } from './window.ts';

/** By itself, a program that spends would have done so by then. */
const QUIET_MS = 3_000;

/** Titles begin with a word of the request, so that the records of the runs can be told apart. */
function planOf(request: string): readonly PlannedTask[] {
  const word = /Do the (\w+) parts\./.exec(request)?.[1] ?? 'unknown';
  const task = (id: string, ...dependsOn: readonly string[]): PlannedTask => ({
    id,
    title: `${word} ${id}`,
    capability: 'work',
    dependsOn,
  });
  return [task('a'), task('b', 'a'), task('c'), task('d'), task('e', 'c', 'd')];
}

describe('a run in the middle of which everything goes away', function () {
  this.timeout(300_000);
  this.bail(true); // each step builds on the one before
  const scene = new OutsideScene(planOf);
  let window: OutsideWindow;

  before(async () => {
    await scene.open('outside-interrupted');
    window = await scene.window('A');
  });
  afterEach(function () {
    return scene.afterEach(this.currentTest);
  });
  after(() => scene.close());

  /** a and b have ended, c and d are in flight, e waits for them. */
  const untilHalfDone = async (word: string): Promise<void> => {
    const held = [scene.hold(`${word} c`), scene.hold(`${word} d`)];
    await window.ask(`Do the ${word} parts.`);
    await Promise.all(held.map((gate) => gate.arrived()));
    await window.row(new RegExp(`^${word} b, completed`)).waitFor();
  };

  const isInterrupted = async (word: string): Promise<void> => {
    const run = new RegExp(`^Do the ${word} parts\\., interrupted, 5 tasks$`);
    await window.row(run).waitFor();
    await scene.quietFor(QUIET_MS);
    await window.row(run).hover();
    await window.action(run, 'Resume Run').waitFor();
    await window.expand(run);
    for (const task of [`${word} a, completed`, `${word} b, completed`, `${word} c, interrupted`, `${word} e, pending`])
      await window.row(new RegExp(`^${task}`)).waitFor();
    assert.equal(await window.badge(), '', 'nothing runs');
  };

  /** Resumes it; what it was in the middle of waits at the servers again. */
  const resume = async (word: string): Promise<void> => {
    const again = [scene.hold(`${word} c`), scene.hold(`${word} d`)];
    const run = (status: string): RegExp => new RegExp(`^Do the ${word} parts\\., ${status}, 5 tasks$`);
    await window.press(run('interrupted'), 'Resume Run', window.row(run('running')));
    await Promise.all(again.map((gate) => gate.arrived()));
  };

  const finishes = async (word: string): Promise<void> => {
    scene.release(`${word} c`, `${word} d`);
    await window.row(new RegExp(`^Do the ${word} parts\\., answered, 5 tasks$`)).waitFor();
    await shownAnswer(window.page, /All parts are done\./);
    const titles = ['a', 'b', 'c', 'd', 'e'].map((id) => `${word} ${id}`);
    assert.equal(
      scene.counts(...titles),
      `${word} a 1, ${word} b 1, ${word} c 2, ${word} d 2, ${word} e 1`,
      'what had finished was not called again',
    );
    assert.deepEqual(
      scene.callsOf(`${word} c`).map(({ outcome }) => outcome),
      ['aborted by client', 'completed'],
    );
  };

  /** Opens the conversation of a task that has ended, writes into its box and unfolds why it went where it did. */
  const beginTalk = async (task: RegExp, title: string): Promise<void> => {
    const talk = conversationPage(window.page);
    await window.until(() => window.row(task).click(), talk.title.getByText(title));
    await talk.words.fill('Half a thought');
    await talk.frame.locator('.item-route summary').click();
    await talk.frame.getByRole('columnheader', { name: 'Verdict' }).waitFor();
    await window.kept('Half a thought', 'route');
  };

  it('is shown as interrupted after a reload of its window, and calls nothing by itself', async () => {
    await untilHalfDone('first');
    await beginTalk(/^first b, completed/, 'first b');
    await window.page.reload({ timeout: 120_000 });
    await window.begin();
    await isInterrupted('first');
    assert.equal(scene.code.extensionHosts().length, 1, 'the host of the window that was left is gone');
  });

  it('has the conversation that was open, with what was typed and unfolded in it', async () => {
    const talk = conversationPage(window.page);
    await talk.title.getByText('first b').waitFor();
    await talk.frame.getByRole('columnheader', { name: 'Verdict' }).waitFor();
    assert.equal(await talk.words.inputValue(), 'Half a thought');
  });

  it('goes on from there when it is resumed, and repeats nothing that had finished', async () => {
    await resume('first');
    await shownAnswer(window.page, /Continuing/);
    await finishes('first');
  });

  it('is shown as interrupted when its extension host is killed, and calls nothing by itself', async () => {
    await untilHalfDone('second');
    const [host] = scene.code.extensionHosts();
    assert.ok(host !== undefined);
    process.kill(host, 'SIGKILL');
    await isInterrupted('second');
    const hosts = scene.code.extensionHosts();
    assert.deepEqual([hosts.length, hosts.includes(host)], [1, false], 'VS Code started another one');
  });

  it('names the calls of which nobody knows how they ended, and does only those again', async () => {
    await resume('second');
    await shownAnswer(
      window.page,
      /Continuing\. 2 calls had no result when the run was interrupted, and may have been charged/,
      /second c · worker/,
      /second d · worker/,
    );
    assert.equal(await window.page.locator(selectors.chat.responseRunning).count(), 1);
    await finishes('second');
  });
});
