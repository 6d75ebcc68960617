/** A long reading that stops in its middle: killed and resumed, and cancelled. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { payloadText, type RunEvent } from '../../src/core/run-event.ts';
import { LIBRARY, LIBRARY_SOURCE, startEditTeam, type EditTeam } from '../support/edit-team.ts';
import { assertReadOnce, mapCalls, type MapCall } from '../support/reading-records.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { cliProcess, eventLines, startCli, summaryLines, type CliProcess } from './built.ts';

/** Five times the second that a cancel may take. */
const CANCEL_LIMIT_MS = 5_000;
/** Calls that read and have ended before the process is stopped. */
const READ_BEFORE = 5;

describe('a long reading that is stopped in its middle', function () {
  this.timeout(60_000);
  let team: EditTeam;
  let tree: TempTree;

  before(async () => {
    team = await startEditTeam({
      prefix: 'IDB',
      library: readFileSync(new URL(`../../${LIBRARY_SOURCE}`, import.meta.url)),
    });
    tree = tempTree({ 'roster.json': JSON.stringify(team.roster) });
    for (const [file, content] of Object.entries(team.files)) tree.write(file, content);
  });
  after(async () => {
    await team.close();
    tree.remove();
  });

  const readers = () => [team.servers.readerA, team.servers.readerB];
  const maps = (): readonly MapCall[] => mapCalls(readers().flatMap((server) => server.requests()));

  /** A process that has read some parts; whatever it asks further waits at the servers. */
  async function startReading(db: string): Promise<CliProcess> {
    const ask = ['ask', team.request, '--roster', 'roster.json', '--json', '--db', db];
    const { child, ended } = startCli(ask, { cwd: tree.path });
    let out = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (text: string) => {
        out += text;
        const finished = out.split('"type":"call.finished"').slice(1);
        if (finished.filter((rest) => rest.slice(0, 200).includes('"task":"read"')).length >= READ_BEFORE) resolve();
      });
      void ended.then((end) => reject(new Error(`It ended early: ${end.err}`)));
    });
    const gate = team.hold();
    await gate.arrived(2);
    return { child, ended };
  }

  async function allEnded(limitMs?: number): Promise<void> {
    for (const server of Object.values(team.servers)) {
      await server.waitFor(
        ({ requests, openSockets }) =>
          openSockets() === 0 && requests().every((record) => record.outcome !== 'running'),
        limitMs,
      );
    }
  }

  async function eventsOf(run: string, db: string): Promise<readonly RunEvent[]> {
    return eventLines((await cliProcess(['show', run, '--json', '--db', db], { cwd: tree.path })).out);
  }

  it('makes no call again that had a result, reads each other line once, and links as if nothing had been', async () => {
    const { child, ended } = await startReading('killed.db');
    child.kill('SIGKILL');
    await ended;
    await allEnded();
    const [run] = summaryLines((await cliProcess(['runs', '--json', '--db', 'killed.db'], { cwd: tree.path })).out);
    assert.equal(run?.liveness, 'interrupted');
    const atKill = await eventsOf(run.run, 'killed.db');
    const planned = atKill.find((event) => event.type === 'reading.planned');
    assert.ok(planned?.type === 'reading.planned');
    const answered = new Set(
      atKill.flatMap((event) => (event.type === 'call.finished' && event.key.task === 'read' ? [event.key.turn] : [])),
    );
    const done = planned.parts.filter(({ turn }) => answered.has(turn));
    assert.ok(done.length >= READ_BEFORE && done.length < planned.parts.length, `${done.length} parts were read`);
    const firstLines = new Set(done.map(({ pieces: [piece] }) => piece?.startLine));
    const isDone = ({ lines: [line] }: MapCall): boolean => firstLines.has(line?.line);
    const mapsBefore = maps();
    team.free();

    const resumed = await cliProcess(['resume', run.run, '--roster', 'roster.json', '--json', '--db', 'killed.db'], {
      cwd: tree.path,
    });
    const finished = eventLines(resumed.out).at(-1);
    assert.ok(finished?.type === 'run.finished', resumed.err);
    const again = maps().filter(({ record }) => !mapsBefore.some((call) => call.record === record));
    assert.deepEqual(
      again.filter(isDone).map(({ lines: [line] }) => line?.line),
      [],
      'what had a result is not asked again',
    );
    assertReadOnce([...mapsBefore.filter(isDone), ...again], LIBRARY, team.files[LIBRARY]?.toString('utf8') ?? '');
    const linked = [...finished.answer.matchAll(/\]\(docs\/lib\.dom\.d\.ts#L(\d+)\)/g)].map(([, line]) => Number(line));
    assert.deepEqual(
      [...new Set(linked)].sort((a, b) => a - b),
      team.wantedLines,
    );
    assert.equal(finished.cited?.verified, team.wantedLines.length);
  });

  it('closes every socket when it is cancelled, and names what was not read', async () => {
    const { child, ended } = await startReading('cancelled.db');
    const sentAtMs = performance.now();
    child.kill('SIGINT');
    await allEnded(CANCEL_LIMIT_MS);
    const closedMs = performance.now() - sentAtMs;
    const { exitCode, out } = await ended;
    console.log(
      `      sockets closed after ${Math.round(closedMs)} ms, the process ended after ${Math.round(performance.now() - sentAtMs)} ms`,
    );
    assert.equal(exitCode, 130);
    team.free();
    const finished = eventLines(out).at(-1);
    assert.ok(finished?.type === 'run.finished');
    assert.equal(finished.outcome, 'cancelled');
    const cancelled = eventLines(out).find((event) => event.type === 'task.cancelled' && event.task === 'read');
    assert.ok(cancelled?.type === 'task.cancelled');
    assert.match(payloadText(cancelled.partial), /Not read: docs\/lib\.dom\.d\.ts lines \d+/);
  });
});
