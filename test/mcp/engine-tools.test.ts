import assert from 'node:assert/strict';
import type { AgentProfile } from '../../src/core/agents/agent-profile.ts';
import { describe, it } from 'mocha';
import { deliverableSchema } from '../../src/core/deliverable/deliverable.ts';
import { CallerSession } from '../../src/mcp/caller-session.ts';
import type { EngineTool } from '../../src/mcp/engine-tool.ts';
import { lowerLimits } from '../../src/mcp/lowered-options.ts';
import type { Limits } from '../../src/core/run-request.ts';
import { assertGolden } from '../support/golden.ts';
import { fc, propertyOptions } from '../support/properties.ts';
import { ScriptedBackend } from '../support/scripted-backend.ts';
import { works } from '../support/scripted-replies.ts';
import { shownDeliverable } from '../../src/mcp/deliverable-shown.ts';
import { callOf } from '../core/control/talk-rig.ts';
import { toolRig } from './tool-rig.ts';

const CALLS: readonly (readonly [string, object])[] = [
  ['call_agent', { task: 'x' }],
  ['delegate_many', { tasks: [{ task: 'x' }] }],
  ['list_targets', {}],
  ['get_task_status', { task: 'subtask:/run-1' }],
  ['reply_to_task', { task: 'subtask:/run-1/task', message: 'Hi' }],
  ['cancel_task', { task: 'subtask:/run-1' }],
];

/** All seven. */
function withSupervisor(): readonly EngineTool[] {
  const delegate = { deliverable: deliverableSchema, start: () => assert.fail('it is only listed') };
  return toolRig({ backends: [], deps: { delegate } }).tools;
}

describe('the tools of the engine', () => {
  it('say what they are and what they take', () => {
    const tools = withSupervisor();
    const shown = tools.map((tool) => ({ ...tool, run: undefined }));
    assertGolden('mcp-tools.json', `${JSON.stringify(shown, null, 2)}\n`);
  });

  it('show a deliverable in a form that takes all that may be asked for', () => {
    const asked = [
      { kind: 'file-exists', path: 'a', isNew: true },
      { kind: 'file-contains', path: 'a', text: 'b' },
      { kind: 'file-matches', path: 'a', pattern: 'b', ignoreCase: true },
      { kind: 'output-json', schema: { type: 'object' } },
      { kind: 'citations-verified', atLeast: 2 },
    ];
    const nested = { kind: 'all-of', checks: [...asked, { kind: 'any-of', checks: asked }] };
    for (const deliverable of [...asked, nested]) {
      assert.deepEqual(deliverableSchema.parse(deliverable), deliverable);
      assert.deepEqual(shownDeliverable.parse(deliverable), deliverable);
    }
  });

  it('have schemas that any client can read: objects, closed, without references or unions', () => {
    for (const { inputSchema, outputSchema } of withSupervisor()) {
      for (const schema of [inputSchema, outputSchema]) {
        assert.deepEqual([schema.type, schema['additionalProperties']], ['object', false]);
        assert.doesNotMatch(JSON.stringify(schema), /"(\$ref|\$defs|anyOf|oneOf|allOf|not)"/);
      }
    }
  });

  for (const [name, input] of CALLS) {
    it(`refuse unknown arguments by name, and do nothing: ${name}`, async () => {
      const backend = new ScriptedBackend({ id: 'a' }, works);
      const { call, fixture } = toolRig({ backends: [backend] });
      const told = await call(name, { ...input, cwd: '/etc', maxUsd: 1e9 });
      assert.equal(told.isError, true);
      assert.match(told.text, /nothing was started\.\n\w+: unknown field "cwd", "maxUsd"; the fields are /);
      assert.deepEqual([fixture.engine.runs().length, backend.calls.length], [0, 0]);
    });

    it(`refuse what is no object: ${name}`, async () => {
      const { call } = toolRig({ backends: [] });
      for (const wrong of [null, 'text', 7, [], [input]])
        assert.match((await call(name, wrong)).text, /expected an object, got (null|text|a number|a list)/);
    });
  }

  it('take null for what is left out, as models write it', async () => {
    const { call } = toolRig({ backends: [new ScriptedBackend({ id: 'a' }, works)] });
    const nothing = { agent: null, target: null, capability: null, files: null, context: null, maxTokens: null };
    assert.equal((await call('call_agent', { task: 'x', ...nothing, background: null })).said['status'], 'ok');
    const many = await call('delegate_many', {
      tasks: [{ task: 'x', ...nothing, dependsOn: null }],
      maxConcurrency: null,
    });
    assert.equal(many.said['status'], 'done');
  });

  it('never raise a limit of the user', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 1_000 }), { nil: undefined });
    const limits = fc.record({ maxUsd: limit, maxTokens: limit, maxIterations: limit, maxMs: limit });
    fc.assert(
      fc.property(limits, limits, (own, asked) => {
        const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as Limits;
        const lowered = lowerLimits(given, asked);
        for (const name of ['maxUsd', 'maxTokens', 'maxIterations', 'maxMs'] as const) {
          assert.ok((lowered[name] ?? Infinity) <= (own[name] ?? Infinity));
          assert.equal(
            lowered[name],
            Math.min(own[name] ?? Infinity, asked[name] ?? Infinity) === Infinity
              ? undefined
              : Math.min(own[name] ?? Infinity, asked[name] ?? Infinity),
          );
        }
      }),
      propertyOptions('lowered limits'),
    );
  });

  it('spend no more than the user allows, whatever the arguments', async () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.double(),
      fc.constant(null),
      fc.boolean(),
      fc.constant('a'),
      fc.constant(1e9),
    );
    const work = fc.record(
      {
        task: fc.oneof(fc.constant('x'), value),
        target: value,
        capability: value,
        maxTokens: value,
        budget: value,
        cwd: value,
        context: value,
      },
      { requiredKeys: ['task'] },
    );
    const LIMIT = 600;
    /** About a call and a half. */
    const SESSION_USD = 0.000_5;
    await fc.assert(
      fc.asyncProperty(
        fc.array(work, { minLength: 1, maxLength: 5 }),
        fc.oneof(fc.constant(undefined), value),
        async (tasks, maxConcurrency) => {
          const a = new ScriptedBackend({ id: 'a', price: { inputUsdPerMTok: 1, outputUsdPerMTok: 1 } }, () => ({
            text: 'word '.repeat(50),
          }));
          const never = new ScriptedBackend({ id: 'never', tier: 'api' }, works);
          const { call, fixture } = toolRig({ backends: [a, never], options: { limits: { maxTokens: LIMIT } } });
          const session = new CallerSession(() => SESSION_USD);
          const many = { tasks, ...(maxConcurrency === undefined ? {} : { maxConcurrency }) };
          await Promise.all([
            call('call_agent', tasks[0], { session }),
            call('delegate_many', many, { session }),
            call('call_agent', { task: 'x' }, { session }),
          ]);
          const usd = fixture.engine.runs().reduce((sum, { spent }) => sum + spent.usd, 0);
          assert.ok(usd <= SESSION_USD, `the session spent ${usd}`);
          for (const { spent } of fixture.engine.runs()) assert.ok(spent.tokens.input + spent.tokens.output <= LIMIT);
          assert.equal(never.calls.length, 0);
        },
      ),
      propertyOptions('spend under any arguments', 2),
    );
  });
});

