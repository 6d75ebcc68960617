/** Long reading and edits without VS Code: a real process over two readers of small windows and a coder. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RunEvent } from '../../src/core/run-event.ts';
import { modelCalls, overlaps, type RequestRecord } from '../servers/records.ts';
import { LIBRARY, LIBRARY_SOURCE, READER_WINDOW, startEditTeam, type EditTeam } from '../support/edit-team.ts';
import { assertReadOnce, mapCalls } from '../support/reading-records.ts';
import { tempTree, type TempTree } from '../tools/temp-tree.ts';
import { cliProcess, drawSeed, eventLines, type CliEnd } from './built.ts';

const PREFIXES = ['SVGFE', 'IDB', 'Gamepad', 'MIDI', 'Payment', 'WebGL'];

describe('orchestrator ask over a file that no window takes, with edits that clash', function () {
  this.timeout(60_000);
  let team: EditTeam;
  let tree: TempTree;
  let finished: RunEvent & { readonly type: 'run.finished' };
  let events: readonly RunEvent[];

  const cli = (...argv: readonly string[]): Promise<CliEnd> =>
    cliProcess([...argv, '--db', 'runs.db'], { cwd: tree.path });
  const bytes = (file: string): Buffer | undefined => {
    const at = path.join(tree.path, file);
    return existsSync(at) ? readFileSync(at) : undefined;
  };

  before(async () => {
    team = await startEditTeam({
      prefix: PREFIXES[drawSeed('edit team') % PREFIXES.length] ?? 'IDB',
      library: readFileSync(new URL(`../../${LIBRARY_SOURCE}`, import.meta.url)),
    });
    tree = tempTree({ 'roster.json': JSON.stringify(team.roster) });
    for (const [file, content] of Object.entries(team.files)) tree.write(file, content);
    chmodSync(path.join(tree.path, 'src/old.ts'), 0o755);
  });
  after(async () => {
    await team.close();
    tree.remove();
  });

  it('reads every line once over both readers at the same time, within their windows', async () => {
    const gate = team.hold();
    const asked = cli('ask', team.request, '--roster', 'roster.json', '--json');
    await gate.arrived(8); // three slots of each reader, and both code tasks
    team.free();
    const end = await asked;
    events = eventLines(end.out);
    const last = events.at(-1);
    assert.ok(last?.type === 'run.finished', end.err);
    finished = last;
    assert.equal(finished.outcome, 'answered', end.out.slice(-2_000));
    const maps = mapCalls([...team.servers.readerA.requests(), ...team.servers.readerB.requests()]);
    assertReadOnce(maps, LIBRARY, team.files[LIBRARY]?.toString('utf8') ?? '');
    const first = (name: 'readerA' | 'readerB'): RequestRecord =>
      mapCalls(team.servers[name].requests())[0]?.record ?? assert.fail(`${name} read nothing`);
    assert.ok(overlaps(first('readerA'), first('readerB')), 'both readers were at work at once');
    for (const { record, maxOutputTokens } of maps) {
      const tokens = (record.counted?.inputTokens ?? Infinity) + maxOutputTokens;
      assert.ok(tokens <= READER_WINDOW, `a call of ${tokens} tokens`);
    }
  });

  it('links each finding to its true line, and says how many quotations were struck', () => {
    const lines = [...finished.answer.matchAll(/\]\(docs\/lib\.dom\.d\.ts#L(\d+)\)/g)].map(([, line]) => Number(line));
    assert.deepEqual(
      [...new Set(lines)].sort((a, b) => a - b),
      team.wantedLines,
    );
    assert.doesNotMatch(finished.answer, /Invention|9999|Neverland/);
    assert.match(finished.answer, /\b[34] quotations could not be found/);
    assert.equal(finished.cited?.verified, team.wantedLines.length);
    assert.ok((finished.cited?.struck ?? 0) >= 3);
  });

  it('proposes the edits of both tasks, the clash as a conflict with both sources, and writes nothing', async () => {
    for (const [file, content] of Object.entries(team.files)) assert.deepEqual(bytes(file), content, file);
    const made = events.find((event) => event.type === 'proposal.made');
    assert.ok(made?.type === 'proposal.made');
    assert.deepEqual(
      made.files
        .map(({ path: file, kind, isConflict, tasks }) => `${file} ${kind} ${isConflict} by ${tasks.join(', ')}`)
        .sort((a, b) => a.localeCompare(b)),
      [
        'src/alpha.ts modified false by alpha',
        'src/beta.ts modified false by beta',
        'src/gamma.ts created false by alpha',
        'src/old.ts deleted false by beta',
        'src/shared.ts modified true by alpha, beta',
      ],
    );
    const diff = await cli('show', finished.run, '--format', 'diff');
    assert.match(diff.out, /^-export const alphaLimit = 1;\r?\n\+export const alphaLimit = 100;/m);
    assert.match(diff.out, /sharedLimit = 300;[\s\S]*sharedLimit = 333;/);
  });

  it('applies what can be applied, keeps how each text stands on disk, and puts every byte back', async () => {
    const applied = await cli('apply', finished.run);
    assert.equal(applied.exitCode, 4, applied.out + applied.err); // the conflict is left
    assert.match(applied.out + applied.err, /src\/shared\.ts/);
    assert.equal(
      bytes('src/alpha.ts')?.toString(),
      '// alpha\r\nexport const alphaLimit = 100;\r\nexport const alphaName = "a";\r\n',
    );
    assert.equal(bytes('src/beta.ts')?.toString(), '\ufeff// beta\nexport const betaLimit = 200;');
    assert.equal(bytes('src/gamma.ts')?.toString(), 'export const gammaLimit = 500;\n');
    assert.equal(bytes('src/old.ts'), undefined);
    assert.deepEqual(bytes('src/shared.ts'), team.files['src/shared.ts']);
    const reverted = await cli('apply', finished.run, '--revert');
    assert.equal(reverted.exitCode, 0, reverted.out + reverted.err);
    for (const [file, content] of Object.entries(team.files)) assert.deepEqual(bytes(file), content, file);
    assert.equal(bytes('src/gamma.ts'), undefined);
    if (process.platform !== 'win32')
      assert.equal(
        statSync(path.join(tree.path, 'src/old.ts')).mode & 0o777,
        0o755,
        'what was deleted is executable again',
      );
  });

  it('attaches some lines of a file by their numbers', async () => {
    const end = await cli('plan', 'What is this?', '--roster', 'roster.json', '--file', 'src/shared.ts#L2-L3');
    assert.equal(end.exitCode, 0, end.err);
    const prompt = JSON.stringify(modelCalls(team.servers.frontier.requests()).at(-1)?.body);
    assert.match(prompt, /attached src\/shared\.ts>>\\n2\| export const sharedLimit/);
    assert.doesNotMatch(prompt, /\/\/ shared/);
  });

  it('made one reduce from many parts, and no call twice', () => {
    const all = Object.values(team.servers).flatMap((server) => modelCalls(server.requests()));
    assert.ok(all.every(({ outcome }) => outcome === 'completed'));
    const keys = events.flatMap((event) => (event.type === 'call.started' ? [JSON.stringify(event.key)] : []));
    assert.equal(new Set(keys).size, keys.length);
  });
});
