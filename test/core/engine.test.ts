import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../src/core/tokens.ts';
import { describeEvents, engineFixture, MemoryWorkspace } from '../support/engine-fixture.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { failsWith, orchestrates, planReply, works } from '../support/scripted-replies.ts';

describe('a run', () => {
  it('answers a simple request in one call and streams the answer', async () => {
    const front = new ScriptedBackend({ id: 'front' }, () => ({
      text: JSON.stringify({ decision: 'answer', answer: 'Hello there.', tasks: [] }),
    }));
    const { ask, texts, events } = engineFixture({ backends: [front] });
    const finished = await ask('hello');
    assert.equal(finished.answer, 'Hello there.');
    assert.equal(finished.outcome, 'answered');
    assert.equal(front.calls.length, 1);
    assert.equal(
      texts
        .filter((delta) => delta.task === '@answer')
        .map((delta) => delta.text)
        .join(''),
      'Hello there.',
    );
    assert.equal(
      describeEvents(events),
      `run.started
inputs.read @plan
route.decided @plan front
task.started @plan
call.started @plan#0.0 front
call.finished @plan#0.0 front
request.decided answer
task.completed @plan
run.finished answered`,
    );
  });

  it('plans, sends each task to the backend that fits, hands results on and writes one answer with what it cost', async () => {
    const planned = planReply(
      { id: 'read', capability: 'long-context', inputs: ['a.txt'] },
      { id: 'code', capability: 'code', dependsOn: ['read'], objective: 'write it' },
    );
    const front = new ScriptedBackend(
      { id: 'front', goodAt: ['reasoning'], tier: 'api', price: { inputUsdPerMTok: 10, outputUsdPerMTok: 30 } },
      orchestrates(planned),
    );
    const reader = new ScriptedBackend({ id: 'reader', goodAt: ['long-context'] }, works);
    const coder = new ScriptedBackend({ id: 'coder', goodAt: ['code'] }, works);
    const { ask } = engineFixture({
      backends: [front, reader, coder],
      workspace: new MemoryWorkspace({ 'a.txt': 'first line\nsecond line\n', 'b.txt': 'never asked for' }),
    });
    const finished = await ask('read and write', { allowApi: true });
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status} ${task.backend}`),
      ['read completed reader', 'code completed coder'],
    );
    assert.match(reader.calls[0]?.prompt ?? '', /file a\.txt>>\n1\| first line\n2\| second line\n/);
    assert.doesNotMatch(
      reader.calls[0]?.prompt ?? '',
      /read and write|never asked for/,
      'a task sees its brief and inputs, not the request or other files',
    );
    assert.match(coder.calls[0]?.prompt ?? '', /result of the task "T">>\nread done\n/);
    assert.match(front.calls[1]?.prompt ?? '', /read done[\s\S]*code done/);
    const charged = front.calls.map(
      (call) =>
        (estimateTokens(call.prompt) * 10 +
          estimateTokens(call.request.key.task === '@plan' ? planned.text : 'The answer.') * 30) /
        1e6,
    );
    assert.equal(finished.spent.usd.toFixed(9), charged.reduce((sum, usd) => sum + usd, 0).toFixed(9));
    assert.equal(finished.spent.iterations, 4);
    assert.equal(finished.outcome, 'answered');
  });

  it('starts a task the moment what it needs is done, while others go on', async () => {
    const front = new ScriptedBackend(
      { id: 'front', maxConcurrency: 9 },
      orchestrates(
        planReply(
          { id: 'slow', target: 'held' },
          { id: 'quick', target: 'held' },
          { id: 'next', target: 'held', dependsOn: ['quick'] },
        ),
      ),
    );
    const held = new ScriptedBackend({ id: 'held', canOrchestrate: false });
    const clock = new ManualClock();
    const { start } = engineFixture({ backends: [front, held], clock });
    const handle = await start({ text: 'go' });
    await clock.flush();
    await clock.flush();
    assert.deepEqual(
      held.calls.map((call) => call.request.key.task),
      ['quick', 'slow'],
      'the longer path first',
    );
    held.calls[0]?.reply({ text: 'quick' });
    await clock.flush();
    await clock.flush();
    assert.deepEqual(
      held.calls.map((call) => `${call.request.key.task} ${call.isOpen}`),
      ['quick false', 'slow true', 'next true'],
    );
    for (const call of held.calls) call.reply({ text: 'x' });
    assert.equal((await handle.finished).outcome, 'answered');
  });

  it('fails only what needs a failed task, tells the answer what is missing, and is partial', async () => {
    const front = new ScriptedBackend(
      { id: 'front' },
      orchestrates(
        planReply(
          { id: 'bad', target: 'broken', title: 'Bad one' },
          { id: 'needs', dependsOn: ['bad'], title: 'Needs it' },
          { id: 'fine', title: 'Fine' },
        ),
      ),
    );
    const broken = new ScriptedBackend({ id: 'broken', canOrchestrate: false }, () => failsWith('rejected'));
    const { ask, events } = engineFixture({ backends: [front, broken] });
    const finished = await ask('go');
    assert.equal(`${finished.outcome} by ${finished.stoppedBy}`, 'partial by failures');
    assert.deepEqual(
      finished.tasks.map((task) => `${task.id} ${task.status}`),
      ['bad failed', 'needs skipped', 'fine completed'],
    );
    assert.match(
      front.calls.at(-1)?.prompt ?? '',
      /Missing:\n- "Bad one": It failed \(rejected\)\.\n- "Needs it": It needs the result of "Bad one", which did not complete\./,
    );
    assert.ok(events.some((event) => event.type === 'task.skipped' && event.because === 'bad'));
  });

  it('fails over to the next fit, trying a lost connection once more first', async () => {
    const clock = new ManualClock();
    const front = new ScriptedBackend(
      { id: 'front', canDelegate: false },
      orchestrates(planReply({ id: 'a', capability: 'code' })),
    );
    const first = new ScriptedBackend({ id: 'first', goodAt: ['code'], canOrchestrate: false, costHint: 'free' }, () =>
      failsWith('connection'),
    );
    const second = new ScriptedBackend(
      { id: 'second', goodAt: ['code'], canOrchestrate: false, costHint: 'high' },
      works,
    );
    const { start, events } = engineFixture({ backends: [front, first, second], clock });
    const handle = await start({ text: 'go' });
    await clock.advance(2_000);
    assert.equal((await handle.finished).outcome, 'answered');
    assert.deepEqual(
      events
        .filter(
          (event) =>
            event.type.startsWith('call.') && 'key' in event && typeof event.key === 'object' && event.key.task === 'a',
        )
        .map((event) => describeEvents([event])),
      [
        'call.started a#0.0 first',
        'call.failed a#0.0 first connection -> retry',
        'call.started a#0.1 first',
        'call.failed a#0.1 first connection -> next-backend',
        'call.started a#0.2 second',
        'call.finished a#0.2 second',
      ],
    );
  });

  it('rests a rate-limited backend and sends the siblings elsewhere without calling it again', async () => {
    const front = new ScriptedBackend(
      { id: 'front', canDelegate: false },
      orchestrates(planReply(...['a', 'b', 'c', 'd'].map((id) => ({ id, capability: 'code' })))),
    );
    const limited = new ScriptedBackend(
      { id: 'limited', goodAt: ['code'], canOrchestrate: false, maxConcurrency: 1, costHint: 'free' },
      () => failsWith('rate-limited', { retryAfterMs: 3_600_000 }),
    );
    const other = new ScriptedBackend(
      { id: 'other', goodAt: ['code'], canOrchestrate: false, maxConcurrency: 1, costHint: 'high' },
      works,
    );
    const { ask } = engineFixture({ backends: [front, limited, other] });
    assert.equal((await ask('go')).outcome, 'answered');
    assert.equal(limited.calls.length, 1);
    assert.equal(other.calls.length, 4);
  });

  it('gives a faulty plan one repair turn that names all faults', async () => {
    const replies = [planReply({ id: 'a', dependsOn: ['ghost', 'a'] }), planReply({ id: 'a' })];
    const front = new ScriptedBackend({ id: 'front' }, ({ key }) =>
      key.task === '@plan' ? (replies[key.turn] ?? failsWith('internal')) : { text: 'ok' },
    );
    const { ask } = engineFixture({ backends: [front] });
    assert.equal((await ask('go')).outcome, 'answered');
    assert.match(
      front.calls[1]?.prompt ?? '',
      /- task "a": dependsOn names "ghost", which is no task of this plan\.\n- task "a": it depends on itself; remove that\./,
    );
  });

  it('fails clearly when the repaired plan is faulty too, and runs nothing', async () => {
    const front = new ScriptedBackend({ id: 'front' }, () => planReply({ id: 'a', dependsOn: ['ghost'] }));
    const { ask } = engineFixture({ backends: [front] });
    const finished = await ask('go');
    assert.equal(`${finished.outcome} ${finished.failure?.reason}`, 'failed bad-plan');
    assert.equal(front.calls.length, 2);
  });

  it('gives what fits nowhere back to the orchestrator, and says so in the record', async () => {
    const front = new ScriptedBackend(
      { id: 'front', canDelegate: false },
      orchestrates(planReply({ id: 'see', capability: 'vision' })),
    );
    const other = new ScriptedBackend({ id: 'other', canOrchestrate: false }, works);
    const { ask, events } = engineFixture({ backends: [front, other] });
    const finished = await ask('go');
    assert.deepEqual(
      finished.tasks.map((task) => `${task.status} ${task.backend}`),
      ['completed front'],
    );
    assert.ok(
      events.some(
        (event) => event.type === 'route.decided' && event.task === 'see' && event.decision.kind === 'no_fit',
      ),
    );
  });

  it('gives what fits nowhere in a given plan to the best orchestrator there is', async () => {
    const front = new ScriptedBackend({ id: 'front', goodAt: ['reasoning'] }, orchestrates(planReply()));
    const other = new ScriptedBackend({ id: 'other', canOrchestrate: false }, works);
    const task = {
      id: 'see',
      title: 'See',
      objective: 'o',
      mode: 'autonomous' as const,
      dependsOn: [],
      inputs: [],
      capability: 'vision',
    };
    const finished = await engineFixture({ backends: [front, other] }).ask(
      'go',
      {},
      { plan: { request: 'go', tasks: [task] } },
    );
    assert.deepEqual(
      finished.tasks.map(({ status, backend }) => `${status} ${backend}`),
      ['completed front'],
    );
    const nobody = await engineFixture({ backends: [other] }).ask('go', {}, { plan: { request: 'go', tasks: [task] } });
    assert.equal(nobody.failure?.reason, 'no-fit');
  });

  it('names the roster and the way out when nobody may orchestrate', async () => {
    const { ask } = engineFixture({ backends: [new ScriptedBackend({ id: 'paid', tier: 'api' }, works)] });
    const finished = await ask('go');
    assert.equal(finished.failure?.reason, 'no-orchestrator');
    assert.equal(
      finished.failure?.message,
      'No backend fits orchestrating: paid: tier api is not allowed (set orchestrator.allowApi in your user settings, or use --yes on the command line).',
    );
  });

  it('lets the user name a metered backend to orchestrate, and keeps tasks from it', async () => {
    const paid = new ScriptedBackend({ id: 'paid', tier: 'api' }, orchestrates(planReply({ id: 'a' })));
    const local = new ScriptedBackend({ id: 'local', canOrchestrate: false }, works);
    const { ask } = engineFixture({ backends: [paid, local] });
    const finished = await ask('go', {}, { orchestrator: 'paid' });
    assert.equal(finished.outcome, 'answered');
    assert.deepEqual(
      paid.calls.map((call) => call.request.key.task),
      ['@plan', '@answer'],
    );
  });

  it('keeps a file that a data rule holds here away from other backends, also in the planner prompt', async () => {
    const workspace = new MemoryWorkspace(
      { 'secrets/plan.md': 'CANARY', 'open.md': 'fine', '.env': 'KEY=CANARY' },
      { local: ['secrets/plan.md'], hidden: ['.env'] },
    );
    const cloud = new ScriptedBackend(
      { id: 'cloud', tier: 'subscription', goodAt: ['long-context'] },
      orchestrates(
        planReply(
          { id: 'a', capability: 'long-context', inputs: ['secrets/plan.md', '.env'] },
          { id: 'b', capability: 'long-context', inputs: ['open.md'] },
        ),
      ),
    );
    const { ask } = engineFixture({ backends: [cloud], workspace });
    const finished = await ask('what is in secrets?', {}, { files: ['secrets/plan.md'] });
    assert.ok(cloud.calls.every((call) => !call.prompt.includes('CANARY')));
    assert.deepEqual(
      finished.tasks.map((task) => task.status),
      ['failed', 'completed'],
    );
    assert.match(finished.failure?.message ?? '', /data rule on secrets\/plan\.md keeps its inputs on this machine/);
  });
});
