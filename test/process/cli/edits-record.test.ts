/** `show` and `apply` over a record of runs with and without a proposal. Nothing is written here. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { ProposedFile } from '../../../src/core/edits/proposal.ts';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { cli, jsonLines, type CliResult } from '../../cli/fake-io.ts';
import { assertGolden } from '../../support/golden.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SAMPLE, sampleEditRun, START_MS, WHILE_RUNNING, type TimedBody } from '../../support/sample-run.ts';
import { tempTree, type TempTree } from '../../tools/temp-tree.ts';

const WORKER = new URL('../../../src/journal/worker.ts', import.meta.url);
const EDITING = 'aaaa1111-0000-4000-8000-000000000001';
const PLAIN = 'bbbb2222-0000-4000-8000-000000000002';
const INTERRUPTED = 'cccc3333-0000-4000-8000-000000000003';
const GOING_ON = 'dddd4444-0000-4000-8000-000000000004';
const GONE = '/nowhere/at/all';
/** What it is to become would clear the screen of a terminal. */
const ODD_FILE: ProposedFile = {
  path: 'src/odd.ts',
  kind: 'created',
  base: null,
  text: 'odd\u001B[2J\u202E\r\n\tend',
  format: { encoding: 'utf8', eol: 'crlf' },
  tasks: ['fix'],
  newUrls: [],
  problems: [],
};

describe('proposed edits on the command line', () => {
  let tree: TempTree;
  let stop: () => Promise<void>;

  before(async () => {
    tree = tempTree({ 'work/src/parser.ts': 'x\n', 'other/a.txt': 'a\n' });
    const clock = new ManualClock(START_MS);
    const logger = { info: () => undefined, warn: assert.fail, error: assert.fail };
    const journal = await openJournal({ file: path.join(tree.path, 'runs.db'), workerFile: WORKER, logger, clock });
    const write = async (
      run: string,
      bodies: readonly TimedBody[],
      options: { readonly workspace: string; readonly isReleased: boolean },
    ): Promise<void> => {
      const writer = await journal.createRun(run);
      assert.ok(writer.ok);
      for (const { atMs, ...body } of bodies) {
        clock.setWall(START_MS + atMs);
        const own = body.type === 'run.started' ? { ...body, workspace: options.workspace } : body;
        assert.ok((await writer.value.append([own])).ok);
      }
      if (options.isReleased) await writer.value.release();
    };
    const workspace = path.join(tree.path, 'work');
    await write(EDITING, sampleEditRun(), { workspace, isReleased: true });
    await write(PLAIN, SAMPLE, { workspace: GONE, isReleased: true });
    await write(INTERRUPTED, SAMPLE.slice(0, WHILE_RUNNING), { workspace, isReleased: true });
    await write(GOING_ON, SAMPLE.slice(0, 1), { workspace, isReleased: false });
    const odd = sampleEditRun().map((body) =>
      body.type === 'proposal.made' ? { ...body, content: JSON.stringify([ODD_FILE]) } : body,
    );
    await write('eeee', odd, { workspace: GONE, isReleased: true });
    stop = () => journal.close();
  });
  after(async () => {
    await stop();
    tree.remove();
  });

  const run = (...argv: readonly string[]): Promise<CliResult> => {
    return cli([...argv, '--db', path.join(tree.path, 'runs.db')], { cwd: path.join(tree.path, 'other') });
  };

  it('are told by show, with the citations and what to do next', async () => {
    const { exitCode, out, err } = await run('show', 'aaaa');
    assert.deepEqual([exitCode, err], [0, '']);
    assertGolden('cli-show-edits.txt', out);
    const markdown = await run('show', 'aaaa', '--format', 'markdown');
    assert.match(
      markdown.out,
      /\n2 citations verified, 1 struck\.\n\n## Proposed edits\n\n5 files: 3 changed, 1 new, 1 deleted; 1 conflict; 1 protected\.\n/,
    );
    assert.match(markdown.out, /\n- src\/shared\.ts · modified \+5 -1 · in conflict \(fix, tests\) · open\n/);
  });

  it('are all there with --format json: the events as they are', async () => {
    const { out } = await run('show', 'aaaa', '--format', 'json');
    const events = jsonLines(out);
    assert.equal(events.length, sampleEditRun().length);
    const made = events.find((event) => event['type'] === 'proposal.made');
    assert.equal((JSON.parse(String(made?.['content'])) as readonly object[]).length, 5);
  });

  it('are printed as a unified diff, and nothing else', async () => {
    const { exitCode, out, err } = await run('show', 'aaaa', '--format', 'diff');
    assert.deepEqual([exitCode, err], [0, '']);
    assertGolden('cli-show-diff.txt', out);
  });

  it('let no control character through to a terminal, and are as they are in a pipe', async () => {
    const piped = await run('show', 'eeee', '--format', 'diff');
    assert.match(piped.out, /\n\+odd\u001B\[2J\u202E\r\n\+\tend\n/);
    const options = { cwd: tree.path, tty: ['out'] } as const;
    const { out } = await cli(['show', 'eeee', '--format', 'diff', '--db', 'runs.db'], options);
    assert.match(out, /\n\+odd\[2J\r\n\+\tend\n/);
  });

  it('are missed with a message where a run proposes none', async () => {
    const told = `Run ${PLAIN} proposes no edits.\n"orchestrator show ${PLAIN}" tells what it did.\n`;
    for (const argv of [
      ['apply', 'bbbb'],
      ['apply', 'bbbb', '--revert'],
      ['show', 'bbbb', '--format', 'diff'],
    ]) {
      const { exitCode, out, err } = await run(...argv);
      assert.deepEqual([exitCode, out, err], [1, '', told]);
    }
  });

  it('are not applied before the run has finished', async () => {
    const interrupted = await run('apply', 'cccc');
    assert.deepEqual(
      [interrupted.exitCode, interrupted.err],
      [
        1,
        `Run ${INTERRUPTED} has not finished (interrupted), so its edits cannot be applied yet.\nGo on with it: orchestrator resume ${INTERRUPTED}\n`,
      ],
    );
    const running = await run('apply', 'dddd');
    assert.deepEqual(
      [running.exitCode, running.err],
      [1, `Run ${GOING_ON} has not finished (running), so its edits cannot be applied yet.\nWait until it ends.\n`],
    );
  });

  it('are not applied to another folder than the one that the run worked on', async () => {
    const [work, other] = [path.join(tree.path, 'work'), path.join(tree.path, 'other')];
    for (const argv of [
      ['apply', 'aaaa'],
      ['apply', 'aaaa', '--revert'],
      ['apply', 'aaaa', '--workspace', '.'],
    ]) {
      const { exitCode, out, err } = await run(...argv);
      assert.deepEqual(
        [exitCode, out, err],
        [
          2,
          '',
          `Run ${EDITING} worked on ${work}, and this is ${other}.\nApply its edits there: orchestrator apply ${EDITING} --workspace ${work}\n`,
        ],
      );
    }
    const gone = await run('apply', 'eeee', '--workspace', '../work');
    assert.deepEqual(
      [gone.exitCode, gone.err],
      [
        2,
        `Run eeee worked on ${GONE}, and this is ${work}.\nPut that folder back, or apply the edits in VS Code with the folders open that the run had.\n`,
      ],
    );
  });
});
