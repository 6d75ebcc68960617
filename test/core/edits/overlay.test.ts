import assert from 'node:assert/strict';
import { overlayOf, type Overlay } from '../../../src/core/edits/overlay.ts';
import { viewOf, type OverlayView } from '../../../src/core/edits/overlay-view.ts';
import { fc, propertyOptions } from '../../support/properties.ts';
import { editedRun, textFiles, type ScriptedEdit, type ScriptedTask } from './edit-runs.ts';

const FILES = textFiles({ 'a.txt': 'a\n', 'b.txt': 'b\n' });

function overlay(...edits: readonly ScriptedEdit[]): Overlay {
  const task = editedRun(FILES, [{ id: 't', edits }]).tasks.get('t');
  assert.ok(task !== undefined);
  return overlayOf(task);
}

function changes({ changes: list }: Overlay): readonly string[] {
  return list.map(({ origin, path, text }) => `${origin} -> ${path}: ${JSON.stringify(text)}`);
}

function seen(view: Pick<OverlayView, 'lookup'>, ...paths: readonly string[]): readonly string[] {
  return paths.map((path) => {
    const found = view.lookup(path);
    if (found === undefined) return '-';
    return found.kind === 'text' ? found.text.trim() : found.kind;
  });
}

describe('The overlay of a task', () => {
  const CASES: readonly (readonly [string, readonly ScriptedEdit[], readonly string[]])[] = [
    [
      'a written file',
      [
        ['write', 'a.txt', '1'],
        ['write', 'a.txt', '2'],
      ],
      ['a.txt -> a.txt: "2"'],
    ],
    ['a created file', [['write', 'n.txt', '1']], ['null -> n.txt: "1"']],
    ['a deleted file', [['delete', 'a.txt']], ['a.txt -> null: null']],
    [
      'a file created and deleted',
      [
        ['write', 'n.txt', '1'],
        ['delete', 'n.txt'],
      ],
      [],
    ],
    [
      'a file deleted and written anew',
      [
        ['delete', 'a.txt'],
        ['write', 'a.txt', '2'],
      ],
      ['a.txt -> a.txt: "2"'],
    ],
    ['a renamed file', [['rename', 'a.txt', 'n.txt']], ['a.txt -> n.txt: "a\\n"']],
    [
      'a file renamed twice and edited',
      [
        ['write', 'a.txt', '1'],
        ['rename', 'a.txt', 'm.txt'],
        ['rename', 'm.txt', 'n.txt'],
        ['write', 'n.txt', '2'],
      ],
      ['a.txt -> n.txt: "2"'],
    ],
    [
      'a file renamed, and another written where it was',
      [
        ['rename', 'a.txt', 'n.txt'],
        ['write', 'a.txt', 'other'],
      ],
      ['null -> a.txt: "other"', 'a.txt -> n.txt: "a\\n"'],
    ],
    [
      'a file renamed and deleted',
      [
        ['rename', 'a.txt', 'n.txt'],
        ['delete', 'n.txt'],
      ],
      ['a.txt -> null: null'],
    ],
    [
      'a file that takes the place of a deleted one',
      [
        ['delete', 'b.txt'],
        ['rename', 'a.txt', 'b.txt'],
      ],
      ['b.txt -> null: null', 'a.txt -> b.txt: "a\\n"'],
    ],
  ];
  for (const [name, edits, expected] of CASES)
    it(`tells of ${name}`, () => assert.deepEqual(changes(overlay(...edits)), expected));

  it('is looked up by path', () => {
    const edits = overlay(['rename', 'a.txt', 'n.txt'], ['delete', 'b.txt']);
    assert.deepEqual(seen(edits, 'a.txt', 'n.txt', 'b.txt', 'c.txt'), ['deleted', 'a', 'deleted', '-']);
  });

  it('says which texts are missing in a record that was read without them', () => {
    const task = editedRun(FILES, [{ id: 't', edits: [['write', 'a.txt', 'x']] }]).tasks.get('t');
    assert.ok(task !== undefined);
    const lost = { hash: 'h', bytes: 3 };
    const noText = overlayOf({ ...task, edits: task.edits.map((edit) => ({ ...edit, text: lost })) });
    assert.deepEqual(noText.lookup('a.txt'), {
      kind: 'missing',
      why: 'The record was read without the text of a.txt.',
    });
    assert.deepEqual(noText.missing, ['The record was read without the text of a.txt.']);
    const noBaseText = overlayOf({ ...task, based: task.based.map((base) => ({ ...base, text: lost })) });
    assert.deepEqual(noBaseText.missing, ['The record was read without the text of a.txt.']);
    const noBase = overlayOf({ ...task, based: [] });
    assert.deepEqual(noBase.missing, ['What the edit of a.txt stands on is not on record.']);
    assert.equal(noBase.lookup('a.txt')?.kind, 'missing');
    assert.deepEqual(overlayOf(task).missing, []);
  });

  it('shows what the same edits would leave on a disk', () => {
    const paths = ['a.txt', 'b.txt', 'c.txt', 'd.txt'];
    const path = fc.constantFrom(...paths);
    const drawn = fc.array(fc.tuple(fc.constantFrom('write', 'delete', 'rename'), path, path), { maxLength: 10 });
    fc.assert(
      fc.property(drawn, (steps) => {
        const disk = new Map([...FILES].map(([name, { text }]) => [name, text]));
        const edits: ScriptedEdit[] = [];
        for (const [index, [kind, from, to]] of steps.entries()) {
          const text = disk.get(from);
          if (kind === 'write') {
            edits.push(['write', from, `text ${index}`]);
            disk.set(from, `text ${index}`);
          } else if (text !== undefined && kind === 'delete') {
            edits.push(['delete', from]);
            disk.delete(from);
          } else if (text !== undefined && !disk.has(to)) {
            edits.push(['rename', from, to]);
            disk.delete(from);
            disk.set(to, text);
          }
        }
        const state = editedRun(FILES, [{ id: 't', edits }]);
        const view = viewOf(state, 't');
        const expected = paths.map((name) => disk.get(name)?.trim() ?? (FILES.has(name) ? 'deleted' : 'nothing'));
        const found = seen(view, ...paths).map((text, index) => {
          const name = paths[index] ?? '';
          if (text === '-') return FILES.get(name)?.text.trim() ?? 'nothing';
          return text === 'deleted' && !FILES.has(name) ? 'nothing' : text;
        });
        assert.deepEqual(found, expected);
        for (const [name, text] of view.changed()) assert.equal(text, disk.get(name) ?? null, name);
        const own = overlay(...edits)
          .changes.map(({ origin }) => origin)
          .filter((origin) => origin !== null);
        assert.equal(new Set(own).size, own.length, 'each file once');
      }),
      propertyOptions('overlay fold'),
    );
  });
});

