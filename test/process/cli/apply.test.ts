/** The built command line over a folder on disk: a proposal is shown, applied and taken back, and every byte is compared. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { applyPatch, parsePatch } from 'diff';
import { afterEach, before, beforeEach, describe, it } from 'mocha';
import type { ProposedFile } from '../../../src/core/edits/proposal.ts';
import type { TextFormat } from '../../../src/core/text-format.ts';
import type { RunEventBody } from '../../../src/core/run-event.ts';
import { DEFAULT_OPTIONS } from '../../../src/core/run-request.ts';
import { NO_SPEND } from '../../../src/core/spend.ts';
import { openJournal } from '../../../src/journal/open-journal.ts';
import { proposalEntries } from '../../support/sample-proposal.ts';
import { tempTree, type TempTree } from '../../tools/temp-tree.ts';
import { buildOnce, CLI, cliProcess, eventLines, type CliEnd } from '../built.ts';

const WORKER = new URL('../../../src/journal/worker.ts', import.meta.url);
const RUN = 'abcd1234-0000-4000-8000-000000000001';

type Encoding = TextFormat['encoding'];

/** Written out here, so that it does not follow what it tests. */
function bytesOf(text: string, encoding: Encoding): Buffer {
  if (encoding === 'latin1') return Buffer.from(text, 'latin1');
  if (encoding === 'utf16le') return Buffer.from(`\uFEFF${text}`, 'utf16le');
  if (encoding === 'utf16be') return Buffer.from(`\uFEFF${text}`, 'utf16le').swap16();
  return Buffer.from(`${encoding === 'utf8-bom' ? '\uFEFF' : ''}${text}`, 'utf8');
}

interface Change {
  readonly path: string;
  readonly kind: ProposedFile['kind'];
  readonly encoding: Encoding;
  readonly eol: TextFormat['eol'];
  /** Null: there was no such file. */
  readonly before: string | null;
  /** Null: it is deleted. */
  readonly after: string | null;
  readonly more?: Partial<ProposedFile>;
}

const UNIX = { encoding: 'utf8', eol: 'lf' } as const;
const CHANGES: readonly Change[] = [
  { path: 'src/a.ts', kind: 'modified', ...UNIX, before: 'one\ntwo\nthree', after: 'one\n2\nthree' },
  {
    path: 'src/windows.ts',
    kind: 'modified',
    encoding: 'utf8-bom',
    eol: 'crlf',
    before: 'eins\r\nzwei\r\n',
    after: 'eins\r\nzwei\r\ndrei 🙂\r\n',
  },
  {
    path: 'mixed.txt',
    kind: 'modified',
    encoding: 'utf8',
    eol: 'mixed',
    before: 'a\r\nb\nc\r\n',
    after: 'a\r\nB\nc\r\n',
  },
  { path: 'old latin.txt', kind: 'modified', encoding: 'latin1', eol: 'lf', before: 'é\n', after: 'é ü\n' },
  { path: 'wide.txt', kind: 'modified', encoding: 'utf16le', eol: 'crlf', before: 'wide\r\n', after: 'wider ä\r\n' },
  { path: 'empty.txt', kind: 'modified', encoding: 'utf8', eol: 'none', before: '', after: 'no more\n' },
  { path: 'new/deep/made.ts', kind: 'created', ...UNIX, before: null, after: 'export {};\n' },
  { path: 'gone.txt', kind: 'deleted', encoding: 'utf8-bom', eol: 'crlf', before: 'bye\r\n', after: null },
  {
    path: 'src/new-name.ts',
    kind: 'renamed',
    ...UNIX,
    before: 'kept\nold\n',
    after: 'kept\nnew\n',
    more: { from: 'src/old-name.ts' },
  },
];
const PROTECTED: Change = {
  path: 'package.json',
  kind: 'modified',
  ...UNIX,
  before: '{}\n',
  after: '{ "scripts": {} }\n',
  more: { protectedBecause: 'tools run its scripts' },
};
const CLASH: Change = {
  path: 'clash.txt',
  kind: 'modified',
  ...UNIX,
  before: '1\n',
  after: '<<<<<<< Mend (mend)\n2\n=======\n3\n>>>>>>> Test (test)\n',
  more: {
    tasks: ['mend', 'test'],
    conflict: {
      sides: [
        { task: 'mend', title: 'Mend', text: '2\n' },
        { task: 'test', title: 'Test', text: '3\n' },
      ],
    },
  },
};
const STALE: Change = { path: 'stale.txt', kind: 'modified', ...UNIX, before: 'then\n', after: 'proposed\n' };
/** What stands there by the time the edits are applied. */
const STALE_NOW = 'now\n';

