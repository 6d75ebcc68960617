/** Chat turns about a run that is there, over a real engine: none waits for a person, and each shows what it should. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { createRunFeed } from '../../../src/app/run-feed.ts';
import type { Plan, TaskSpec } from '../../../src/core/plan/plan.ts';
import type { RunRequest } from '../../../src/core/run-request.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { AnswerNotice } from '../../../src/vscode/notices/answer-notice.ts';
import { runTurn, taskTurn, type AttachEnd, type AttachTurn } from '../../../src/vscode/chat/chat-attach.ts';
import type { PastTurn } from '../../../src/vscode/chat/chat-history.ts';
import type { ChatOp } from '../../../src/vscode/chat/chat-op.ts';
import { followRun, type RunTurn, type TurnEnd } from '../../../src/vscode/chat/chat-run.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/run-request.ts';
import { Folders } from '../../support/folders.ts';
import { engineFixture, type EngineFixture } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';

function task(id: string, title: string, more: Partial<TaskSpec> = {}): TaskSpec {
  return { id, title, objective: `Do ${title}.`, mode: 'autonomous', dependsOn: [], inputs: [], ...more };
}

const PLAN: Plan = {
  request: 'Do it',
  tasks: [
    task('style', 'Choose the style', { mode: 'interactive' }),
    task('parse', 'Write the parser'),
    task('print', 'Write the printer', { dependsOn: ['style', 'parse'] }),
  ],
};

class Stop {
  isCancellationRequested = false;
  readonly #listeners = new Set<() => void>();

  readonly onCancellationRequested = (listener: () => void): { dispose: () => void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  press(): void {
    this.isCancellationRequested = true;
    for (const listener of this.#listeners) listener();
  }
}

/** A chat: its turns one after the other over one engine. */
class Chat {
  readonly rig: EngineFixture;
  readonly clock = new ManualClock();
  readonly told: string[] = [];
  readonly notice = new AnswerNotice(({ run, outcome }) => void this.told.push(`${run} ${outcome}`));
  readonly past: PastTurn[] = [];
  shown: ChatOp[] = [];
  readonly #feed;
  readonly folders: Folders;

  constructor(backends: readonly ScriptedBackend[], rig = engineFixture({ backends }), folders = new Folders()) {
    this.folders = folders;
    this.rig = rig;
    this.rig.engine.onEvent((event) => this.notice.onEvent(event));
    const { clock } = this;
    this.#feed = createRunFeed({ orchestrator: rig.engine, journal: rig.journal, folders, clock });
  }

  async ask(more: Partial<RunRequest> = {}): Promise<TurnEnd> {
    const request: RunRequest = {
      text: 'Do it',
      source: 'chat',
      history: [],
      files: [],
      options: DEFAULT_OPTIONS,
      plan: PLAN,
      ...more,
    };
    return this.#ended(await followRun(() => this.rig.engine.start(request), this.turn()));
  }

  async run(prompt = '', stop = new Stop()): Promise<AttachEnd> {
    return this.#ended(await runTurn(this.#attach(prompt, stop)));
  }

  async task(prompt = '', stop = new Stop()): Promise<AttachEnd> {
    return this.#ended(await taskTurn(this.#attach(prompt, stop)));
  }

  turn(stop = new Stop()): RunTurn {
    this.shown = [];
    return {
      orchestrator: this.rig.engine,
      clock: this.clock,
      cancellation: stop,
      answer: () => ({ write: (ops) => void this.shown.push(...ops), drained: () => Promise.resolve() }),
      presenter: { isFile: () => false, isOnlyEmbedded: false, isHere: (name) => this.folders.isHere(name) },
      notes: [],
      onAttached: (run) => this.notice.attach(run),
    };
  }

  /** What the turn's last markdown says. */
  get said(): string {
    const texts = this.shown.flatMap((op) => (op.kind === 'markdown' ? [op.text] : []));
    return texts.join('');
  }

  get buttons(): readonly string[] {
    return this.shown.flatMap((op) => (op.kind === 'button' ? [op.title] : []));
  }

