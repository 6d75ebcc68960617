import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ToolBox } from '../../../src/core/agent/tool-box.ts';
import { describeEvents, MemoryWorkspace } from '../../support/engine-fixture.ts';
import type { ScriptedReply } from '../../support/scripted-backend.ts';
import { failsWith, works } from '../../support/scripted-replies.ts';
import {
  agentFixture,
  byTurn,
  call,
  coder,
  editsOf,
  plans,
  shownResults,
  stateOf,
  taskOf,
  toolsOf,
  uses,
  textOf,
} from './agent-rig.ts';

const FILES = { 'a.ts': 'const a = 1;\n', 'b.ts': 'const b = 1;\n' };

function readAndEdit(path: string, from: string, to: string): readonly ScriptedReply[] {
  return [
    uses(call('read_file', { path })),
    uses(call('edit_file', { path, edits: [{ search: from, replace: to }] })),
    { text: `Changed ${path}.` },
  ];
}

describe('a code task', () => {
  it('works turn by turn with tools, and its edits are on record before the next turn and nowhere else', async () => {
    const workspace = new MemoryWorkspace(FILES);
    const dev = coder('dev', byTurn({ a: readAndEdit('a.ts', 'a = 1', 'a = 2') }));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], workspace });
    const finished = await fixture.ask('go', { synthesis: false });
    assert.equal(finished.outcome, 'answered');
    assert.match(finished.answer, /Changed a\.ts\./);
    assert.deepEqual(editsOf(taskOf(fixture, 'a')), ['#1 write a.ts: "const a = 2;\\n"']);
    const events = fixture.events.filter(
      (event) => 'task' in event && event.task === 'a' && event.type !== 'route.decided',
    );
    assert.equal(
      describeEvents(events),
      `inputs.read a
task.started a
files.read a
workspace.asked a
tool.finished a
edit.based a
edit.made a
workspace.asked a
tool.finished a
edits.checked a
task.completed a`,
    );
    assert.deepEqual(
      dev.calls.map(
        ({ request }) => `${request.messages.map(({ role }) => role).join(' ')}; ${request.tools?.length} tools`,
      ),
      [
        'system user; 9 tools',
        'system user assistant tool; 9 tools',
        'system user assistant tool assistant tool; 9 tools',
      ],
    );
    const [fenced = ''] = shownResults(dev.calls[1]?.request ?? assert.fail());
    assert.match(fenced, /^<<(~\w+) result of read_file>>\n[\s\S]*1\| const a = 1;\n<<\1 end>>$/);
    assert.equal((await workspace.read('a.ts')).ok, true);
  });

  it('does not see the edits of its siblings; one that depends on both sees them', async () => {
    const seen = new Map<string, string>();
    const script = byTurn({
      a: [
        uses(call('read_file', { path: 'a.ts' }), call('read_file', { path: 'b.ts' })),
        uses(call('edit_file', { path: 'a.ts', edits: [{ search: 'a = 1', replace: 'a = 2' }] })),
        uses(call('search_files', { query: '= 2' })),
        { text: 'done' },
      ],
      b: [
        uses(call('read_file', { path: 'b.ts' })),
        uses(
          call('edit_file', { path: 'b.ts', edits: [{ search: 'b = 1', replace: 'b = 2' }] }),
          call('write_file', { path: 'new.ts', text: 'new = 2\n' }),
        ),
        uses(call('search_files', { query: '= 2' }), call('list_files', {})),
        { text: 'done' },
      ],
      c: [
        uses(call('search_files', { query: '= 2' }), call('list_files', {}), call('read_file', { path: 'new.ts' })),
        uses(call('edit_file', { path: 'new.ts', edits: [{ search: 'new = 2', replace: 'new = 3' }] })),
        uses(call('read_file', { path: 'new.ts' })),
        { text: 'done' },
      ],
    });
    const dev = coder('dev', (request) => {
      seen.set(`${request.key.task}#${request.key.turn}`, shownResults(request).join('\n'));
      return script(request);
    });
    const tasks = [{ id: 'a' }, { id: 'b' }, { id: 'c', dependsOn: ['a', 'b'] }];
    const fixture = agentFixture({ backends: [plans(...tasks), dev], workspace: new MemoryWorkspace(FILES) });
    await fixture.ask('go');
    assert.match(seen.get('a#3') ?? '', /\na\.ts\n {2}1\| const a = 2;\n/);
    assert.match(seen.get('b#3') ?? '', /\nb\.ts\n {2}1\| const b = 2;\nnew\.ts\n {2}1\| new = 2\n/);
    assert.match(seen.get('b#3') ?? '', /\na\.ts \(13 bytes\)\nb\.ts \(13 bytes\)\nnew\.ts \(8 bytes\)\n/);
    const c = seen.get('c#1') ?? '';
    assert.match(c, /\na\.ts\n {2}1\| const a = 2;\nb\.ts\n {2}1\| const b = 2;\nnew\.ts\n {2}1\| new = 2\n/);
    assert.match(c, /new\.ts, lines 1-1 of 1\n1\| new = 2\n/);
    assert.deepEqual(editsOf(taskOf(fixture, 'c')), ['#1 write new.ts: "new = 3\\n"']);
    assert.deepEqual(
      taskOf(fixture, 'c').based.map(({ path, exists, text, hash }) => ({ path, exists, text, hash })),
      [{ path: 'new.ts', exists: true, text: 'new = 2\n', hash: '' }],
    );
  });

  it('goes on at another backend when the first fails in mid-conversation, with all that was said', async () => {
    const script = byTurn({ a: readAndEdit('a.ts', 'a = 1', 'a = 2') });
    const first = coder('first', (request) => (request.key.turn === 1 ? failsWith('rejected') : script(request)), {
      costHint: 'free',
    });
    const second = coder('second', script, { costHint: 'high' });
    const fixture = agentFixture({
      backends: [plans({ id: 'a' }), first, second],
      workspace: new MemoryWorkspace(FILES),
    });
    assert.equal((await fixture.ask('go')).outcome, 'answered');
    assert.deepEqual(
      [...first.calls, ...second.calls].map(
        ({ backend, request: { key } }) => `${backend} #${key.turn}.${key.attempt}`,
      ),
      ['first #0.0', 'first #1.0', 'second #1.1', 'second #2.0'],
    );
    assert.match(shownResults(second.calls[0]?.request ?? assert.fail())[0] ?? '', /const a = 1;/);
    assert.equal(second.calls[1]?.backend, 'second', 'the conversation stays where it is');
  });

  it('prefers a backend with tools, and one without gets the brief and answers in words', async () => {
    const plain = coder('plain', works, { features: ['generation', 'streaming'] });
    const dev = coder('dev', works);
    const both = agentFixture({ backends: [plans({ id: 'a' }), plain, dev] });
    await both.ask('go');
    assert.equal(taskOf(both, 'a').backend, 'dev');
    assert.match(taskOf(both, 'a').route?.why ?? '', /can use tools/);
    const alone = agentFixture({
      backends: [plans({ id: 'a', inputs: ['a.ts'] }), plain],
      workspace: new MemoryWorkspace(FILES),
    });
    assert.equal((await alone.ask('go')).outcome, 'answered');
    assert.equal(plain.calls[0]?.request.tools, undefined);
    assert.match(plain.calls[0]?.prompt ?? '', /Code is given whole and ready to use[\s\S]*1\| const a = 1;/);
    assert.deepEqual(stateOf(alone).tasks.get('a')?.partial, false);
  });

  it('tells what was done in words when the conversation goes on where there are no tools', async () => {
    const script = byTurn({ a: readAndEdit('a.ts', 'a = 1', 'a = 2') });
    const first = coder('first', (request) => (request.key.turn === 2 ? failsWith('rejected') : script(request)));
    const plain = coder('plain', () => ({ text: 'I can only report.' }), { features: ['generation', 'streaming'] });
    const fixture = agentFixture({
      backends: [plans({ id: 'a' }), first, plain],
      workspace: new MemoryWorkspace(FILES),
    });
    await fixture.ask('go');
    const { request } = plain.calls[0] ?? assert.fail();
    assert.deepEqual(
      request.messages.map(({ role }) => role),
      ['system', 'user', 'assistant', 'user', 'assistant', 'user'],
    );
    assert.match(request.messages[2]?.content ?? '', /^Calls of tools:\nread_file \{"path":"a\.ts"\}$/);
    assert.match(request.messages[5]?.content ?? '', /result of edit_file>>[\s\S]*You have no tools from here on\./);
    const task = taskOf(fixture, 'a');
    assert.equal(`${task.status} ${task.partial} ${editsOf(task).length}`, 'completed true 1');
  });

  it('runs at most 16 calls of a turn and answers the others', async () => {
    const many = Array.from({ length: 40 }, (_, index) => call('read_file', { path: `no-${index}.ts` }, `c${index}`));
    const dev = coder('dev', byTurn({ a: [uses(...many), { text: 'done' }] }));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev] });
    await fixture.ask('go');
    const { tools } = taskOf(fixture, 'a');
    assert.equal(tools.length, 32, 'what is beyond these is not kept');
    assert.deepEqual(
      [tools[15]?.result, tools[16]?.result].map((text) => /too many at once/.test(textOf(text ?? null))),
      [false, true],
    );
    const { messages } = dev.calls[1]?.request ?? assert.fail();
    assert.deepEqual(
      messages[2]?.toolCalls?.map(({ id }) => id),
      messages.slice(3).map(({ toolCallId }) => toolCallId),
    );
  });

  it('gives calls ids of their own when a server repeats them', async () => {
    const dev = coder(
      'dev',
      byTurn({
        a: [
          uses(call('list_files', {}, 'call_1'), call('read_file', { path: 'a.ts' }, 'call_1')),
          uses(call('read_file', { path: 'b.ts' }, 'call_1')),
          { text: 'done' },
        ],
      }),
    );
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], workspace: new MemoryWorkspace(FILES) });
    await fixture.ask('go');
    assert.deepEqual(
      taskOf(fixture, 'a').tools.map((used) => used.call),
      ['call_1', 'call_0_1', 'call_1_0'],
    );
    const ids = (dev.calls[2]?.request.messages ?? []).flatMap(({ toolCallId }) => toolCallId ?? []);
    assert.equal(new Set(ids).size, 3);
  });

  it('tells the model when a tool itself breaks, logs it, and nothing of that call counts', async () => {
    const tools: ToolBox = {
      tools: [{ name: 'boom', description: 'd', parameters: {}, edits: true }],
      run: async (_call, files, signal) => {
        await files.edit({ kind: 'create', path: 'new.ts', text: 'x\n' }, signal);
        throw new Error('no such register');
      },
    };
    const dev = coder('dev', byTurn({ a: [uses(call('boom', {})), { text: 'done' }] }));
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), dev], tools });
    await fixture.ask('go');
    assert.deepEqual(toolsOf(taskOf(fixture, 'a')), [
      '#0 boom refused: The tool broke, by a fault that is not yours; it changed nothing. Try another way, or finish and say what is left open.',
    ]);
    assert.deepEqual(taskOf(fixture, 'a').edits, []);
    assert.match(fixture.errors.join(), /Tool boom met a bug: Error: no such register/);
  });
});

