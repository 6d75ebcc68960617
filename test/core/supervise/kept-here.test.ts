import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isLocalOnlyRun } from '../../../src/core/local-only.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { failsWith } from '../../support/scripted-replies.ts';
import type { ScriptedBackend } from '../../support/scripted-backend.ts';
import {
  boss,
  brief,
  call,
  delegateAll,
  endOf,
  hands,
  replies,
  superviseFixture,
  supervisorOf,
  uses,
} from './supervise-rig.ts';

const SECRET = 'The key is 7731.';
const workspace = new MemoryWorkspace({ 'secrets/key.md': SECRET, 'open.md': 'Open.' }, { local: ['secrets/key.md'] });
const readSecret = uses(call('spawn', brief('read it', { files: ['secrets/key.md'] })));
const waitAll = uses(call('wait', { all: true }));
const submit = uses(call('submit_result', { output: 'Done.' }));

function prompts(backend: ScriptedBackend): string {
  return backend.calls.map(({ prompt }) => prompt).join('\n');
}

/** A reader of claims. */
const quotes = {
  text: JSON.stringify({
    claims: [{ text: 'The key is 7731.', quotes: [{ path: 'secrets/key.md', line: 1, quote: SECRET }] }],
  }),
};

describe('what must stay on this machine, through a supervisor', () => {
  it('moves the supervisor that is told of it to a local backend, and keeps the workers that it briefs then', async () => {
    const script = [
      readSecret,
      waitAll,
      uses(call('spawn', brief('use 7731'), '1'), call('spawn', brief('use 7731 there', { target: 'far' }), '2')),
      waitAll,
      submit,
    ];
    const cloud = boss({ supervisor: script }, { id: 'cloud', tier: 'subscription', goodAt: ['reasoning'] });
    const local = boss({ supervisor: script }, { id: 'local', goodAt: [] });
    const farHands = hands(undefined, { id: 'far', tier: 'subscription' });
    const nearHands = hands(({ key }) => (key.task === 'w1' ? quotes : { text: 'used' }), { id: 'near', goodAt: [] });
    const fixture = superviseFixture({ backends: [cloud, local, farHands, nearHands], workspace });
    const result = await delegateAll(fixture, { orchestrator: 'cloud' });
    assert.equal(endOf(result), 'winner: Done.');
    assert.deepEqual(
      supervisorOf(fixture).calls.map(({ backend }) => backend),
      ['cloud', 'cloud', 'local', 'local', 'local'],
    );
    assert.doesNotMatch(prompts(cloud) + prompts(farHands), /7731/);
    assert.match(prompts(local), /7731/);
    assert.deepEqual(
      ['w1', 'w2'].map((id) => supervisorOf(fixture, 'run-1', id).backend),
      ['near', 'near'],
    );
    assert.match(
      supervisorOf(fixture, 'run-1', 'w3').failure?.message ?? '',
      /far: data rule on secrets\/key\.md keeps its inputs/,
    );
    assert.equal(farHands.calls.length, 0);
    const state = fixture.engine.state('run-1');
    assert.ok(state !== undefined && isLocalOnlyRun(state));
  });

  it('is withheld from a supervisor that cannot be anywhere else', async () => {
    const cloud = boss({ supervisor: [readSecret, waitAll, submit] }, { id: 'cloud', tier: 'subscription' });
    const near = hands(() => quotes, { id: 'near' });
    const fixture = superviseFixture({ backends: [cloud, near], workspace });
    assert.equal(endOf(await delegateAll(fixture)), 'winner: Done.');
    assert.doesNotMatch(prompts(cloud), /7731/);
    assert.match(
      replies(fixture)[1] ?? '',
      /w1 "read it": completed[\s\S]*stays on this machine by the data rule on secrets\/key\.md/,
    );
  });

  it('is withheld with the words of a failure, too', async () => {
    const cloud = boss({ supervisor: [readSecret, waitAll, submit] }, { id: 'cloud', tier: 'subscription' });
    const near = hands(() => ({ ...failsWith('rejected'), partialText: SECRET }), { id: 'near' });
    const fixture = superviseFixture({ backends: [cloud, near], workspace });
    await delegateAll(fixture);
    assert.doesNotMatch(prompts(cloud), /7731|It failed/);
    assert.match(replies(fixture)[1] ?? '', /Why: rejected/);
  });

  it('is not said to a worker that may go on elsewhere', async () => {
    const script = [
      uses(
        call('spawn', brief('talk', { mayAsk: true, target: 'far' }), '1'),
        call('spawn', brief('read it', { files: ['secrets/key.md'], target: 'near' }), '2'),
      ),
      uses(
        call('wait', { tasks: ['w2'] }, '3'),
        call('wait', { tasks: ['w1'], all: true }, '4'),
        call('answer', { task: 'w1', message: '7731' }, '5'),
        call('steer', { task: 'w1', message: '7731' }, '6'),
      ),
      uses(call('stop', { task: 'w1' }, '7')),
      submit,
    ];
    const local = boss({ supervisor: script });
    const far = hands(() => ({ text: 'ASK THE USER: Which key?' }), { id: 'far', tier: 'subscription' });
    const near = hands(() => quotes, { id: 'near' });
    const fixture = superviseFixture({ backends: [local, far, near], workspace });
    assert.equal(endOf(await delegateAll(fixture)), 'winner: Done.', replies(fixture).join('\n\n'));
    assert.doesNotMatch(prompts(far), /7731/);
    for (const reply of replies(fixture).filter((text) => /^(?:answer|steer)/.test(text)))
      assert.match(reply, /refused: w1 may go on elsewhere/);
  });

  it('is judged here: a verdict on such a file keeps the supervisor here', async () => {
    const script = [submit, submit];
    const cloud = boss({ supervisor: script }, { id: 'cloud', tier: 'subscription', goodAt: ['reasoning'] });
    const local = boss({ supervisor: script }, { id: 'local', goodAt: [] });
    const fixture = superviseFixture({ backends: [cloud, local], workspace });
    await delegateAll(fixture, {
      orchestrator: 'cloud',
      deliverable: { kind: 'file-contains', path: 'secrets/key.md', text: '9' },
    });
    assert.equal(cloud.calls.length, 1);
    assert.equal(supervisorOf(fixture).calls.at(-1)?.backend, 'local');
  });
});