  #attach(prompt: string, stop: Stop): AttachTurn {
    const run = this.turn(stop);
    const { engine, journal } = this.rig;
    return {
      opened: { orchestrator: engine, journal, feed: this.#feed, folders: this.folders },
      past: this.past,
      prompt,
      run,
      progress: (text) => void this.shown.push({ kind: 'progress', text }),
    };
  }

  #ended<T extends TurnEnd | AttachEnd>(end: T): T {
    const waits = 'waits' in end && end.waits !== undefined;
    if ('run' in end && end.run !== undefined)
      this.past.push({ kind: 'response', markdown: '', run: end.run, waited: waits });
    return end;
  }
}

const answering = (): ScriptedBackend =>
  new ScriptedBackend({ id: 'one' }, (_request, prompt) => ({
    text: `Heard: ${/tabs|blanks/.exec(prompt)?.[0] ?? 'nothing'}`,
  }));

const kindOf = (end: AttachEnd): unknown =>
  end.kind === 'run' ? [end.run, end.waits ?? 'ended', end.error] : end.kind;

describe('a chat turn', () => {
  it('ends when the plan waits, without a call, and /run lets it go on in a new turn', async () => {
    const one = answering();
    const chat = new Chat([one]);
    assert.deepEqual(await chat.ask({ isDraft: true }), { run: 'run-1', error: undefined, waits: 'plan' });
    assert.deepEqual([one.calls.length, chat.buttons], [0, ['Run', 'Edit', 'Cancel']]);
    assert.match(chat.said, /\*\*The plan waits for you\.\*\*[^]*Choose the style/);

    assert.deepEqual(kindOf(await chat.run('this plan')), ['run-1', 'tasks', undefined]);
    assert.deepEqual([one.calls.length, chat.buttons], [1, ['Answer', 'Show Tasks']]);
    assert.match(chat.said, /\*\*1 task waits for you\*\* · 1 of 3 ended[^]*Do Choose the style\\?\./);
    assert.equal(chat.rig.engine.state('run-1')?.phase, 'running', 'the run lives on');
    assert.deepEqual(chat.told, []);

    assert.deepEqual(kindOf(await chat.task('1 use tabs')), ['run-1', 'ended', undefined]);
    assert.ok(one.calls.some(({ prompt }) => prompt.includes('use tabs')));
    assert.match(chat.said, /Heard: tabs/);
    assert.deepEqual(chat.told, [], 'the turn shows the answer');
  });

  it('of /run shows an answer that no turn has shown, and a notice tells of it once', async () => {
    const chat = new Chat([answering()]);
    await chat.ask({ isDraft: true });
    const { engine } = chat.rig;
    await engine.act('run-1', { kind: 'approve' });
    await engine.act('run-1', { kind: 'say', task: 'style', text: 'blanks' });
    await engine.handle('run-1')?.finished;
    assert.deepEqual(chat.told, ['run-1 answered']);
    assert.deepEqual(kindOf(await chat.run()), ['run-1', 'ended', undefined]);
    assert.match(chat.said, /Heard: blanks[^]*Spent/);
    assert.deepEqual(kindOf(await chat.run()), 'said', 'then there is nothing left to run or to show');
    assert.deepEqual(kindOf(await chat.run('run-1')), ['run-1', 'ended', undefined], 'by its id it is shown again');
  });

  it('ends at once when the run that it looks at waits, and Stop ends the run of a turn only while the turn lasts', async () => {
    const held = new ScriptedBackend({ id: 'held' });
    const chat = new Chat([held]);
    const asked = chat.ask();
    while (held.openCalls === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    held.calls[0]?.reply({ text: 'parsed' });
    assert.equal((await asked).waits, 'tasks');
    assert.deepEqual(kindOf(await chat.run()), ['run-1', 'tasks', undefined]);

    const stop = new Stop();
    const answered = chat.task('style: tabs', stop);
    while (held.openCalls === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    stop.press();
    await answered;
    assert.deepEqual([held.openCalls, chat.rig.engine.state('run-1')?.outcome], [0, 'cancelled']);
    assert.deepEqual(chat.told, [], 'who cancelled it is not told');
  });

  it('of /task lists what waits, shows one task, and names what it cannot tell apart', async () => {
    const chat = new Chat([answering()]);
    await chat.ask();
    const said = async (prompt: string): Promise<string> => {
      const end = await chat.task(prompt);
      return end.kind === 'said'
        ? end.text
            .split('\n')
            .filter((line) => line !== '')
            .join(' | ')
        : String(kindOf(end));
    };
    assert.match(
      await said(''),
      /^\*\*1 task waits for you\*\* .*\*\*1 · Choose the style\*\* waits for your first word/,
    );
    assert.match(await said('2'), /^\*\*2 · Write the parser\*\* · completed · one \| It has ended/);
    assert.match(
      await said('style'),
      /^\*\*1 · Choose the style\*\* waits for your first word\. Its brief: \| > Do Choose the style/,
    );
    assert.match(
      await said('write: it well'),
      /^2 tasks are named write; .* \| - \*\*2\*\* Write the parser · completed \| - \*\*3\*\* Write the printer · pending$/,
    );
    assert.match(await said('nobody: hello'), /^No task is named nobody\. /);
    assert.match(await said('2 more'), /^,ended,The task has ended and hears nothing any more\./);
  });

  it('follows a run of another process to its end', async () => {
    const journal = createMemoryJournal({ clock: new ManualClock() });
    const there = engineFixture({ backends: [answering()], journal, ids: 'there' });
    const chat = new Chat([answering()], engineFixture({ backends: [answering()], journal, ids: 'here' }));
    const handle = await there.start({ text: 'Do it', plan: PLAN });
    while (there.engine.state(handle.run)?.tasks.get('style')?.status !== 'waiting')
      await new Promise<void>((resolve) => setImmediate(resolve));
    const soon = async (turn: Promise<AttachEnd>): Promise<unknown> => {
      for (let rounds = 0; rounds < 20; rounds++) await chat.clock.advance(300);
      return kindOf(await turn);
    };
    assert.deepEqual(await soon(chat.run(handle.run)), [handle.run, 'tasks', undefined]);
    assert.match(chat.said, /\*\*1 task waits for you\*\*/);
    await there.engine.act(handle.run, { kind: 'say', task: 'style', text: 'tabs' });
    await handle.finished;
    assert.deepEqual(await soon(chat.run(handle.run)), [handle.run, 'ended', undefined]);
    assert.match(chat.said, /Heard: tabs/);
  });

  it('of /run does not offer to resume a run of another folder, and says where it can be', async () => {
    const journal = createMemoryJournal({ clock: new ManualClock() });
    const there = engineFixture({ backends: [answering()], journal, ids: 'there' });
    const { run } = await there.start({ text: 'Do it', plan: PLAN });
    await there.engine.dispose();
    const { workspace } = there.engine.state(run) ?? assert.fail('no state');
    const rig = engineFixture({ backends: [answering()], journal, ids: 'here' });
    assert.equal(kindOf(await new Chat([], rig).run(run)), 'interrupted');
    const end = await new Chat([], rig, new Folders(workspace)).run(run);
    assert.match(
      end.kind === 'said' ? end.text : end.kind,
      /^The run was interrupted\. The run worked on .*, which is not open here\. Open that folder to go on with it/,
    );
  });

  it('says what to do when no run of the chat goes on', async () => {
    const chat = new Chat([answering()]);
    const ends = [await chat.run(), await chat.run('gone'), await chat.task('1 hello')];
    assert.deepEqual(
      ends.map((end) => (end.kind === 'said' ? end.text : end.kind)),
      [
        'No plan of this chat waits for you, and nothing of it goes on. Ask for a plan with `/plan` and your request.',
        'No single run is named gone. The Orchestrator view lists them.',
        'No run of this chat goes on. Open a task of an ended run from the Orchestrator view to continue it.',
      ],
    );
  });
});
