import assert from 'node:assert/strict';
import { buildProposal, entriesOf } from '../../../src/core/edits/build-proposal.ts';
import { headlineOf } from '../../../src/core/edits/headline.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { editedRun, FILES, FIVE, proposal, proposalOf, shown, write, type ScriptedTask } from './edit-runs.ts';

describe('The proposal of a run', () => {
  it('has one file for each that was changed, created, deleted or renamed, by path', () => {
    assert.equal(
      proposal(
        {
          id: 't',
          edits: [
            ['rename', 'c.txt', 'd.txt'],
            ['write', 'new.txt', 'n\n'],
            ['delete', 'b.txt'],
          ],
        },
        write('u', 'a.txt', FIVE.replace('two', '2')),
      ),
      [
        'a.txt modified by u: "one\\n2\\nthree\\nfour\\nfive\\n"',
        'b.txt deleted by t: null',
        'd.txt renamed from c.txt by t: "c\\n"',
        'new.txt created by t: "n\\n"',
      ].join('\n'),
    );
  });

  it('merges edits of one file by parallel tasks', () => {
    assert.equal(
      proposal(write('t', 'a.txt', FIVE.replace('one', '1')), write('u', 'a.txt', FIVE.replace('five', '5'))),
      'a.txt modified by t,u: "1\\ntwo\\nthree\\nfour\\n5\\n"',
    );
  });

  it('takes an edit on top of that of a task it depends on as it is', () => {
    assert.equal(
      proposal(write('t', 'a.txt', 'first\n'), { ...write('u', 'a.txt', 'second\n'), needs: ['t'] }),
      'a.txt modified by t,u: "second\\n"',
    );
  });

  it('merges in dependency order, whatever the order of the plan', () => {
    const tasks: readonly ScriptedTask[] = [
      write('first', 'new.txt', 'x\n'),
      { id: 'second', needs: ['first'], edits: [['rename', 'new.txt', 'newer.txt']] },
      { id: 'third', needs: ['second'], edits: [['write', 'newer.txt', 'y\n']] },
    ];
    const state = editedRun(FILES, tasks);
    const backwards = { ...state, tasks: new Map([...state.tasks].reverse()) };
    const built = buildProposal(backwards);
    assert.equal(built.ok ? shown(built.value) : '', 'newer.txt created by first,second,third: "y\\n"');
  });

  it('leaves out what failed and cancelled tasks edited', () => {
    assert.equal(
      proposal(
        { ...write('t', 'a.txt', 'x\n'), ends: 'failed' },
        { ...write('u', 'b.txt', 'x\n'), ends: 'cancelled' },
        write('v', 'c.txt', 'x\n'),
      ),
      'c.txt modified by v: "x\\n"',
    );
  });

  it('leaves out files that are in the end as they were', () => {
    assert.equal(
      proposal(
        write('t', 'a.txt', 'x\n'),
        { ...write('u', 'a.txt', FIVE), needs: ['t'] },
        {
          id: 'v',
          edits: [
            ['write', 'n.txt', 'n\n'],
            ['delete', 'n.txt'],
            ['delete', 'b.txt'],
            ['write', 'b.txt', 'b\n'],
          ],
        },
        {
          id: 'w',
          edits: [
            ['rename', 'c.txt', 'd.txt'],
            ['rename', 'd.txt', 'c.txt'],
          ],
        },
      ),
      '',
    );
  });

  it('lets an edit follow a rename, whichever comes first', () => {
    const rename: ScriptedTask = { id: 't', edits: [['rename', 'a.txt', 'n.txt']] };
    const edit = write('u', 'a.txt', FIVE.replace('two', '2'));
    const text = JSON.stringify(FIVE.replace('two', '2'));
    assert.equal(proposal(rename, edit), `n.txt renamed from a.txt by t,u: ${text}`);
    assert.equal(proposal(edit, rename), `n.txt renamed from a.txt by u,t: ${text}`);
  });

  it('shows files that swapped places as changed', () => {
    assert.equal(
      proposal({
        id: 't',
        edits: [
          ['rename', 'b.txt', 'x'],
          ['rename', 'c.txt', 'b.txt'],
          ['rename', 'x', 'c.txt'],
        ],
      }),
      'b.txt modified by t: "c\\n"\nc.txt modified by t: "b\\n"',
    );
  });

  it('carries an edit along when its file swaps places with another', () => {
    const swap: ScriptedTask = {
      id: 't',
      edits: [
        ['rename', 'b.txt', 'x'],
        ['rename', 'c.txt', 'b.txt'],
        ['rename', 'x', 'c.txt'],
      ],
    };
    assert.equal(
      proposal(write('p', 'b.txt', 'B\n'), swap),
      'b.txt modified by p,t: "c\\n"\nc.txt modified by t,p: "B\\n"',
    );
  });

  it('shows a file that was replaced by a renamed one as changed, and the renamed one as deleted', () => {
    assert.equal(
      proposal({
        id: 't',
        edits: [
          ['delete', 'b.txt'],
          ['rename', 'c.txt', 'b.txt'],
        ],
      }),
      'b.txt modified by t: "c\\n"\nc.txt deleted by t: null',
    );
  });

  it('stands on what the first task read, keeps its format and marks what is protected, unsaved, new to the web or faulty', () => {
    const files = new Map([
      ...FILES,
      [
        'p.json',
        {
          text: '{}\r\n',
          hash: 'of-disk',
          format: { encoding: 'utf8-bom', eol: 'crlf' },
          unsaved: true,
          protectedBecause: 'it runs',
        } as const,
      ],
    ]);
    const [file] = proposalOf(files, [
      { ...write('t', 'p.json', '{"a":1\r\n'), problems: ['p.json:1: no end', 'other.json:1: no'] },
      { ...write('u', 'p.json', '{"$schema":"http://evil.example/x"}\r\n'), needs: ['t'] },
    ]);
    assert.deepEqual(file, {
      path: 'p.json',
      kind: 'modified',
      base: { text: '{}\r\n', hash: 'of-disk', unsaved: true },
      text: '{"$schema":"http://evil.example/x"}\r\n',
      format: { encoding: 'utf8-bom', eol: 'crlf' },
      tasks: ['t', 'u'],
      protectedBecause: 'it runs',
      newUrls: ['http://evil.example/x'],
      problems: ['p.json:1: no end'],
    });
  });

  it('lists each file with its lines, and says in one line what there is', () => {
    const files = proposalOf(FILES, [
      {
        id: 't',
        edits: [
          ['write', 'a.txt', FIVE.replace('two\n', '2\n2b\n')],
          ['write', 'n.txt', 'x\ny'],
          ['rename', 'c.txt', 'd.txt'],
        ],
      },
      write('u', 'n.txt', 'z'),
      { id: 'v', edits: [['delete', 'b.txt']] },
    ]);
    const entries = entriesOf(files);
    assert.deepEqual(
      entries.map(({ path, added, removed, isConflict }) => [path, added, removed, isConflict]),
      [
        ['a.txt', 2, 1, false],
        ['b.txt', 0, 1, false],
        ['d.txt', 0, 0, false],
        ['n.txt', 6, 0, true],
      ],
    );
    assert.equal(headlineOf(entries), '4 files: 1 changed, 1 new, 1 deleted, 1 renamed; 1 conflict');
    assert.equal(headlineOf(entries.slice(0, 1)), '1 file: 1 changed');
  });

  it('is not built when the record was read without its texts', () => {
    const state = editedRun(FILES, [write('t', 'a.txt', 'x')]);
    const task = state.tasks.get('t');
    assert.ok(task !== undefined);
    const edits = task.edits.map((edit) => ({ ...edit, text: { hash: 'h', bytes: 1 } }));
    const built = buildProposal({ ...state, tasks: new Map([['t', { ...task, edits }]]) });
    assert.equal(
      built.ok ? '' : built.error.message,
      'The edits of run r cannot be put together. The record was read without the text of a.txt.',
    );
  });

  it('holds every line that any task wrote, or a side that has it, whatever tasks do', () => {
    const path = fc.constantFrom('a.txt', 'b.txt', 'c.txt', 'x.txt', 'y.txt');
    const edit = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.tuple(
          fc.constant('write' as const),
          path,
          fc.array(fc.constantFrom('one', 'two', 'p', 'q'), { maxLength: 5 }),
        ),
      },
      { weight: 1, arbitrary: fc.tuple(fc.constant('delete' as const), path, fc.constant([])) },
      { weight: 1, arbitrary: fc.tuple(fc.constant('rename' as const), path, fc.constant([])) },
    );
    const task = fc.record({ needs: fc.nat(7), edits: fc.array(edit, { minLength: 1, maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(task, { minLength: 1, maxLength: 4 }), (drawn) => {
        const tasks = drawn.map(({ needs, edits }, index): ScriptedTask => ({
          id: `t${index}`,
          needs: drawn.flatMap((_, other) => (other < index && (needs >> other) % 2 === 1 ? [`t${other}`] : [])),
          edits: edits.map(([kind, at, lines], turn) => {
            if (kind === 'rename') return ['rename', at, `moved-${index}-${turn}.txt`];
            return kind === 'delete'
              ? ['delete', at]
              : ['write', at, lines.map((line) => `${line} ${index}.${turn}\n`).join('')];
          }),
        }));
        const files = proposalOf(FILES, tasks);
        const paths = files.map((file) => file.path);
        assert.equal(new Set(paths).size, paths.length, 'each path once');
        const all = files
          .flatMap((file) => [file.text, ...(file.conflict?.sides.map(({ text }) => text) ?? [])])
          .join('\n');
        for (const [index, { edits }] of tasks.entries()) {
          const isLast = tasks.every(({ needs = [] }) => !needs.includes(`t${index}`));
          if (!isLast) continue;
          const final = new Map<string, string>();
          for (const [kind, at, text = ''] of edits) {
            const before = final.get(at);
            final.delete(at);
            if (kind === 'write') final.set(at, text);
            if (kind === 'rename' && before !== undefined) final.set(text, before);
          }
          for (const text of final.values())
            for (const line of text.split('\n')) assert.ok(all.includes(line), `${line} of t${index} is lost`);
        }
      }),
      propertyOptions('no edit is lost'),
    );
  });
});
