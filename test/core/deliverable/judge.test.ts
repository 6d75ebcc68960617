import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { deliverableSchema, deliverableText, type Deliverable } from '../../../src/core/deliverable/deliverable.ts';
import { judge, type FileTruth, type GroundTruth, type MakeCheck } from '../../../src/core/deliverable/judge.ts';
import { verdictText } from '../../../src/core/deliverable/verdict.ts';

type Files = Readonly<Record<string, FileTruth | string>>;

function truth(
  after: Files,
  own: { readonly before?: Files; readonly output?: string; readonly links?: Readonly<Record<string, boolean>> } = {},
): GroundTruth {
  const look = (files: Files, path: string): FileTruth => {
    const found = files[path];
    if (found === undefined) return { kind: 'missing' };
    return typeof found === 'string' ? { kind: 'text', text: found } : found;
  };
  return {
    output: own.output ?? '',
    file: (path, when) => Promise.resolve(look(when === 'before' ? (own.before ?? {}) : after, path)),
    citations: () => Object.entries(own.links ?? {}).map(([link, isVerified]) => ({ link, isVerified })),
  };
}

const nobody: MakeCheck = () => Promise.reject(new Error('nobody makes it'));

async function told(deliverable: Deliverable, facts: GroundTruth): Promise<string> {
  const verdict = await judge(deliverable, facts, nobody);
  return `${verdict.kind}\n${verdictText(verdict)}`;
}

const exists: Deliverable = { kind: 'file-exists', path: 'a.txt' };
const contains: Deliverable = { kind: 'file-contains', path: './a.txt', text: 'two\nthree' };

