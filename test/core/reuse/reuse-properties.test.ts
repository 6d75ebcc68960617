import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'mocha';
import type { TaskSpec } from '../../../src/core/plan/plan.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { LineageRig, task } from './reuse-rig.ts';

/** A task of a random plan: what it says, in which words it is asked, and whether it heeds the results that it needs. */
interface Drawn {
  readonly says: number;
  readonly wording: number;
  readonly heeds: boolean;
  readonly needs: readonly number[];
}

const drawnTask = fc.record({
  says: fc.nat(3),
  wording: fc.nat(2),
  heeds: fc.boolean(),
  needs: fc.array(fc.nat(30), { maxLength: 3 }),
});
const drawnPlan = fc.array(drawnTask, { minLength: 1, maxLength: 14 });
const drawnChanges = fc.array(fc.record({ at: fc.nat(30), says: fc.nat(3), wording: fc.nat(2) }), { maxLength: 4 });

function needsOf(plan: readonly Drawn[], index: number): readonly number[] {
  if (index === 0) return [];
  return [...new Set((plan[index]?.needs ?? []).map((need) => need % index))];
}

function specs(plan: readonly Drawn[]): readonly TaskSpec[] {
  return plan.map(({ says, wording, heeds }, index) =>
    task(`t${index}`, {
      objective: `Wording ${wording}: say ${says}, ${heeds ? 'heed' : 'ignore'} the results.`,
      dependsOn: needsOf(plan, index).map((need) => `t${need}`),
    }),
  );
}

/** What a model makes of a brief and the results below it. */
function resultOf(says: number, heeds: boolean, results: readonly string[]): string {
  const heard = heeds
    ? createHash('sha256')
        .update([...results].sort().join())
        .digest('hex')
        .slice(0, 12)
    : '';
  return `R[${says}${heard}]`;
}

function resultsOf(plan: readonly Drawn[]): readonly string[] {
  const results: string[] = [];
  for (const [index, { says, heeds }] of plan.entries())
    results.push(
      resultOf(
        says,
        heeds,
        needsOf(plan, index).map((need) => results[need] ?? ''),
      ),
    );
  return results;
}

function changed(
  plan: readonly Drawn[],
  changes: readonly { readonly at: number; readonly says: number; readonly wording: number }[],
): readonly Drawn[] {
  return plan.map((one, index) => {
    const change = changes.find(({ at }) => at % plan.length === index);
    return change === undefined ? one : { ...one, says: change.says, wording: change.wording };
  });
}

/** Those whose brief is another one, and those that are shown another result than before. */
function toBeDone(before: readonly Drawn[], after: readonly Drawn[]): readonly string[] {
  const [was, is] = [resultsOf(before), resultsOf(after)];
  const [old, now] = [specs(before), specs(after)];
  return after.flatMap((_, index) => {
    const isBriefNew = old[index]?.objective !== now[index]?.objective;
    return isBriefNew || needsOf(after, index).some((need) => was[need] !== is[need]) ? [`t${index}`] : [];
  });
}

describe('a plan that is run again', () => {
  it('does what was changed and what is shown another result by that, and comes to what doing all of it comes to', async () => {
    await fc.assert(
      fc.asyncProperty(drawnPlan, drawnChanges, async (plan, changes) => {
        const rig = new LineageRig({
          script: ({ key }, prompt) => {
            const [, says, heeds] = /say (\d+), (heed|ignore)/.exec(prompt) ?? [];
            if (key.task === '@answer') return { text: `Answer ${(prompt.match(/R\[\w+\]/g) ?? []).join(' ')}` };
            return { text: resultOf(Number(says), heeds === 'heed', prompt.match(/R\[\w+\]/g) ?? []) };
          },
        });
        const after = changed(plan, changes);
        await rig.run(specs(plan));
        const answered = await rig.run(specs(after));
        const expected = toBeDone(plan, after);
        assert.deepEqual(rig.done, [...expected, ...(expected.length === 0 ? [] : ['@answer'])].sort());
        assert.deepEqual(
          [...rig.state.tasks.values()].map(({ result }) => result),
          resultsOf(after),
        );
        assert.equal(answered.answer, `Answer ${resultsOf(after).join(' ')}`);
        assert.equal(rig.state.spent.iterations, rig.done.length);
        await rig.run(specs(after));
        assert.deepEqual(rig.done, []);
        assert.deepEqual(rig.fixture.errors, []);
      }),
      propertyOptions('plans that are run again', 2),
    );
  });
});