describe('list_targets', () => {
  it('lists the roster as a menu, as it is now, without addresses, models and secrets', async () => {
    const backends = [
      new ScriptedBackend(
        { id: 'lap', goodAt: ['grunt'], maxConcurrency: 2, contextWindow: 8_000, model: 'secret-model' },
        works,
      ),
      new ScriptedBackend(
        { id: 'far', goodAt: ['code'], tier: 'subscription', host: 'far.example.com', costHint: 'low' },
        works,
      ),
      new ScriptedBackend(
        { id: 'paid', goodAt: ['reasoning'], tier: 'api', price: { inputUsdPerMTok: 3, outputUsdPerMTok: 15 } },
        works,
      ),
      new ScriptedBackend({ id: 'off', enabled: false }, works),
    ];
    const agents = (): readonly AgentProfile[] => [
      { name: 'poet', description: 'Writes verse.', personality: 'secret-personality', source: 'user' },
    ];
    const { call } = toolRig({ backends, agents, deps: { isHostAllowed: (host) => host !== 'far.example.com' } });
    const { said, text } = await call('list_targets');
    assert.deepEqual(said['capabilities'], ['grunt']);
    assert.equal(
      text,
      [
        'lap: ready · good at grunt · local · free · reads 8,000 tokens · 2 of 2 slots free',
        'far: unavailable (The user has not allowed its host.) · good at code · subscription · low · 4 of 4 slots free',
        'paid: unavailable (The user does not allow metered backends.) · good at reasoning · api · $3 in / $15 out per million tokens · 4 of 4 slots free',
        'off: unavailable (The user disabled it.) · good at general work · local · free · 4 of 4 slots free',
        '',
        'Agents:',
        'poet: Writes verse.',
      ].join('\n'),
    );
    assert.doesNotMatch(JSON.stringify({ said, text }), /secret-|far\.example/);
  });

  it('says which slots are taken and who is resting', async () => {
    const busy = new ScriptedBackend({ id: 'busy', maxConcurrency: 2, canOrchestrate: false });
    const tired = new ScriptedBackend({ id: 'tired' }, () => ({
      failure: {
        reason: 'unauthorized',
        message: 'The key of far.example.com is wrong.',
        whatToDo: 'Mend it.',
        retryable: false,
      },
    }));
    const { call } = toolRig({ backends: [busy, tired] });
    await call('call_agent', { task: 'x', target: 'tired' });
    await call('call_agent', { task: 'x', target: 'busy', background: true });
    await callOf(busy, 0);
    const lines = (await call('list_targets')).text.split('\n');
    assert.match(lines[0] ?? '', /^busy: ready .* 1 of 2 slots free$/);
    assert.match(lines[1] ?? '', /^tired: resting \(It failed lately and is left alone for a while\.\)/);
  });
});
