import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MOST_TURNS } from '../../../src/core/agent/turn-limits.ts';
import type { ToolCall } from '../../../src/core/backend.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { fc, propertyOptions, seededRandom } from '../../support/properties.ts';
import type { ScriptedReply } from '../../support/scripted-backend.ts';
import { failsWith } from '../../support/scripted-replies.ts';
import { agentFixture, call, coder, plans, sizeOf, stateOf, uses } from './agent-rig.ts';

const SMALL = Array.from({ length: 30 }, (_, line) => `const value${line} = ${line};`).join('\n');
const LARGE = Array.from({ length: 900 }, (_, line) => `export function name${line}() { return ${line}; }`).join('\n');
const FILES = {
  'a.ts': SMALL,
  'b.ts': LARGE,
  'c.ts': `${LARGE}\n${LARGE}`,
  'src/d.ts': 'a\u202E'.repeat(900),
  'e.json': '{}\n',
};
const PATHS = [...Object.keys(FILES), 'new.ts', 'nowhere.ts', '../out.ts'];

/** A model that does anything: sensible calls, wild ones, many at once, long texts, failures, and now and then an end. */
function wildModel(random: () => number): () => ScriptedReply {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] ?? assert.fail();
  const oneCall = (index: number): ToolCall => {
    const path = pick(PATHS);
    const id = random() < 0.3 ? 'same' : `c${index}-${Math.floor(random() * 1e6)}`;
    return pick([
      () => call('read_file', { path }, id),
      () => call('read_file', { path, startLine: 1 + Math.floor(random() * 300) }, id),
      () => call('write_file', { path, text: pick([SMALL, LARGE, '', `x${random()}\n`]) }, id),
      () =>
        call(
          'edit_file',
          { path, edits: [{ search: 'value1 = 1', replace: `value1 = ${Math.floor(random() * 9)}` }] },
          id,
        ),
      () => call('delete_file', { path }, id),
      () => call('rename_file', { path, to: pick(PATHS) }, id),
      () => call('search_files', { query: pick(['name', 'value1', 'x', '.']), isRegex: random() < 0.3 }, id),
      () => call('list_files', random() < 0.5 ? {} : { glob: pick(['**/*.ts', 'src', '{a,b}.ts']) }, id),
      () => call(pick(['no_such_tool', 'x'.repeat(300)]), { deep: [[[[1]]]] }, id),
    ])();
  };
  return () => {
    const dice = random();
    if (dice < 0.06) return { text: 'All done.' };
    if (dice < 0.08) return { text: LARGE.slice(0, 4_000), finish: 'length' };
    if (dice < 0.12) return failsWith(pick(['rejected', 'refused-by-model', 'context-overflow'] as const));
    const count = random() < 0.1 ? Math.floor(random() * 50) : 1 + Math.floor(random() * 3);
    return {
      ...uses(...Array.from({ length: count }, (_, index) => oneCall(index))),
      text: pick(['', 'Let me look.', SMALL]),
    };
  };
}

describe('any code task', () => {
  it('ends within its limits, shows no backend more than its window takes, and leaves edits that can be followed @scale', async () => {
    const world = fc.record({
      seed: fc.integer(),
      windows: fc.array(fc.integer({ min: 7_000, max: 40_000 }), { minLength: 1, maxLength: 3 }),
      maxOutputTokens: fc.integer({ min: 300, max: 8_000 }),
      inputs: fc.subarray(Object.keys(FILES)),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ seed, windows, maxOutputTokens, inputs }) => {
        const reply = wildModel(seededRandom(seed));
        const devs = windows.map((contextWindow, index) =>
          coder(`dev-${index}`, reply, { contextWindow, maxOutputTokens, maxConcurrency: 1 }),
        );
        const tasks = [{ id: 'a', inputs }, { id: 'b' }, { id: 'c', dependsOn: ['a', 'b'] }];
        const clock = new ManualClock();
        const workspace = new MemoryWorkspace(FILES);
        const fixture = agentFixture({ backends: [plans(...tasks), ...devs], workspace, clock });
        const handle = await fixture.start({ text: 'go' });
        let isOver = false;
        void handle.finished.then(() => (isOver = true));
        // Backends that failed rest; nobody waits for them in real time.
        while (!isOver) await clock.advance(clock.nextInMs ?? 0);
        assert.deepEqual(fixture.errors, []);
        for (const { request, backend } of devs.flatMap((dev) => dev.calls)) {
          const { contextWindow = 0 } = devs.find(({ description }) => description.id === backend)?.description ?? {};
          const size = sizeOf(request);
          assert.ok(size <= request.inputTokensEstimate, `${size} > ${request.inputTokensEstimate}`);
          assert.ok(
            size + request.maxOutputTokens <= contextWindow,
            `${size} + ${request.maxOutputTokens} > ${contextWindow}`,
          );
          assert.ok(request.key.turn < MOST_TURNS);
        }
        for (const task of stateOf(fixture).tasks.values()) {
          const ids = task.tools.map(({ turn, call: id }) => `${turn} ${id}`);
          assert.equal(new Set(ids).size, ids.length);
          for (const { path } of task.edits) {
            const known = task.based.some((base) => base.path === path) || task.edits.some(({ to }) => to === path);
            assert.ok(known, `${path} stands on nothing`);
          }
        }
      }),
      propertyOptions('code tasks', 20),
    );
  }).timeout(60_000);
});
