import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err } from '../../../src/base/result.ts';
import {
  modelNames,
  type OutsideCall,
  type OutsideTool,
  type OutsideTools,
} from '../../../src/core/agent/outside-tools.ts';
import type { ToolOutcome } from '../../../src/core/agent/tool-box.ts';
import type { AgentProfile } from '../../../src/core/agents/agent-profile.ts';
import { BUILT_IN_AGENTS } from '../../../src/core/agents/built-in-agents.ts';
import type { ChatRequest } from '../../../src/core/backend.ts';
import { journalFailure } from '../../../src/journal/journal-failure.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { worksWithTools } from '../../../src/core/agent/task-tools.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { watchAppends } from '../../support/watched-journal.ts';
import { agentFixture, byTurn, call, coder, plans, taskOf, textOf, toolsOf, uses } from './agent-rig.ts';

const CLERK: AgentProfile = {
  name: 'clerk',
  description: '',
  personality: 'You look things up.',
  tools: ['read_file', 'docs/search', 'far/post', 'docs/gone'],
  source: 'user',
};
const agents = (): readonly AgentProfile[] => [...BUILT_IN_AGENTS, CLERK];

function tool(name: string, isHere = true): OutsideTool {
  return { name, description: `What ${name} does.`, parameters: { type: 'object', properties: {} }, isHere };
}

/** The tools of two servers; what was called is in `calls`. */
class Served implements OutsideTools {
  readonly calls: OutsideCall[] = [];
  readonly #answer: (call: OutsideCall, signal: AbortSignal) => Promise<ToolOutcome>;

  constructor(answer?: (call: OutsideCall, signal: AbortSignal) => Promise<ToolOutcome>) {
    this.#answer = answer ?? (({ name }) => Promise.resolve({ isOk: true, text: `${name} found it` }));
  }

  find(names: readonly string[]): ReturnType<OutsideTools['find']> {
    const there = [tool('docs/search'), tool('far/post', false)];
    return Promise.resolve({
      tools: names.flatMap((name) => there.find((one) => one.name === name) ?? []),
      missing: names
        .filter((name) => there.every((one) => one.name !== name))
        .map((name) => ({ name, why: 'it went' })),
    });
  }

  isHere(name: string): boolean {
    return !name.startsWith('far/');
  }

  call(called: OutsideCall, signal: AbortSignal): Promise<ToolOutcome> {
    this.calls.push(called);
    return this.#answer(called, signal);
  }
}

const TASK = { id: 'a', agent: 'clerk', edits: false, capability: undefined };
const toolNames = (request: ChatRequest | undefined): readonly string[] =>
  (request?.tools ?? []).map(({ name }) => name);

