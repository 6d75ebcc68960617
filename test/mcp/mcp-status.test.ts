import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { MCP_STATUSES, RUN_STATUS, TASK_STATUS, taskMcpStatus, taskStatus } from '../../src/mcp/mcp-status.ts';
import { emptyRunState, newTask, type TaskState } from '../../src/core/run-state.ts';

const design = readFileSync(new URL('../../src/mcp/DESIGN.md', import.meta.url), 'utf8');

function written(name: string): Readonly<Record<string, string>> {
  const [, ...rest] = design.split(`| ${name} | MCP |\n| --- | --- |\n`);
  const rows = (rest.join('').split('\n\n')[0] ?? '').trim().split('\n');
  return Object.fromEntries(
    rows.map((row) =>
      row
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, 3),
    ),
  );
}

describe('the statuses of MCP', () => {
  it('has one for every status of a task and of a run, as DESIGN.md says', () => {
    assert.deepEqual(written('task'), { ...TASK_STATUS });
    assert.deepEqual(written('run'), { ...RUN_STATUS });
    for (const status of [...Object.values(TASK_STATUS), ...Object.values(RUN_STATUS)])
      assert.ok(MCP_STATUSES.includes(status));
  });

  const task = (status: TaskState['status'], earlier: readonly TaskState[] = []): TaskState => ({
    ...newTask('a', null),
    status,
    earlier,
  });
  const state = { ...emptyRunState('r'), phase: 'running' as const };
  const ENDS = ['completed', 'failed', 'cancelled', 'skipped'] as const;

  it('takes a task without an owner for one that waits for a person, and leaves ends as they are', () => {
    const gone = { state, liveness: 'interrupted' as const };
    for (const status of ['pending', 'active', 'waiting'] as const) {
      assert.equal(taskStatus(task(status), gone), 'interrupted');
      assert.equal(taskMcpStatus(task(status), gone), 'input_required');
    }
    for (const status of ENDS) assert.equal(taskStatus(task(status), gone), status);
  });

  it('never leaves an end, whatever is done anew', () => {
    const running = { state, liveness: 'running' as const };
    for (const end of ENDS) {
      for (const now of ['pending', 'active', 'waiting', ...ENDS] as const)
        assert.equal(taskMcpStatus(task(now, [task(end), task('failed')]), running), TASK_STATUS[end]);
    }
    // An attempt that a person took back before it ended was no end.
    assert.equal(taskMcpStatus(task('completed', [task('active')]), running), 'completed');
  });
});