describe('What a task sees', () => {
  const tasks: readonly ScriptedTask[] = [
    {
      id: 'first',
      edits: [
        ['write', 'a.txt', 'first'],
        ['rename', 'b.txt', 'c.txt'],
      ],
    },
    {
      id: 'sibling',
      edits: [
        ['write', 'a.txt', 'sibling'],
        ['write', 's.txt', 's'],
      ],
    },
    { id: 'second', needs: ['first'], edits: [['write', 'd.txt', 'second']] },
    { id: 'third', needs: ['second'], edits: [['write', 'c.txt', 'third']] },
  ];

  it('is its own edits over those of all tasks it depends on, and not those of its siblings', () => {
    const view = viewOf(editedRun(FILES, tasks), 'third');
    assert.deepEqual(seen(view, 'a.txt', 'b.txt', 'c.txt', 'd.txt', 's.txt'), [
      'first',
      'deleted',
      'third',
      'second',
      '-',
    ]);
    assert.deepEqual(
      [...view.changed()].sort(([a], [b]) => (a < b ? -1 : 1)),
      [
        ['a.txt', 'first'],
        ['b.txt', null],
        ['c.txt', 'third'],
        ['d.txt', 'second'],
      ],
    );
    assert.deepEqual(seen(viewOf(editedRun(FILES, tasks), 'first'), 'a.txt', 'd.txt'), ['first', '-']);
  });

  it('has both versions of what its dependencies disagree on', () => {
    const view = viewOf(editedRun(FILES, [...tasks, { id: 'last', needs: ['first', 'sibling'], edits: [] }]), 'last');
    assert.deepEqual(view.lookup('a.txt'), {
      kind: 'text',
      text: '<<<<<<< Task first (first)\nfirst\n=======\nsibling\n>>>>>>> Task sibling (sibling)\n',
    });
  });

  it('is not there when a dependency was read without its texts', () => {
    const state = editedRun(FILES, tasks);
    const first = state.tasks.get('first');
    assert.ok(first !== undefined);
    const edits = first.edits.map((edit) => ({ ...edit, text: { hash: 'h', bytes: 1 } }));
    const lost = { ...state, tasks: new Map(state.tasks).set('first', { ...first, edits }) };
    assert.equal(viewOf(lost, 'second').lookup('any')?.kind, 'missing');
    assert.equal(viewOf(lost, 'sibling').lookup('any'), undefined);
  });
});
