import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChatRequest } from '../../src/core/backend.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { engineFixture, MemoryWorkspace } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend, type ScriptedReply } from '../support/scripted-backend.ts';
import { orchestrates, planReply } from '../support/scripted-replies.ts';

const CANARY = 'CANARY-7731';

function workspace(): MemoryWorkspace {
  return new MemoryWorkspace({ 'secret.md': CANARY, 'open.md': 'fine' }, { local: ['secret.md'] });
}

/** Quotes everything it was shown: what a result gives away at the worst. */
function quotes(request: ChatRequest, prompt: string): ScriptedReply {
  return { text: `${request.key.task} saw ${prompt.includes(CANARY) ? CANARY : 'nothing'}` };
}

const cloudOf = (...tasks: readonly object[]) =>
  new ScriptedBackend(
    { id: 'cloud', tier: 'subscription', goodAt: ['reasoning', 'code'] },
    orchestrates(planReply(...tasks)),
  );
const localOf = (own: object = {}) =>
  new ScriptedBackend({ id: 'laptop', goodAt: ['reading'], canOrchestrate: false, ...own }, quotes);

describe('what was made from a file that must stay on this machine', () => {
  it('goes to no other backend through a dependency, however far, and the rule is named', async () => {
    const cloud = cloudOf(
      { id: 'read', capability: 'reading', inputs: ['secret.md'] },
      { id: 'next', capability: 'reading', dependsOn: ['read'] },
      { id: 'code', capability: 'code', dependsOn: ['next'] },
    );
    const { ask } = engineFixture({ backends: [cloud, localOf()], workspace: workspace() });
    const finished = await ask('go');
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status} ${task.backend}`),
      ['read completed laptop', 'next completed laptop', 'code failed null'],
    );
    assert.ok(cloud.calls.every((call) => !call.prompt.includes(CANARY)));
    assert.match(finished.failure?.message ?? '', /data rule on secret\.md keeps its inputs on this machine/);
  });

  it('is not shown to an answering backend elsewhere, but to the user, below the answer', async () => {
    const cloud = cloudOf(
      { id: 'read', title: 'Read it', capability: 'reading', inputs: ['secret.md'] },
      { id: 'free', title: 'Other', inputs: ['open.md'] },
    );
    const { ask, texts } = engineFixture({ backends: [cloud, localOf()], workspace: workspace() });
    const finished = await ask('go');
    const answering = cloud.calls.at(-1);
    assert.equal(answering?.request.key.task, '@answer');
    assert.ok(!JSON.stringify(answering?.request).includes(CANARY), 'neither in the messages nor in the subject');
    assert.match(answering?.prompt ?? '', /Read it[\s\S]*stays on this machine/);
    assert.match(answering?.prompt ?? '', /free saw nothing/);
    assert.equal(
      finished.answer,
      `The answer.\n\n## Read it\n\n*Kept on this machine by the data rule on secret.md, so it was not shown to cloud:*\n\nread saw ${CANARY}`,
    );
    assert.equal(
      texts
        .filter((delta) => delta.task === '@answer')
        .map((delta) => delta.text)
        .join(''),
      finished.answer,
    );
    assert.equal(finished.outcome, 'answered');
  });

  it('is put together here when there is nothing else to write from', async () => {
    const cloud = cloudOf({ id: 'read', capability: 'reading', inputs: ['secret.md'] });
    const { ask } = engineFixture({ backends: [cloud, localOf({ canOrchestrate: true })], workspace: workspace() });
    const finished = await ask('go');
    assert.equal(finished.answer, `@answer saw ${CANARY}`);
    assert.ok(cloud.calls.every((call) => call.request.key.task === '@plan'));
  });

  it('stays here after a resume, too', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const tasks = [
      { id: 'read', capability: 'reading', inputs: ['secret.md'] },
      { id: 'wait', target: 'gate' },
      { id: 'code', capability: 'code', dependsOn: ['read', 'wait'] },
    ];
    const gate = new ScriptedBackend({ id: 'gate', canOrchestrate: false });
    const first = engineFixture({
      backends: [cloudOf(...tasks), localOf(), gate],
      workspace: workspace(),
      journal,
      clock,
    });
    const handle = await first.start({ text: 'go' });
    await clock.flush();
    await clock.flush();
    await first.engine.dispose();
    const cloud = cloudOf(...tasks);
    const again = engineFixture({
      backends: [cloud, localOf(), new ScriptedBackend({ id: 'gate', canOrchestrate: false }, quotes)],
      workspace: workspace(),
      journal,
      clock,
    });
    const resumed = await again.engine.resume(handle.run);
    assert.ok(resumed.ok);
    const finished = await resumed.value.finished;
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['read completed', 'wait completed', 'code failed'],
    );
    assert.ok(cloud.calls.every((call) => !call.prompt.includes(CANARY)));
  });

  it('is not shown to a local planner either, whose briefs go elsewhere, unless all backends are local', async () => {
    const planner = new ScriptedBackend({ id: 'planner', goodAt: ['reasoning'] }, orchestrates(planReply({ id: 'a' })));
    const cloud = new ScriptedBackend({ id: 'cloud', tier: 'subscription', canOrchestrate: false }, quotes);
    const mixed = engineFixture({ backends: [planner, cloud], workspace: workspace() });
    await mixed.ask('go', {}, { files: ['secret.md'] });
    assert.match(planner.calls[0]?.prompt ?? '', /attached secret\.md/);
    assert.ok(!JSON.stringify(planner.calls[0]?.request).includes(CANARY));
    const alone = engineFixture({ backends: [planner, cloud], workspace: workspace() });
    await alone.ask('go', { localOnly: true }, { files: ['secret.md'] });
    assert.ok(planner.calls.at(-1)?.request.key.task === '@answer');
    assert.ok(planner.calls.some((call) => call.request.key.task === '@plan' && call.prompt.includes(CANARY)));
  });
});