describe('tools that are not ours', () => {
  it('are given to the agent that names them, also where it proposes no edits', async () => {
    const requests: ChatRequest[] = [];
    const dev = coder('dev', (request) => {
      requests.push(request);
      return byTurn({ a: [uses(call('docs__search', { query: 'port' })), { text: 'It is 8431.' }] })(request);
    });
    const outside = new Served();
    const planner = plans(TASK);
    const fixture = agentFixture({ backends: [planner, dev], agents, outside });
    await fixture.ask('go');
    assert.match(planner.calls[0]?.prompt ?? '', /- clerk: {2}\(it can call docs\/search, far\/post, docs\/gone\)/);
    const task = taskOf(fixture, 'a');
    assert.equal(textOf(task.result), 'It is 8431.');
    assert.deepEqual(toolNames(requests[0]), ['read_file', 'docs__search', 'far__post']);
    assert.deepEqual(outside.calls, [
      { run: 'run-1', name: 'docs/search', arguments: { query: 'port' }, isHere: true, localOnly: false },
    ]);
    assert.deepEqual(toolsOf(task), ['#0 docs__search ok: docs/search found it']);
    assert.deepEqual(task.missingTools, [{ name: 'docs/gone', why: 'it went' }]);
    assert.deepEqual(task.begunTools, []);
    const system = requests[0]?.messages[0]?.content ?? '';
    assert.match(system, /^You look things up\./);
    assert.match(system, /belong to other programs: docs__search, far__post/);
    assert.match(system, /could not be had: docs\/gone/);
    assert.doesNotMatch(system, /it went|How your edits work/);
  });

  it('are not there for an agent that does not name them, nor for a task without one', async () => {
    const requests: ChatRequest[] = [];
    const dev = coder('dev', (request) => {
      requests.push(request);
      return byTurn({ a: [uses(call('docs__search', {})), { text: 'done' }] })(request);
    });
    const outside = new Served();
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], agents, outside });
    await fixture.ask('go');
    assert.doesNotMatch(toolNames(requests[0]).join(), /docs/);
    assert.match(toolsOf(taskOf(fixture, 'a')).join(), /refused: There is no tool "docs__search"/);
    assert.deepEqual(outside.calls, []);
  });

  it('are on record before they are called, and never called a second time after the process ended', async () => {
    const SCRIPT = byTurn({
      a: [uses(call('docs__search', { query: 'a' }), call('docs__search', { query: 'b' })), { text: 'Reported.' }],
    });
    const whole = agentFixture({ backends: [plans(TASK), coder('dev', SCRIPT)], agents, outside: new Served() });
    await whole.ask('go');
    const total = whole.events.length;
    const doubted: number[] = [];
    for (let last = 1; last < total; last++) {
      const clock = new ManualClock();
      const journal = createMemoryJournal({ clock });
      const outside = new Served();
      const backends = [plans(TASK), coder('dev', SCRIPT)];
      let written = 0;
      const killed = watchAppends(journal, (bodies, write) => {
        written += bodies.length;
        return written > last ? Promise.resolve(err(journalFailure('Killed.', 'Resume.'))) : write();
      });
      await agentFixture({ backends, journal: killed, clock, agents, outside }).ask('go');
      const again = agentFixture({ backends, journal, clock, ids: 'second', agents, outside });
      const resumed = await again.engine.resume('run-1');
      if (!resumed.ok) continue;
      await resumed.value.finished;
      const task = taskOf(again, 'a');
      assert.equal(textOf(task.result), 'Reported.', `killed after event ${last}`);
      assert.ok(outside.calls.length <= 2, `killed after event ${last}: ${JSON.stringify(outside.calls)}`);
      const asked = outside.calls.map(({ arguments: given }) => JSON.stringify(given));
      assert.equal(new Set(asked).size, asked.length, `killed after event ${last}: one was called twice`);
      const told = toolsOf(task);
      assert.equal(told.length, 2);
      if (told.some((line) => line.includes('whether it was carried out is not known'))) doubted.push(last);
    }
    assert.equal(doubted.length, 2, 'once for each call: between its beginning and its end');
  });

  it('that are elsewhere hear nothing of what a data rule keeps here', async () => {
    const secret = new MemoryWorkspace({ 'secrets/key.ts': 'KEY\n' }, { local: ['secrets/key.ts'] });
    const outside = new Served();
    const dev = coder(
      'dev',
      byTurn({
        a: [
          uses(call('far__post', { text: 'before' })),
          uses(call('read_file', { path: 'secrets/key.ts' })),
          uses(call('far__post', { text: 'KEY' }), call('docs__search', { query: 'KEY' })),
          { text: 'done' },
        ],
      }),
      { tier: 'local' },
    );
    const fixture = agentFixture({ backends: [plans(TASK), dev], agents, outside, workspace: secret });
    await fixture.ask('go');
    assert.deepEqual(
      outside.calls.map(({ name, arguments: given }) => `${name} ${JSON.stringify(given)}`),
      ['far/post {"text":"before"}', 'docs/search {"query":"KEY"}'],
    );
    assert.match(
      toolsOf(taskOf(fixture, 'a')).join('\n'),
      /far__post refused: This was not called: a data rule .* keeps what this task has read on this machine, and far\/post is elsewhere/,
    );
  });

  it('are called off with the task, which leaves on record that one was begun', async () => {
    const clock = new ManualClock();
    const outside = new Served(
      (_called, signal) =>
        new Promise((_done, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    const fixture = agentFixture({
      backends: [plans(TASK), coder('dev', byTurn({ a: [uses(call('docs__search', {}))] }))],
      agents,
      outside,
      clock,
    });
    const handle = await fixture.start({ text: 'go' });
    await clock.advance(100);
    assert.equal(outside.calls.length, 1);
    handle.cancel();
    await clock.advance(100);
    assert.equal((await handle.finished).outcome, 'cancelled');
    assert.deepEqual(
      taskOf(fixture, 'a').begunTools.map(({ name }) => name),
      ['docs__search'],
    );
    assert.deepEqual(fixture.errors, []);
  });

  it('have names that every server takes, each once', () => {
    const wanted = ['docs/search', 'docs/search files', 'docs/search.files', `docs/${'x'.repeat(100)}`, 'ask/user'];
    const names = [...modelNames(wanted, ['docs__search']).values()];
    assert.deepEqual(names, [
      'docs__search_2',
      'docs__search_files',
      'docs__search_files_2',
      `docs__${'x'.repeat(58)}`,
      'ask__user',
    ]);
  });

  it('make a plan wait that has tasks with such tools, where plans wait that change files', async () => {
    const outside = new Served();
    const fixture = agentFixture({ backends: [plans(TASK), coder('dev', byTurn({}))], agents, outside });
    const handle = await fixture.start({ text: 'go' }, { approval: 'whenItWrites' });
    await new Promise((done) => setImmediate(done));
    const state = fixture.engine.state(handle.run);
    assert.deepEqual([state?.phase, state?.waiting?.why], ['approving', 'acts']);
    handle.cancel();
    await handle.finished;
  });

  it('leave a planner in the dark about what must stay here, when they are elsewhere', async () => {
    const workspace = new MemoryWorkspace({ 'secret.md': 'TOPSECRET\n' }, { local: ['secret.md'] });
    const prompts = async (profiles: readonly AgentProfile[]): Promise<string> => {
      const planner = plans({ ...TASK, agent: undefined });
      const all = [planner, coder('dev', byTurn({}))].map((one) => {
        Object.assign(one.description, { tier: 'local' });
        return one;
      });
      const fixture = agentFixture({ backends: all, agents: () => profiles, outside: new Served(), workspace });
      await fixture.ask('go', {}, { files: ['secret.md'] });
      return planner.calls[0]?.prompt ?? '';
    };
    assert.match(await prompts(BUILT_IN_AGENTS), /TOPSECRET/);
    assert.doesNotMatch(await prompts([...BUILT_IN_AGENTS, CLERK]), /TOPSECRET/);
  });

  it('may be asked the same again and again: what they answer may change', async () => {
    const turns = Array.from({ length: 8 }, () => uses(call('docs__search', { query: 'ready?' })));
    const outside = new Served();
    const backends = [plans(TASK), coder('dev', byTurn({ a: [...turns, { text: 'It is ready.' }] }))];
    const fixture = agentFixture({ backends, agents, outside });
    await fixture.ask('go');
    assert.equal(outside.calls.length, 8);
    assert.equal(textOf(taskOf(fixture, 'a').result), 'It is ready.');
  });

  it('do not keep a task from reading its inputs in parts, unless its agent can read on by itself', () => {
    const spec = {
      id: 'a',
      title: '',
      objective: '',
      mode: 'autonomous',
      dependsOn: [],
      inputs: [{ path: 'a.md' }],
    } as const;
    assert.equal(worksWithTools(spec, CLERK), true);
    assert.equal(worksWithTools(spec, { ...CLERK, tools: ['docs/search'] }), false);
    assert.equal(worksWithTools({ ...spec, inputs: [] }, { ...CLERK, tools: ['docs/search'] }), true);
    assert.equal(worksWithTools({ ...spec, supervises: true }, CLERK), false);
  });

  it('that were begun are in doubt also where their server is not there any more', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const backends = [
      plans(TASK),
      coder('dev', byTurn({ a: [uses(call('docs__search', {})), { text: 'Reported.' }] })),
    ];
    let isDead = false;
    const killed = watchAppends(journal, (bodies, write) => {
      isDead ||= bodies.some(({ type }) => type === 'tool.finished');
      return isDead ? Promise.resolve(err(journalFailure('Killed.', 'Resume.'))) : write();
    });
    await agentFixture({ backends, journal: killed, clock, agents, outside: new Served() }).ask('go');
    const gone: OutsideTools = {
      find: (names) => Promise.resolve({ tools: [], missing: names.map((name) => ({ name, why: 'it went' })) }),
      isHere: () => true,
      call: () => assert.fail('nothing is called'),
    };
    const again = agentFixture({ backends, journal, clock, ids: 'second', agents, outside: gone });
    const resumed = await again.engine.resume('run-1');
    assert.ok(resumed.ok);
    await resumed.value.finished;
    assert.match(toolsOf(taskOf(again, 'a')).join(), /whether it was carried out is not known/);
  });
});