describe('a deliverable', () => {
  it('passes by what the files are, before and after', async () => {
    assert.equal(
      await told(
        { kind: 'all-of', checks: [exists, contains] },
        truth({ 'a.txt': 'one\r\ntwo\r\nthree' }, { before: { 'a.txt': 'x' } }),
      ),
      [
        'passed',
        'The deliverable is there.',
        '- passed: a.txt exists (it held before the work, too)',
        '- passed: ./a.txt contains "two\\nthree"',
      ].join('\n'),
    );
  });

  it('names everything that is not there, and why', async () => {
    const none: Deliverable = { kind: 'file-matches', path: 'b.txt', pattern: '^x+$', ignoreCase: true };
    const clash: FileTruth = { kind: 'conflict', why: '"A" and "B" changed it differently' };
    assert.equal(
      await told(
        { kind: 'all-of', checks: [exists, none, { ...exists, path: 'c.txt' }] },
        truth({ 'b.txt': 'y', 'c.txt': clash }),
      ),
      [
        'failed',
        'The deliverable is not there.',
        '- failed: a.txt exists: there is no such file',
        '- failed: b.txt matches /^x+$/i: it does not',
        '- failed: c.txt exists: "A" and "B" changed it differently',
      ].join('\n'),
    );
  });

  it('is not passed by what held before, where it is to be new', async () => {
    const fresh: Deliverable = { ...exists, isNew: true };
    assert.match(
      await told(fresh, truth({ 'a.txt': 'x' }, { before: { 'a.txt': 'x' } })),
      /^failed[\s\S]*it held before the work already/,
    );
    assert.match(await told(fresh, truth({ 'a.txt': 'x' })), /^passed/);
  });

  it('finds a line by a pattern with both ends', async () => {
    const line: Deliverable = { kind: 'file-matches', path: 'a.txt', pattern: '^b+$' };
    assert.match(await told(line, truth({ 'a.txt': 'a\r\nbb\r\nc\r\n' })), /^passed/);
    assert.match(await told(line, truth({ 'a.txt': 'a\nbbc\n' })), /^failed/);
  });

  it('names a check that cannot be made as broken, which is no pass and no failure', async () => {
    const secret: FileTruth = { kind: 'unknown', why: 'data rule "*.pem" withholds it' };
    const facts = truth({ 'a.txt': secret, 'b.bin': { kind: 'opaque', why: 'it is binary' } });
    assert.match(
      await told(exists, facts),
      /^broken[\s\S]*could not be made[\s\S]*- broken: a.txt exists: data rule "\*\.pem" withholds it/,
    );
    assert.match(await told({ ...exists, path: 'b.bin' }, facts), /^passed/);
    assert.match(await told({ ...contains, path: 'b.bin' }, facts), /^broken[\s\S]*it is binary/);
    const huge = truth({ 'a.txt': 'x'.repeat(2_000_001) });
    assert.match(await told(contains, huge), /^broken[\s\S]*at most 2,000,000 are searched/);
    const throwing: GroundTruth = { ...facts, file: () => Promise.reject(new Error('the disk is gone')) };
    assert.match(await told(exists, throwing), /^broken[\s\S]*it threw: the disk is gone/);
  });

  it('joins checks: one that failed decides all-of, one that passed any-of, and broken is never a pass', async () => {
    const facts = truth({ yes: 'x', odd: { kind: 'unknown', why: 'nobody knows' } });
    const yes: Deliverable = { ...exists, path: 'yes' };
    const no: Deliverable = { ...exists, path: 'no' };
    const odd: Deliverable = { ...exists, path: 'odd' };
    const kinds = async (...checks: readonly Deliverable[]): Promise<string> => {
      const all = await judge({ kind: 'all-of', checks }, facts, nobody);
      const any = await judge({ kind: 'any-of', checks }, facts, nobody);
      return `${all.kind} ${any.kind}`;
    };
    assert.equal(await kinds(yes, yes), 'passed passed');
    assert.equal(await kinds(yes, no), 'failed passed');
    assert.equal(await kinds(yes, odd), 'broken passed');
    assert.equal(await kinds(no, odd), 'failed broken');
    assert.equal(await kinds(no, no), 'failed failed');
    assert.equal(
      await kinds({ kind: 'any-of', checks: [no, yes] }, { kind: 'all-of', checks: [yes, no] }),
      'failed passed',
    );
  });

  it('takes the output by its schema, and says where it differs', async () => {
    const list: Deliverable = {
      kind: 'output-json',
      schema: {
        type: 'object',
        required: ['names'],
        properties: { names: { type: 'array', items: { type: 'string' }, minItems: 1 } },
      },
    };
    assert.match(await told(list, truth({}, { output: '{"names":["a"]}' })), /^passed/);
    assert.match(
      await told(list, truth({}, { output: '{"names":[1]}' })),
      /^failed[\s\S]*names\[0\] is number, not string/,
    );
    assert.match(
      await told(list, truth({}, { output: 'Here it is: {}' })),
      /^failed[\s\S]*no JSON[\s\S]*submit the JSON alone/,
    );
    assert.match(await told(list, truth({}, { output: '['.repeat(100) })), /^failed[\s\S]*nested deeper than 64/);
    const endless: Deliverable = { kind: 'output-json', schema: { $ref: '#' } };
    assert.match(await told(endless, truth({}, { output: '1' })), /^broken[\s\S]*without an end|^broken[\s\S]*steps/);
  });

  it('counts citations that were looked up, and takes none that was not', async () => {
    const cites: Deliverable = { kind: 'citations-verified', atLeast: 2 };
    assert.match(await told(cites, truth({}, { links: { '[a](a#L1)': true, '[b](b#L2)': true } })), /^passed/);
    assert.match(await told(cites, truth({}, { links: { '[a](a#L1)': true } })), /^failed[\s\S]*it cites 1/);
    assert.match(
      await told(cites, truth({}, { links: { '[a](a#L1)': true, '[b](b#L2)': true, '[c](c#L3)': false } })),
      /^failed[\s\S]*1 of its links to lines was not verified: \[c\]\(c#L3\)/,
    );
  });

  it('is refused beforehand where it could never be checked', () => {
    const fault = (given: unknown): string => {
      const read = deliverableSchema.safeParse(given);
      return read.success ? 'taken' : JSON.stringify(read.error.issues);
    };
    assert.match(fault({ kind: 'file-matches', path: 'a', pattern: '(a)\\1' }), /cannot be compiled as RE2/);
    assert.match(
      fault({ kind: 'output-json', schema: { type: 'object', dependentRequired: {} } }),
      /"dependentRequired\\*" is not known here/,
    );
    assert.match(fault({ kind: 'all-of', checks: [] }), /too_small/);
    assert.match(fault({ kind: 'command-exits-0', argv: ['rm'] }), /invalid/);
    assert.match(fault({ kind: 'file-exists', path: 'a', extra: 1 }), /unrecognized/);
    assert.equal(fault({ kind: 'all-of', checks: [exists, { kind: 'any-of', checks: [contains, exists] }] }), 'taken');
  });

  it('matches in linear time', async () => {
    const evil: Deliverable = { kind: 'file-matches', path: 'a.txt', pattern: '^(a+)+$' };
    const started = performance.now();
    assert.match(await told(evil, truth({ 'a.txt': `${'a'.repeat(20_000)}!` })), /^failed/);
    assert.ok(performance.now() - started < 2_000);
  });

  it('reads as a list', () => {
    assert.equal(
      deliverableText({
        kind: 'all-of',
        checks: [
          exists,
          {
            kind: 'any-of',
            checks: [{ kind: 'citations-verified' }, { kind: 'output-json', schema: { type: 'string' } }],
          },
        ],
      }),
      [
        '- all of these:',
        '  - a.txt exists',
        '  - at least one of these:',
        '    - the output cites at least 1 verified passage, and nothing else',
        '    - the output is JSON that fits the schema: {"type":"string"}',
      ].join('\n'),
    );
  });
});