describe('files that a data rule keeps on this machine', () => {
  const workspace = new MemoryWorkspace(
    { 'secrets/key.ts': 'CANARY = 1\n', 'a.ts': 'open = 1\n' },
    { local: ['secrets/key.ts'] },
  );

  it('are refused to a code task on a backend elsewhere, by every tool', async () => {
    const cloud = coder(
      'cloud',
      byTurn({
        a: [
          uses(
            call('read_file', { path: 'secrets/key.ts' }),
            call('search_files', { query: '= 1' }),
            call('outline_file', { path: 'secrets/key.ts' }),
            call('edit_file', { path: 'secrets/key.ts', edits: [{ search: 'x', replace: 'y' }] }),
            call('rename_file', { path: 'secrets/key.ts', to: 'b.ts' }),
          ),
          { text: 'done' },
        ],
      }),
      { tier: 'subscription' },
    );
    const fixture = agentFixture({ backends: [plans({ id: 'a' }), cloud], workspace });
    assert.equal((await fixture.ask('go')).outcome, 'answered');
    const told = shownResults(cloud.calls[1]?.request ?? assert.fail());
    assert.equal(told.length, 5);
    for (const text of told)
      assert.match(
        text,
        /A data rule keeps secrets\/key\.ts on this machine, and this conversation is with a backend elsewhere/,
      );
    assert.match(told[1] ?? '', /\na\.ts\n {2}1\| open = 1/);
    assert.ok(cloud.calls.every((each) => !JSON.stringify(each.request.messages).includes('CANARY')));
    assert.ok(taskOf(fixture, 'a').files.every(({ localOnly }) => localOnly !== true));
  });

  for (const [tool, args] of [
    ['read_file', { path: 'secrets/key.ts' }],
    ['search_files', { query: 'CANARY' }],
    ['outline_file', { path: 'secrets/key.ts' }],
  ] as const) {
    it(`keep a task here from then on, once ${tool} showed one to a local backend`, async () => {
      const script = byTurn({ a: [uses(call(tool, args)), { text: 'done' }] });
      const local = coder('local', (request) => (request.key.turn === 1 ? failsWith('rejected') : script(request)));
      const cloud = coder('cloud', script, { tier: 'subscription' });
      const fixture = agentFixture({ backends: [plans({ id: 'a' }), local, cloud], workspace });
      await fixture.ask('go');
      assert.equal(cloud.calls.length, 0);
      const task = taskOf(fixture, 'a');
      assert.equal(task.status, 'failed');
      assert.match(JSON.stringify(task.route), /data rule on secrets\/key\.ts keeps its inputs on this machine/);
    });
  }
});