function proposed({ path, kind, encoding, eol, before, after, more }: Change): ProposedFile {
  return {
    path,
    kind,
    base: before === null ? null : { text: before, hash: sha256(bytesOf(before, encoding)), unsaved: false },
    text: after,
    format: { encoding, eol },
    tasks: ['mend'],
    newUrls: [],
    problems: [],
    ...more,
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function eventsOf(changes: readonly Change[], workspace: string): readonly RunEventBody[] {
  const files = changes.map(proposed);
  const edits = files.flatMap(({ base, path: name, from, text, format }): readonly RunEventBody[] => [
    {
      type: 'edit.based',
      task: 'mend',
      path: from ?? name,
      exists: base !== null,
      text: base?.text ?? '',
      hash: base?.hash ?? '',
      format,
      unsaved: false,
      protectedBecause: null,
    },
    ...(from === undefined
      ? []
      : [{ type: 'edit.made', task: 'mend', turn: 0, path: from, change: 'rename', to: name, text: '' } as const]),
    {
      type: 'edit.made',
      task: 'mend',
      turn: 0,
      path: name,
      change: text === null ? 'delete' : 'write',
      to: null,
      text: text ?? '',
    },
  ]);
  const spec = { objective: 'Do it.', mode: 'autonomous', dependsOn: [], inputs: [], capability: 'code' } as const;
  return [
    { type: 'run.started', request: 'Mend it', context: '{}', source: 'cli', options: DEFAULT_OPTIONS, workspace },
    {
      type: 'plan.accepted',
      tasks: [
        { id: 'mend', title: 'Mend', ...spec },
        { id: 'test', title: 'Test', ...spec },
      ],
    },
    ...['mend', 'test'].map((task) => ({ type: 'task.started', task, attempt: 0, backend: 'code-1' }) as const),
    ...edits,
    ...['mend', 'test'].map(
      (task) => ({ type: 'task.completed', task, backend: 'code-1', result: 'ok', partial: false }) as const,
    ),
    {
      type: 'proposal.made',
      files: proposalEntries(
        files,
        files.map(() => [1, 1]),
      ),
      content: JSON.stringify(files),
    },
    {
      type: 'run.finished',
      outcome: 'answered',
      stoppedBy: null,
      answer: 'Mended.',
      failure: null,
      spent: NO_SPEND,
      tasks: [],
    },
  ];
}

/** A diff is UTF-8; a byte order mark is a character of it. */
function gitSees(encoding: Encoding): Encoding {
  return encoding === 'utf8-bom' ? 'utf8-bom' : 'utf8';
}

describe('the edits of a run, applied by the command that is built', () => {
  let tree: TempTree;
  let work: string;

  before(function () {
    this.timeout(60_000);
    buildOnce();
  });
  beforeEach(() => {
    tree = tempTree();
    work = path.join(tree.path, 'work');
  });
  afterEach(() => tree.remove());

  /** The folder as the run found it, and the record of the run. */
  async function record(changes: readonly Change[]): Promise<void> {
    for (const { path: name, before, encoding, more } of changes)
      if (before !== null) tree.write(`work/${more?.from ?? name}`, bytesOf(before, encoding));
    tree.write('work/untouched.bin', Uint8Array.from([0, 255, 13, 10]));
    const logger = { info: () => undefined, warn: assert.fail, error: assert.fail };
    const journal = await openJournal({ file: path.join(tree.path, 'runs.db'), workerFile: WORKER, logger });
    const writer = await journal.createRun(RUN);
    assert.ok(writer.ok);
    assert.ok((await writer.value.append(eventsOf(changes, work))).ok);
    await writer.value.release();
    await journal.close();
  }

  const run = (...argv: readonly string[]): Promise<CliEnd> =>
    cliProcess([...argv, '--db', path.join(tree.path, 'runs.db')], { cwd: work });

  /** Every file of the folder with its bytes, in hexadecimal. */
  function onDisk(): Readonly<Record<string, string>> {
    const names = readdirSync(work, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(work, path.join(entry.parentPath, entry.name)));
    return Object.fromEntries(names.sort().map((name) => [name, readFileSync(path.join(work, name)).toString('hex')]));
  }

  /** What is to be there when these changes are made to what was there. */
  function withChanges(
    before: Readonly<Record<string, string>>,
    changes: readonly Change[],
  ): Readonly<Record<string, string>> {
    const files = new Map(Object.entries(before));
    for (const { path: name, after, encoding, more } of changes) {
      if (more?.from !== undefined) files.delete(more.from);
      if (after === null) files.delete(name);
      else files.set(name, bytesOf(after, encoding).toString('hex'));
    }
    return Object.fromEntries([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async function statuses(): Promise<Readonly<Record<string, string>>> {
    const { out } = await run('show', 'abcd');
    const rows = [...out.matchAll(/^ {2}(\S.*?) · (?:modified|created|deleted|renamed) .* · ([a-z ]+)$/gm)];
    return Object.fromEntries(rows.map(([, name = '', status = '']) => [name, status]));
  }

  it('are shown as a diff that makes the one text of the other, and nothing is written', async () => {
    await record(CHANGES);
    const before = onDisk();
    const { exitCode, out, err } = await run('show', 'abcd', '--format', 'diff');
    assert.deepEqual([exitCode, err], [0, '']);
    assert.deepEqual(onDisk(), before);
    const patches = parsePatch(out);
    assert.equal(patches.length, CHANGES.length);
    for (const [index, { path: name, encoding, before: from, after }] of CHANGES.entries()) {
      const patch = patches[index];
      assert.ok(patch !== undefined, name);
      const asRead = (text: string | null): string =>
        text === null ? '' : bytesOf(text, gitSees(encoding)).toString();
      assert.equal(applyPatch(asRead(from), patch, { autoConvertLineEndings: false }), asRead(after), name);
    }
  }).timeout(30_000);

  it('are written in the encoding and line ends of each file, and taken back to the byte', async () => {
    await record(CHANGES);
    const before = onDisk();
    const applied = await run('apply', 'abcd');
    assert.deepEqual(
      [applied.exitCode, applied.err],
      [0, `9 files applied. Take back: node ${CLI} apply ${RUN} --revert\n`],
    );
    const printed = applied.out.trimEnd().split('\n');
    assert.deepEqual(printed.toSorted(), CHANGES.map((change) => `applied ${change.path}`).toSorted());
    assert.deepEqual(onDisk(), withChanges(before, CHANGES));
    assert.deepEqual(new Set(Object.values(await statuses())), new Set(['applied']));

    const again = await run('apply', 'abcd');
    assert.deepEqual([again.exitCode, again.out], [1, '']);
    assert.match(again.err, /^No edit of run \S+ is open: /);
    assert.deepEqual(onDisk(), withChanges(before, CHANGES), 'nothing is applied twice');

    const reverted = await run('apply', 'abcd', '--revert', '--json');
    assert.deepEqual([reverted.exitCode, reverted.err], [0, '']);
    const report = JSON.parse(reverted.out) as {
      readonly run: string;
      readonly done: readonly string[];
      readonly left: readonly string[];
    };
    assert.deepEqual([report.run, report.done.length, report.left], [RUN, 9, []]);
    assert.deepEqual(onDisk(), before);
    assert.deepEqual(new Set(Object.values(await statuses())), new Set(['taken back']));
    assert.equal((await run('apply', 'abcd', '--revert')).exitCode, 1);
    assert.doesNotMatch((await run('show', 'abcd')).out, /apply:|take back:/);
    const passed = await run('apply', 'abcd');
    assert.deepEqual([passed.exitCode, passed.out], [1, '']);
    const one = `left src/a.ts: It was taken back. Apply it with: node ${CLI} apply ${RUN} --file src/a.ts\n`;
    assert.ok(passed.err.includes(one), passed.err);
    assert.equal(passed.err.match(/^left .*: It was taken back\. /gm)?.length, 9);
    assert.deepEqual(onDisk(), before);
    assert.equal((await run('apply', 'abcd', '--file', 'src/a.ts')).exitCode, 0);
    assert.deepEqual(onDisk(), withChanges(before, CHANGES.slice(0, 1)));
    assert.equal((await run('apply', 'abcd', '--revert')).exitCode, 0);
    assert.deepEqual(onDisk(), before);
    const events = eventLines((await run('show', 'abcd', '--json')).out);
    assert.deepEqual(
      events.map((event) => event.seq),
      events.map((_, index) => index + 1),
    );
    const runs = (await run('runs', '--json')).out;
    assert.match(runs, /"liveness":"finished","outcome":"answered"/);
  }).timeout(60_000);

  it('are left where they clash, are protected or stand on something else by now, each with the reason', async () => {
    await record([...CHANGES, PROTECTED, CLASH, STALE]);
    tree.write('work/stale.txt', STALE_NOW);
    const before = onDisk();
    const { exitCode, out, err } = await run('apply', RUN);
    assert.equal(exitCode, 4);
    assert.equal(out.trimEnd().split('\n').length, CHANGES.length);
    const left = err.split('\n').filter((line) => line.startsWith('left '));
    assert.deepEqual(left.map((line) => line.slice(0, line.indexOf(':'))).toSorted(), [
      'left clash.txt',
      'left package.json',
      'left stale.txt',
    ]);
    const apply = `node ${CLI} apply ${RUN} --file`;
    assert.ok(
      err.includes(
        `left package.json: It is protected: tools run its scripts. Apply it by itself: ${apply} package.json\n`,
      ),
    );
    assert.ok(err.includes(`: ${apply} clash.txt --take mend\n`) && err.includes('--take test or --take both'), err);
    assert.ok(err.includes(` To merge it: ${apply} stale.txt --merge\n`), err);
    assert.deepEqual(onDisk(), withChanges(before, CHANGES));
    const told = await statuses();
    assert.deepEqual([told['clash.txt'], told['package.json'], told['stale.txt']], ['open', 'open', 'open']);

    const unwarned = await run('apply', RUN, '--file', 'package.json');
    assert.deepEqual([unwarned.exitCode, unwarned.out], [1, '']);
    const together = await run('apply', RUN, '--file', 'package.json', '--file', 'stale.txt', '--yes');
    assert.deepEqual([together.exitCode, together.out], [1, '']);
    assert.deepEqual(onDisk(), withChanges(before, CHANGES));
    const alone = await run('apply', RUN, '--file', 'package.json', '--yes');
    assert.deepEqual([alone.exitCode, alone.out], [0, 'applied package.json\n']);
    assert.match(alone.err, /^warning: package\.json is protected: /);
    assert.deepEqual(onDisk(), withChanges(before, [...CHANGES, PROTECTED]));

    const reverted = await run('apply', RUN, '--revert');
    assert.equal(reverted.exitCode, 0, reverted.err);
    assert.deepEqual(onDisk(), before);
  }).timeout(60_000);

  it('are decided by a side where they clash, and merged with what is there by now', async () => {
    const lines = (second: string, last: string): string => `1\n${second}\n3\n4\n5\n${last}\n`;
    const merges: Change = { ...STALE, path: 'merges.txt', before: lines('2', '6'), after: lines('two', '6') };
    await record([CLASH, { ...CLASH, path: 'both.txt' }, STALE, merges]);
    tree.write('work/stale.txt', STALE_NOW);
    tree.write('work/merges.txt', lines('2', 'six'));
    const shown = (await run('show', 'abcd')).out;
    const apply = `node ${CLI} apply ${RUN} --file`;
    assert.ok(shown.includes(`\n  merges.txt · modified +1 -1 · stale · open\n      merges.txt was changed `), shown);
    assert.ok(shown.includes(` To merge it: ${apply} merges.txt --merge\n`), shown);
    assert.match(shown, /\n {2}clash\.txt .* · in conflict \(mend, test\) · open\n/);
    const elsewhere = await cliProcess(['show', 'abcd', '--db', path.join(tree.path, 'runs.db')], { cwd: tree.path });
    assert.doesNotMatch(elsewhere.out, /stale ·/, 'nothing is compared with another folder');

    const take = await run('apply', 'abcd', '--file', 'clash.txt', '--take', 'test');
    assert.deepEqual([take.exitCode, take.out], [0, 'applied clash.txt\n'], take.err);
    const both = await run('apply', 'abcd', '--file', 'both.txt', '--take', 'both');
    assert.deepEqual([both.exitCode, both.out], [0, 'applied both.txt\n'], both.err);
    const merged = await run('apply', 'abcd', '--file', 'merges.txt', '--merge');
    assert.deepEqual([merged.exitCode, merged.out], [0, 'applied merges.txt\n'], merged.err);
    const clashes = await run('apply', 'abcd', '--file', 'stale.txt', '--merge');
    assert.deepEqual([clashes.exitCode, clashes.out], [1, '']);
    assert.ok(
      clashes.err.startsWith(
        'left stale.txt: It was merged and is in conflict now between mend and what is there now (@workspace). ',
      ),
      clashes.err,
    );
    const own = await run('apply', 'abcd', '--file', 'stale.txt', '--take', '@workspace');
    assert.deepEqual(
      [own.exitCode, own.out, own.err],
      [0, '', 'Nothing of the edit of stale.txt is left to do: the file stays as it is there now.\n'],
    );
    const text = (name: string): string => readFileSync(path.join(work, name), 'utf8');
    assert.deepEqual(
      [text('clash.txt'), text('both.txt'), text('merges.txt'), text('stale.txt')],
      ['3\n', CLASH.after, lines('two', 'six'), STALE_NOW],
    );
  }).timeout(60_000);

  it('are taken back only where nothing changed since', async () => {
    await record(CHANGES);
    const before = onDisk();
    assert.equal((await run('apply', 'abcd')).exitCode, 0);
    tree.write('work/src/a.ts', 'my own work\n');
    const { exitCode, out, err } = await run('apply', 'abcd', '--revert');
    assert.equal(exitCode, 4);
    assert.match(err, /^left src\/a\.ts: /m);
    assert.ok(!out.includes('src/a.ts'));
    assert.deepEqual(onDisk(), { ...before, 'src/a.ts': Buffer.from('my own work\n').toString('hex') });
  }).timeout(60_000);

  it('are written once when two commands apply them at the same time', async () => {
    await record(CHANGES);
    const before = onDisk();
    const both = await Promise.all([run('apply', 'abcd'), run('apply', 'abcd')]);
    assert.deepEqual(onDisk(), withChanges(before, CHANGES));
    const lines = both.flatMap(({ out }) => out.split('\n').filter((line) => line !== ''));
    assert.equal(new Set(lines).size, lines.length, 'no file is said to be applied by both');
    const events = eventLines((await run('show', 'abcd', '--json')).out);
    const applied = events.flatMap((event) => (event.type === 'proposal.applied' ? event.paths : []));
    assert.deepEqual(applied.toSorted(), CHANGES.map((change) => change.path).toSorted());
    assert.equal((await run('apply', 'abcd', '--revert')).exitCode, 0);
    assert.deepEqual(onDisk(), before);
  }).timeout(60_000);

  it('go nowhere through a folder that is a link to elsewhere by now', async () => {
    await record(CHANGES);
    tree.write('elsewhere/a.ts', 'one\ntwo\nthree');
    const outside = readFileSync(path.join(tree.path, 'elsewhere/a.ts'), 'utf8');
    rmSync(path.join(work, 'src'), { recursive: true });
    symlinkSync(path.join(tree.path, 'elsewhere'), path.join(work, 'src'));
    const { exitCode, err } = await run('apply', 'abcd');
    assert.equal(exitCode, 4);
    assert.match(err, /^left src\/a\.ts: /m);
    assert.equal(readFileSync(path.join(tree.path, 'elsewhere/a.ts'), 'utf8'), outside);
    assert.deepEqual(readdirSync(path.join(tree.path, 'elsewhere')), ['a.ts']);
    assert.ok(existsSync(path.join(work, 'new/deep/made.ts')), 'the others are applied');
  }).timeout(60_000);
});
