import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withAgent, type AgentProfile } from '../../../src/core/agents/agent-profile.ts';
import { BUILT_IN_AGENTS } from '../../../src/core/agents/built-in-agents.ts';
import { editPlan } from '../../../src/core/plan/plan-edit.ts';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import { taskKind } from '../../../src/core/task-work.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { planReply } from '../../support/scripted-replies.ts';
import { agentFixture, byTurn, call, coder, editsOf, stateOf, taskOf, toolsOf, uses } from '../agent/agent-rig.ts';

const PLAIN: TaskSpec = { id: 'a', title: 'A', objective: 'Do A.', mode: 'autonomous', dependsOn: [], inputs: [] };
const PROFILE: AgentProfile = {
  name: 'tidy',
  description: '',
  personality: 'You are TIDY.',
  capability: 'code',
  target: 'dev',
  tools: ['read_file', 'edit_file'],
  edits: true,
  maxTokens: 900,
  source: 'user',
};

describe('the agent of a task', () => {
  it('fills in what the task leaves open, and nothing that it says', () => {
    const shown = (spec: Partial<TaskSpec>): string => {
      const { capability, target, edits, maxTokens } = withAgent({ ...PLAIN, agent: 'tidy', ...spec }, [PROFILE]);
      return `${capability} ${target} ${edits} ${maxTokens}`;
    };
    assert.equal(shown({}), 'code dev true 900');
    assert.equal(shown({ capability: 'reasoning' }), 'reasoning undefined true 900');
    assert.equal(shown({ target: 'other', edits: false, maxTokens: 5 }), 'code other false 5');
    assert.equal(withAgent(PLAIN, [PROFILE]), PLAIN);
  });

  it('fills it in when a person gives the task to it, and leaves a plan alone whose agent is gone', () => {
    const limits = { maxTasks: 9, maxEdges: 9, agents: [PROFILE] };
    const given = editPlan([PLAIN], [{ kind: 'set', task: 'a', fields: { agent: 'tidy' } }], limits);
    assert.equal(given.ok ? given.value.tasks[0]?.capability : given.error.message, 'code');
    const gone = editPlan([{ ...PLAIN, agent: 'gone' }], [{ kind: 'set', task: 'a', fields: { title: 'B' } }], limits);
    assert.equal(gone.ok ? gone.value.tasks[0]?.title : gone.error.message, 'B');
  });

  it('is one of six that are built in, of which only those that write do', () => {
    const kinds = BUILT_IN_AGENTS.map((profile) => {
      const spec = withAgent({ ...PLAIN, agent: profile.name, inputs: [{ path: 'a.ts' }] }, BUILT_IN_AGENTS);
      return `${profile.name} ${taskKind(spec)}`;
    });
    assert.deepEqual(kinds, [
      'planner reading',
      'coder code',
      'reader reading',
      'reviewer reading',
      'tester code',
      'researcher reading',
    ]);
    for (const { description, personality } of BUILT_IN_AGENTS) assert.ok(description !== '' && personality !== '');
  });

  it('stands before the rules of its prompt, with the tools that it may use and no others', async () => {
    const replies = [
      uses(call('write_file', { path: 'b.ts', text: 'x' })),
      uses(call('read_file', { path: 'a.ts' })),
      uses(call('edit_file', { path: 'a.ts', edits: [{ search: 'a = 1', replace: 'a = 2' }] })),
      { text: 'Done.' },
    ];
    const dev = coder('dev', byTurn({ a: replies }));
    const fixture = agentFixture({
      backends: [dev],
      workspace: new MemoryWorkspace({ 'a.ts': 'const a = 1;\n' }),
      agents: () => [PROFILE],
    });
    const tasks = [withAgent({ ...PLAIN, agent: 'tidy' }, [PROFILE])];
    const finished = await fixture.ask('go', { synthesis: false }, { plan: { request: 'go', tasks } });
    assert.equal(finished.outcome, 'answered');
    const [first] = dev.calls;
    assert.match(first?.request.messages[0]?.content ?? '', /^You are TIDY\.\n\nYou do one task\./);
    assert.deepEqual(first?.request.tools?.map(({ name }) => name).toSorted(), ['edit_file', 'read_file']);
    assert.deepEqual(toolsOf(taskOf(fixture, 'a')), [
      '#0 write_file refused: You may not use write_file. Your tools are read_file, edit_file. Go on without it, and say in your report what is left open by that.',
      '#1 read_file ok: a.ts, lines 1-1 of 1',
      '#2 edit_file ok: Changed a.ts: 1 line added, 1 line removed.',
    ]);
    assert.deepEqual(editsOf(taskOf(fixture, 'a')), ['#2 write a.ts: "const a = 2;\\n"']);
  });

  it('is chosen by the planner, who is told which there are; one that it makes up is a fault of its plan', async () => {
    const planned = (agent: string): string => planReply({ id: 'a', agent }).text;
    const front = new ScriptedBackend({ id: 'front', canDelegate: false }, ({ key }) => ({
      text: key.task === '@plan' ? planned(key.turn === 0 ? 'nobody' : 'tidy') : 'The answer.',
    }));
    const dev = coder('dev', byTurn({ a: [{ text: 'Nothing is to be done.' }] }));
    const told = { ...PROFILE, description: 'Puts things in order.' };
    const fixture = agentFixture({ backends: [front, dev], agents: () => [told] });
    const finished = await fixture.ask('go');
    assert.match(front.calls[0]?.prompt ?? '', /- tidy: Puts things in order\./);
    assert.match(front.calls[1]?.prompt ?? '', /agent "nobody" is not defined; use one of tidy, or leave agent out/);
    assert.equal(finished.outcome, 'answered');
    assert.match(dev.calls[0]?.request.messages[0]?.content ?? '', /^You are TIDY\./);
  });

  it('that is not there any more fails its task, which says where it would be defined', async () => {
    const fixture = agentFixture({
      backends: [new ScriptedBackend({ id: 'w' }, () => ({ text: 'x' }))],
      agents: () => [],
    });
    const tasks = [{ ...PLAIN, agent: 'gone' }];
    const finished = await fixture.ask('go', { synthesis: false }, { plan: { request: 'go', tasks } });
    assert.equal(finished.outcome, 'failed');
    const { failure } = taskOf(fixture, 'a');
    assert.equal(failure?.message, 'There is no agent "gone".');
    assert.match(failure?.whatToDo ?? '', /orchestrator\.agents/);
    assert.equal(stateOf(fixture).spent.iterations, 0);
  });

  it('makes another key of its task when it is another one, and the same when it is the same', async () => {
    const keyWith = async (profile: AgentProfile): Promise<string> => {
      const fixture = agentFixture({
        backends: [new ScriptedBackend({ id: 'w' }, () => ({ text: 'x' }))],
        agents: () => [profile],
      });
      await fixture.ask('go', { synthesis: false }, { plan: { request: 'go', tasks: [{ ...PLAIN, agent: 'tidy' }] } });
      const ended = fixture.events.find((event) => event.type === 'task.completed');
      return ended?.type === 'task.completed' ? (ended.key ?? '') : '';
    };
    const plain = { ...PROFILE, target: 'w' };
    const key = await keyWith(plain);
    assert.match(key, /^[0-9a-f]{64}$/);
    assert.equal(await keyWith({ ...plain, description: 'other words' }), key);
    assert.notEqual(await keyWith({ ...plain, personality: 'You are MESSY.' }), key);
  });
});
