import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { TASK_LIMITS, taskSchema } from '../../../src/core/plan/plan-shape.ts';
import { readLimit, shownLimit, type LimitName } from '../../../src/vscode/tree/typed-limit.ts';

describe('a limit of a task that a person types', () => {
  it('takes what it shows, for each limit that a plan may have', () => {
    const known: readonly (readonly [LimitName, number])[] = [
      ...Object.values(TASK_LIMITS.maxTokens).map((value) => ['maxTokens', value] as const),
      ...[...Object.values(TASK_LIMITS.maxUsd), 0.25, 0.0000001].map((value) => ['maxUsd', value] as const),
      ...[...Object.values(TASK_LIMITS.maxMs), 1_500, 1_001, 90_000].map((value) => ['maxMs', value] as const),
    ];
    for (const [name, value] of known) {
      assert.equal(readLimit(name, shownLimit(name, value)), value, `${name} ${value}`);
      assert.ok(taskSchema.shape[name].safeParse(value).success, `${name} ${value} stands in a plan`);
    }
  });

  it('is asked for in seconds, and may be left out', () => {
    assert.equal(shownLimit('maxMs', 1_500), '1.5');
    assert.equal(readLimit('maxMs', ' 0.5 '), 500);
    assert.equal(shownLimit('maxUsd', undefined), '');
    assert.equal(readLimit('maxUsd', ' '), null);
  });

  it('is refused where a plan would refuse it', () => {
    const refused: readonly (readonly [LimitName, readonly string[]])[] = [
      ['maxTokens', ['0', '1.5', '-1', '1000000001', 'many']],
      ['maxUsd', ['-0.1', '1000000.01', '$1', '1,5', 'Infinity']],
      ['maxMs', ['0', '0.0001', '-1', '1000000001', '1 s']],
    ];
    for (const [name, texts] of refused)
      for (const text of texts) assert.equal(readLimit(name, text), undefined, `${name} ${text}`);
  });
});
