import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Diagnosis, Diagnostics, DiagnosticsOptions } from '../../../src/core/deliverable/check-ports.ts';
import { globMatcher } from '../../../src/core/agent/match-path.ts';
import type { DiagnosticsCheck } from '../../../src/core/deliverable/deliverable.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import type { ScriptedReply } from '../../support/scripted-backend.ts';
import {
  boss,
  brief,
  call,
  delegateAll,
  hands,
  replies,
  superviseFixture,
  supervisorOf,
  uses,
} from './supervise-rig.ts';

const FILES = {
  'a.ts': 'fine\nbad x',
  'b.ts': 'fine',
  'src/c.ts': 'bad c',
  'notes.md': '# Notes',
  'key.ts': 'bad 7731',
};

/** Knows globs as the disk does. */
class Globbed extends MemoryWorkspace {
  override async expand(patterns: readonly string[]): ReturnType<MemoryWorkspace['expand']> {
    const named = patterns.flatMap((pattern) => {
      const matched = Object.keys(FILES).filter(globMatcher(pattern));
      return matched.length === 0 ? [pattern] : matched;
    });
    return super.expand(named);
  }
}

/** Each line with "bad" is an error, each with "odd" a warning; knows nothing but `.ts`. */
class Linter implements Diagnostics {
  readonly asked: string[] = [];

  diagnose(
    texts: Parameters<Diagnostics['diagnose']>[0],
    { severity }: DiagnosticsOptions,
  ): Promise<readonly Diagnosis[]> {
    this.asked.push(texts.map(({ path }) => path).join(' '));
    const words = severity === 'error' ? /bad/ : /bad|odd/;
    return Promise.resolve(
      texts.map(({ path, text }): Diagnosis => {
        if (!path.endsWith('.ts')) return { kind: 'unknown', why: 'nobody reads it' };
        const problems = text
          .split('\n')
          .flatMap((line, index) => (words.test(line) ? [{ line: index + 1, message: `"${line}"` }] : []));
        return { kind: 'read', problems, isSyntaxOnly: path === 'b.ts' };
      }),
    );
  }
}

interface Tried {
  readonly told: string;
  readonly linter: Linter;
  readonly fixture: ReturnType<typeof superviseFixture>;
}

/** What the supervisor is told of a first submission, after a worker wrote these files. */
async function tried(
  check: Omit<DiagnosticsCheck, 'kind'>,
  written: Readonly<Record<string, string | null>>,
  hasSupport = true,
): Promise<Tried> {
  const linter = new Linter();
  const work: readonly ScriptedReply[] = [
    uses(...Object.keys(written).map((path) => call('read_file', { path }, `r${path}`))),
    uses(
      ...Object.entries(written).map(([path, text]) =>
        text === null ? call('delete_file', { path }, path) : call('write_file', { path, text }, path),
      ),
    ),
    { text: 'Written.' },
  ];
  const script = [
    ...(Object.keys(written).length === 0
      ? []
      : [uses(call('spawn', brief('write', { edits: true }))), uses(call('wait', { all: true }))]),
    uses(call('submit_result', { output: 'Done.' })),
  ];
  const fixture = superviseFixture({
    backends: [boss({ supervisor: script }), hands(({ key }) => work[key.turn] ?? { text: 'Written.' })],
    workspace: new Globbed(FILES, { local: ['key.ts'] }),
    checks: hasSupport ? { diagnostics: linter } : {},
  });
  await delegateAll(fixture, { deliverable: { kind: 'diagnostics-clean', ...check } });
  const first = replies(fixture).find((reply) => reply.startsWith('submit_result')) ?? '';
  const [, line = ''] = first.split('\n');
  return { told: line, linter, fixture };
}

const CHANGED = 'the files that the work changed have no new errors';

describe('diagnostics that have to be clean', () => {
  it('are those of the files that the work changed, as it leaves them and as they were', async () => {
    const { told, linter } = await tried({}, { 'a.ts': 'bad x\nmore', 'new.ts': 'fine' });
    assert.equal(told, `- passed: ${CHANGED} (1 problem that was there before)`);
    assert.deepEqual(linter.asked, ['a.ts new.ts', 'a.ts']);
  });

  it('fail by what is new, by file and line, and not by what was there in the same words', async () => {
    assert.equal((await tried({}, { 'a.ts': 'x\nbad x\nbad y' })).told, `- failed: ${CHANGED}: a.ts:3: "bad y"`);
    assert.equal((await tried({}, { 'a.ts': 'bad x\nbad x' })).told, `- failed: ${CHANGED}: a.ts:2: "bad x"`);
  });

  it('are no pass where the work only took files away', async () => {
    const { told, linter } = await tried({}, { 'b.ts': null });
    assert.equal(told, `- failed: ${CHANGED}: the work left no file to look at, and none is named`);
    assert.deepEqual(linter.asked, []);
  });

  it('count warnings where that is asked', async () => {
    const warned = 'the files that the work changed have no new errors or warnings';
    assert.equal((await tried({}, { 'b.ts': 'odd' })).told, `- passed: ${CHANGED} (looked at for form only: b.ts)`);
    assert.equal((await tried({ severity: 'warning' }, { 'b.ts': 'odd' })).told, `- failed: ${warned}: b.ts:1: "odd"`);
  });

  it('can be asked of files that are named, with what the work brought and without what it took away', async () => {
    const { told, linter } = await tried({ paths: ['a.ts', '?.ts', 'src'] }, { 'n.ts': 'fine', 'b.ts': null });
    assert.equal(told, '- passed: a.ts, ?.ts, src have no new errors (2 problems that were there before)');
    assert.deepEqual(linter.asked, ['a.ts n.ts src/c.ts', 'a.ts src/c.ts']);
    assert.match(
      (await tried({ paths: ['b.ts'] }, { 'b.ts': null })).told,
      /^- failed: b\.ts has no new errors: there is no file b\.ts$/,
    );
    assert.match((await tried({ paths: ['gone.ts'] }, {})).told, /^- failed: .*: there is no file gone\.ts$/);
  });

  it('are no pass where nothing was changed or nobody can look', async () => {
    assert.equal((await tried({}, {})).told, `- failed: ${CHANGED}: the work changed no file, and none is named`);
    assert.equal(
      (await tried({}, { 'notes.md': 'x', 'b.ts': 'fine' })).told,
      `- broken: ${CHANGED}: notes.md: nobody reads it`,
    );
    assert.equal((await tried({}, { 'notes.md': 'x', 'b.ts': 'bad' })).told, `- failed: ${CHANGED}: b.ts:1: "bad"`);
    assert.equal(
      (await tried({}, { 'b.ts': 'fine' }, false)).told,
      `- broken: ${CHANGED}: there is no language support here`,
    );
  });

  it('keep here what they say of a file that has to stay here', async () => {
    const { fixture } = await tried({ paths: ['key.ts'] }, {});
    assert.deepEqual(
      supervisorOf(fixture).files.map(({ path, localOnly }) => `${path} ${localOnly}`),
      ['key.ts true'],
    );
  });
});
