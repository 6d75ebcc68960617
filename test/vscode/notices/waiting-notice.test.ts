import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Emitter } from '../../../src/base/emitter.ts';
import type { RunEvent, RunEventBody } from '../../../src/core/run-event.ts';
import { applyEvent } from '../../../src/core/run-fold.ts';
import { emptyRunState, type RunState } from '../../../src/core/run-state.ts';
import { WaitingNotices, type Notice } from '../../../src/vscode/notices/waiting-notice.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { journaled, RUN, samplePlan } from '../../support/sample-run.ts';

class Rig {
  readonly clock = new ManualClock();
  readonly shown: Notice[] = [];
  readonly #emitter = new Emitter<RunEvent>((error) => assert.fail(String(error)));
  #state: RunState = emptyRunState(RUN);
  readonly notices = new WaitingNotices({
    clock: this.clock,
    orchestrator: { state: () => this.#state, onEvent: (listener) => this.#emitter.subscribe(listener) },
    show: (notice) => this.shown.push(notice),
  });

  emit(...bodies: readonly RunEventBody[]): void {
    for (const body of bodies) this.#take({ v: 1, seq: this.#state.lastSeq + 1, at: 1, run: RUN, ...body });
  }

  /** A plan of which every task may begin. */
  begin(from?: string): void {
    for (const event of journaled(samplePlan()))
      this.#take(event.type === 'run.started' && from !== undefined ? { ...event, from } : event);
  }

  async told(): Promise<string> {
    await this.clock.advance(10_000);
    const texts = this.shown.map(({ text }) => text);
    this.shown.length = 0;
    return texts.join('\n');
  }

  #take(event: RunEvent): void {
    this.#state = applyEvent(this.#state, event);
    this.#emitter.emit(event);
  }
}

function waits(task: string, question = '', turn = 0): RunEventBody {
  return { type: 'task.waiting', task, turn, question };
}

describe('the notice that something waits', () => {
  it('names the task and what it asks', async () => {
    const rig = new Rig();
    rig.begin();
    rig.emit({ type: 'plan.approved' }, waits('name'));
    assert.equal(await rig.told(), '"Choose a name" waits for your first word.');
    rig.emit(waits('build', 'Which\ncolour?'));
    assert.equal(await rig.told(), '"Build it" asks: Which colour?');
  });

  it('is given for a question in the first reply, too, after the wait for the first word', async () => {
    const rig = new Rig();
    rig.begin();
    rig.emit({ type: 'plan.approved' }, waits('name'));
    assert.equal(await rig.told(), '"Choose a name" waits for your first word.');
    rig.emit({ type: 'message.said', task: 'name', text: 'Begin.' }, waits('name', 'Tabs or spaces?'));
    assert.equal(await rig.told(), '"Choose a name" asks: Tabs or spaces?');
    rig.emit(waits('name', 'Tabs or spaces?'));
    assert.equal(await rig.told(), '', 'it is the same question');
  });

  it('is one for all that begin to wait at about the same time', async () => {
    const rig = new Rig();
    rig.begin();
    rig.emit({ type: 'plan.approved' }, waits('name'), waits('build', 'Which?'));
    await rig.clock.advance(400);
    rig.emit(waits('part'), waits('draw'));
    await rig.clock.advance(100);
    assert.deepEqual(rig.shown, [
      {
        kind: 'tasks',
        text: '4 tasks wait for you: "Choose a name", "Build it", "Build a part" and 1 more.',
        run: RUN,
        task: 'name',
        count: 4,
      },
    ]);
  });

  it('leaves out what was answered meanwhile', async () => {
    const rig = new Rig();
    rig.begin();
    rig.emit({ type: 'plan.approved' }, waits('name'), { type: 'message.said', task: 'name', text: 'Go.' });
    assert.equal(await rig.told(), '');
  });

  it('comes once for each wait: again for the next question and the next attempt, not for the same after a resume', async () => {
    const rig = new Rig();
    rig.begin();
    rig.emit({ type: 'plan.approved' }, waits('name'));
    assert.notEqual(await rig.told(), '');
    rig.emit({ type: 'run.resumed', inDoubt: [] }, waits('name'));
    assert.equal(await rig.told(), '');
    rig.emit({ type: 'message.said', task: 'name', text: 'Go.' }, waits('name', 'Which?', 1));
    assert.equal(await rig.told(), '"Choose a name" asks: Which?');
    rig.emit({ type: 'task.retried', task: 'name', because: null }, waits('name'));
    assert.equal(await rig.told(), '"Choose a name" waits for your first word.');
  });

  it('tells of a plan that was made from a finished run, once, and of no other', async () => {
    const asked = new Rig();
    asked.begin();
    assert.equal(await asked.told(), '');
    const made = new Rig();
    made.begin('run-0');
    made.emit({ type: 'plan.waiting', why: 'draft', estimate: null });
    assert.equal(
      await made.told(),
      'A new run of "Choose a name and build it" waits for you. Look at its plan, then run it.',
    );
  });

  it('is not shown any more when the window goes', async () => {
    const rig = new Rig();
    rig.begin();
    rig.emit({ type: 'plan.approved' }, waits('name'));
    rig.notices.dispose();
    rig.emit(waits('build'));
    assert.equal(await rig.told(), '');
    assert.equal(rig.clock.pending, 0);
  });
});
