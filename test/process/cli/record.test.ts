/** `runs`, `show` and `resume` over a record with runs in every state. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RunWriter } from '../../../src/core/ports.ts';
import { payloadText, type RunEventBody } from '../../../src/core/run-event.ts';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SAMPLE, START_MS, WHILE_RUNNING } from '../../support/sample-run.ts';
import { assertGolden } from '../../support/golden.ts';
import { tempTree, type TempTree } from '../../tools/temp-tree.ts';
import { cli, jsonLines, type CliResult } from '../../cli/fake-io.ts';

const WORKER = new URL('../../../src/journal/worker.ts', import.meta.url);
const FINISHED = 'aaaa1111-0000-4000-8000-000000000001';
const INTERRUPTED = 'aaaa2222-0000-4000-8000-000000000002';
/** The folder that all of them worked on. */
const GONE = '/nowhere/at/all';
const RUNNING = 'bbbb3333-0000-4000-8000-000000000003';
describe('the record on the command line', () => {
  let tree: TempTree;
  let stop: () => Promise<void>;
  before(async () => {
    tree = tempTree({ 'roster.json': JSON.stringify([{ id: 'here', provider: 'embedded' }]) });
    const clock = new ManualClock(START_MS);
    const logger = { info: () => undefined, warn: assert.fail, error: assert.fail };
    const journal = await openJournal({ file: path.join(tree.path, 'runs.db'), workerFile: WORKER, logger, clock });
    const write = async (run: string, events: number): Promise<RunWriter> => {
      const writer = await journal.createRun(run);
      assert.ok(writer.ok);
      for (const { atMs, ...body } of SAMPLE.slice(0, events)) {
        clock.setWall(START_MS + atMs);
        const own = {
          ...body,
          ...('key' in body && typeof body.key === 'object' ? { key: { ...body.key, run } } : {}),
          ...('workspace' in body ? { workspace: GONE } : {}),
        } as RunEventBody;
        const written = await writer.value.append([own]);
        assert.ok(written.ok);
      }
      return writer.value;
    };
    await (await write(FINISHED, SAMPLE.length)).release();
    clock.setWall(START_MS + 60_000);
    await (await write(INTERRUPTED, WHILE_RUNNING)).release();
    const running = await write(RUNNING, 1);
    stop = async () => {
      await running.release();
      await journal.close();
    };
  });
  after(async () => {
    await stop();
    tree.remove();
  });

  const run = (...argv: readonly string[]): Promise<CliResult> => cli([...argv, '--db', 'runs.db'], { cwd: tree.path });
  const ROSTER = ['--roster', 'roster.json'];

  it('lists the runs with their state, spend and request', async () => {
    const { exitCode, out } = await run('runs');
    assert.equal(exitCode, 0);
    const states = out
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [id, , , state, spent] = line.split(/ +/);
        return [id, state, spent];
      });
    assert.deepEqual(
      new Map(states.map(([id, state]) => [id, state])),
      new Map([
        [FINISHED, 'partial'],
        [INTERRUPTED, 'interrupted'],
        [RUNNING, 'running'],
      ]),
    );
    assert.ok(
      states.some(([, , spent]) => spent?.includes('$')),
      out,
    );
    const lines = jsonLines((await run('runs', '--json')).out);
    assert.deepEqual(
      new Set(lines.map((line) => [line['run'], line['liveness'], line['outcome']].join(' '))),
      new Set([`${FINISHED} finished partial`, `${INTERRUPTED} interrupted `, `${RUNNING} running `]),
    );
  });

  it('finds runs by their request', async () => {
    const request = SAMPLE[0]?.type === 'run.started' ? payloadText(SAMPLE[0].request) : '';
    assert.equal((await run('runs', '--search', request.slice(0, 6).toUpperCase())).out.split('\n').length, 4);
    const none = await run('runs', '--search', 'zebra');
    assert.deepEqual(
      [none.exitCode, none.out, none.err],
      [0, '', 'No run holds zebra. "orchestrator runs" lists all.\n'],
    );
    assert.equal(
      (await run('runs', '--search', '🚀')).err,
      'A search needs words of letters or digits. "orchestrator runs" lists all.\n',
    );
  });

  it('shows a finished run: tree, answer, spend by backend', async () => {
    const { exitCode, out, err } = await run('show', 'aaaa1');
    assert.deepEqual([exitCode, err], [0, '']);
    assertGolden('cli-show.txt', out);
  });

  it('shows an interrupted run as such', async () => {
    const { out } = await run('show', 'aaaa2');
    assert.match(out, /\ninterrupted · /);
    assert.match(out, /\[!\] .*interrupted/);
    const events = jsonLines((await run('show', INTERRUPTED, '--format', 'json')).out);
    assert.deepEqual([events.length, events.at(-1)?.['type']], [WHILE_RUNNING, 'call.started']);
    assert.match((await run('show', 'aaaa2', '--format', 'markdown')).out, /^# [\s\S]*interrupted[\s\S]*## Tasks/);
  });

  it('refuses a beginning that several runs have, and names them', async () => {
    const { exitCode, out, err } = await run('show', 'aaaa');
    assert.deepEqual([exitCode, out], [2, '']);
    const lines = err.trimEnd().split('\n');
    assert.deepEqual([lines[0], lines.length, lines.at(-1)], ['2 runs begin with aaaa:', 4, 'Give more of the id.']);
    assert.ok(lines.slice(1, 3).every((line) => line.includes(FINISHED) || line.includes(INTERRUPTED)));
  });

  it('refuses to resume what has finished, and what goes on elsewhere', async () => {
    const finished = await run('resume', 'aaaa1', ...ROSTER, '--workspace', '.');
    assert.deepEqual(
      [finished.exitCode, finished.err],
      [
        2,
        `Run ${FINISHED} has finished (partial); there is nothing to resume.\n"orchestrator show ${FINISHED} --format plan > plan.json" and "orchestrator run plan.json --from ${FINISHED}" run its plan again.\n`,
      ],
    );
    const running = await run('resume', 'bbbb', ...ROSTER);
    assert.deepEqual(
      [running.exitCode, running.err],
      [
        2,
        `Run ${RUNNING} is going on in another process.\nWait until it ends, or end it there; only an interrupted run can be resumed.\n`,
      ],
    );
  });

  it('needs the folder of the run to resume it, or another one', async () => {
    const { exitCode, err } = await run('resume', 'aaaa2', ...ROSTER);
    assert.equal(exitCode, 2);
    assert.equal(err, `The workspace ${GONE} is not there.\nName an existing folder with --workspace.\n`);
  });

  it('says of an interrupted run that calls had no end', async () => {
    assert.match(
      (await run('show', 'aaaa2')).out,
      /\nSpent \$0\.0180 · 1 call · 1,200 tokens · 3 calls had no end, price unknown\n/,
    );
  });

  it('refuses a --db that is no database before anything runs, and leaves it as it is', async () => {
    const file = path.join(tree.path, 'precious.json');
    writeFileSync(file, '{"precious":1}');
    writeFileSync(path.join(tree.path, 'plan.json'), '{"request":"x","tasks":[]}');
    const told = `${file} is not a database; it was left as it is. Name another file with --db (or move it away).\n`;
    const commands = [
      ['ask', 'x', ...ROSTER],
      ['plan', 'x', ...ROSTER],
      ['run', 'plan.json', ...ROSTER],
      ['resume', 'aaaa2', ...ROSTER],
      ['show', 'aaaa2'],
      ['runs'],
      ['backends', ...ROSTER],
    ];
    for (const command of commands) {
      const { exitCode, out, err } = await cli([...command, '--db', 'precious.json'], { cwd: tree.path });
      assert.deepEqual([command[0], exitCode, out, err], [command[0], 2, '', told]);
    }
    assert.equal(readFileSync(file, 'utf8'), '{"precious":1}');
    assert.deepEqual(
      readdirSync(tree.path).filter((name) => name.startsWith('precious')),
      ['precious.json'],
    );
  });

  it('has no runs where none was recorded yet', async () => {
    const options = { cwd: tree.path, env: { ORCHESTRATOR_DB: path.join(tree.path, 'new.db') } };
    const { exitCode, out, err } = await cli(['runs'], options);
    assert.deepEqual([exitCode, out, err], [0, '', 'There are no runs yet. "orchestrator ask" makes one.\n']);
    assert.deepEqual(
      (await cli(['show', 'abc'], options)).err,
      'There is no run abc.\n"orchestrator runs" lists the runs.\n',
    );
  });
});
