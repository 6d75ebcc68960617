import assert from 'node:assert/strict';
import { FILES, FIVE, proposal, proposalOf, write, type ScriptedTask } from './edit-runs.ts';

describe('Conflicts in a proposal', () => {
  it('keeps both versions of lines that two parallel tasks changed, with their sources named', () => {
    assert.equal(
      proposal(write('t', 'a.txt', FIVE.replace('two', 'T')), write('u', 'a.txt', FIVE.replace('two', 'U'))),
      [
        'a.txt modified by t,u: "one\\n<<<<<<< Task t (t)\\nT\\n=======\\nU\\n>>>>>>> Task u (u)\\nthree\\nfour\\nfive\\n"',
        `  t (Task t): ${JSON.stringify(FIVE.replace('two', 'T'))}`,
        `  u (Task u): ${JSON.stringify(FIVE.replace('two', 'U'))}`,
      ].join('\n'),
    );
  });

  const CLASHES: readonly (readonly [string, readonly ScriptedTask[], readonly string[]])[] = [
    [
      'an edit and a deletion',
      [write('t', 'b.txt', 'B\n'), { id: 'u', edits: [['delete', 'b.txt']] }],
      [
        'b.txt modified by t,u: "<<<<<<< Task t (t)\\nB\\n=======\\n>>>>>>> Task u (u) has no such file\\n"',
        '  t (Task t): "B\\n"',
        '  u (Task u): null',
      ],
    ],
    [
      'two creations with different texts',
      [write('t', 'n.txt', 'same\nt\n'), write('u', 'n.txt', 'same\nu\n')],
      [
        'n.txt created by t,u: "same\\n<<<<<<< Task t (t)\\nt\\n=======\\nu\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): "same\\nt\\n"',
        '  u (Task u): "same\\nu\\n"',
      ],
    ],
    [
      'a rename to a path that another task creates',
      [{ id: 't', edits: [['rename', 'b.txt', 'n.txt']] }, write('u', 'n.txt', 'u\n')],
      [
        'b.txt modified by t,u: "<<<<<<< Task t (t) has no such file\\n=======\\nb\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): null',
        '  u (Task u): "b\\n"',
        'n.txt created by t,u: "<<<<<<< Task t (t)\\nb\\n=======\\nu\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): "b\\n"',
        '  u (Task u): "u\\n"',
      ],
    ],
    [
      'a creation at a path that another task renames to',
      [write('t', 'n.txt', 't\n'), { id: 'u', edits: [['rename', 'b.txt', 'n.txt']] }],
      [
        'b.txt modified by t,u: "<<<<<<< Task t (t)\\nb\\n=======\\n>>>>>>> Task u (u) has no such file\\n"',
        '  t (Task t): "b\\n"',
        '  u (Task u): null',
        'n.txt created by t,u: "<<<<<<< Task t (t)\\nt\\n=======\\nb\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): "t\\n"',
        '  u (Task u): "b\\n"',
      ],
    ],
    [
      'two renames of one file',
      [
        { id: 't', edits: [['rename', 'b.txt', 'n.txt']] },
        { id: 'u', edits: [['rename', 'b.txt', 'm.txt']] },
      ],
      [
        'b.txt deleted by t,u: null',
        'm.txt created by t,u: "<<<<<<< Task t (t) has no such file\\n=======\\nb\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): null',
        '  u (Task u): "b\\n"',
        'n.txt created by t,u: "<<<<<<< Task t (t)\\nb\\n=======\\n>>>>>>> Task u (u) has no such file\\n"',
        '  t (Task t): "b\\n"',
        '  u (Task u): null',
      ],
    ],
    [
      'a rename and a deletion, in either order',
      [
        {
          id: 't',
          edits: [
            ['rename', 'b.txt', 'n.txt'],
            ['delete', 'c.txt'],
          ],
        },
        {
          id: 'u',
          edits: [
            ['delete', 'b.txt'],
            ['rename', 'c.txt', 'm.txt'],
          ],
        },
      ],
      [
        'b.txt deleted by t,u: null',
        'c.txt deleted by t,u: null',
        'm.txt created by t,u: "<<<<<<< Task t (t) has no such file\\n=======\\nc\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): null',
        '  u (Task u): "c\\n"',
        'n.txt created by t,u: "<<<<<<< Task t (t)\\nb\\n=======\\n>>>>>>> Task u (u) has no such file\\n"',
        '  t (Task t): "b\\n"',
        '  u (Task u): null',
      ],
    ],
    [
      'two files renamed to one path',
      [
        { id: 't', edits: [['rename', 'b.txt', 'n.txt']] },
        { id: 'u', edits: [['rename', 'c.txt', 'n.txt']] },
      ],
      [
        'b.txt modified by t,u: "<<<<<<< Task t (t) has no such file\\n=======\\nb\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): null',
        '  u (Task u): "b\\n"',
        'c.txt modified by t,u: "<<<<<<< Task t (t)\\nc\\n=======\\n>>>>>>> Task u (u) has no such file\\n"',
        '  t (Task t): "c\\n"',
        '  u (Task u): null',
        'n.txt created by t,u: "<<<<<<< Task t (t)\\nb\\n=======\\nc\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): "b\\n"',
        '  u (Task u): "c\\n"',
      ],
    ],
    [
      'a rename with an edit, and another edit of the same line',
      [
        {
          id: 't',
          edits: [
            ['rename', 'b.txt', 'n.txt'],
            ['write', 'n.txt', 't\n'],
          ],
        },
        write('u', 'b.txt', 'u\n'),
      ],
      [
        'n.txt renamed from b.txt by t,u: "<<<<<<< Task t (t)\\nt\\n=======\\nu\\n>>>>>>> Task u (u)\\n"',
        '  t (Task t): "t\\n"',
        '  u (Task u): "u\\n"',
      ],
    ],
  ];
  for (const [name, tasks, expected] of CLASHES)
    it(`has a conflict for ${name}`, () => assert.equal(proposal(...tasks), expected.join('\n')));

  it('has as many sides as tasks that clash, and what fits all of them in every side', () => {
    const two = (word: string): string => FIVE.replace('two', word);
    const files = proposalOf(FILES, [
      write('t', 'a.txt', two('T')),
      write('u', 'a.txt', two('U')),
      write('v', 'a.txt', two('V')),
      write('w', 'a.txt', FIVE.replace('five', '5')),
    ]);
    assert.deepEqual(
      files[0]?.conflict?.sides.map(({ task, text }) => [task, text]),
      [
        ['t', two('T').replace('five', '5')],
        ['u', two('U').replace('five', '5')],
        ['v', two('V').replace('five', '5')],
      ],
    );
    for (const name of ['Task t (t)', 'Task u (u)', 'Task v (v)', 'T\n', 'U\n', 'V\n', '5\n'])
      assert.ok(files[0]?.text?.includes(name), name);
  });

  it('names the task whose own lines clash, not the one that came last', () => {
    const [file] = proposalOf(FILES, [
      write('t', 'a.txt', FIVE.replace('one', 'T')),
      write('u', 'a.txt', FIVE.replace('five', 'U')),
      write('v', 'a.txt', FIVE.replace('one', 'V')),
    ]);
    assert.deepEqual(
      file?.conflict?.sides.map(({ task }) => task),
      ['t', 'v'],
    );
  });

  it('takes a task that saw a conflict and left no markers for its decision', () => {
    const tasks = [write('t', 'b.txt', 't\n'), write('u', 'b.txt', 'u\n')];
    assert.equal(
      proposal(...tasks, { ...write('v', 'b.txt', 'both\n'), needs: ['t', 'u'] }),
      'b.txt modified by t,u,v: "both\\n"',
    );
    const [file] = proposalOf(FILES, [
      ...tasks,
      { ...write('v', 'b.txt', '<<<<<<< Task t (t)\nx\n'), needs: ['t', 'u'] },
    ]);
    assert.equal(file?.conflict?.sides.length, 2, 'markers that are left keep the conflict open');
  });

  it('takes a file that is written anew after its deletion for the same file', () => {
    assert.equal(
      proposal(
        write('q', 'b.txt', 'q\n'),
        { id: 't', edits: [['delete', 'b.txt']] },
        { ...write('u', 'b.txt', 'anew\n'), needs: ['t'] },
      ),
      [
        'b.txt modified by q,t,u: "<<<<<<< Task q (q)\\nq\\n=======\\nanew\\n>>>>>>> Task u (u)\\n"',
        '  q (Task q): "q\\n"',
        '  u (Task u): "anew\\n"',
      ].join('\n'),
    );
  });

  it('carries a dependent edit into the side that it stands on', () => {
    const [file] = proposalOf(FILES, [
      write('t', 'a.txt', FIVE.replace('two', 'T')),
      write('u', 'a.txt', FIVE.replace('two', 'U')),
      { ...write('v', 'a.txt', FIVE.replace('two', 'T, again')), needs: ['t'] },
    ]);
    assert.deepEqual(
      file?.conflict?.sides.map(({ task, text }) => [task, text?.split('\n')[1]]),
      [
        ['v', 'T, again'],
        ['u', 'U'],
      ],
    );
  });
});
