import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { payloadText } from '../../../src/core/run-event.ts';
import { createToolBox } from '../../../src/tools/agent-tools/tool-box.ts';
import { createMemoryJournal } from '../../../src/journal/memory-journal.ts';
import { engineFixture, MemoryWorkspace } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';
import { call, editsOf, toolsOf, uses } from '../agent/agent-rig.ts';
import { callOf, heardBy, onStage, questionsOf, resultOf, saidSince, stage, task, until } from './talk-rig.ts';

const FEATURES = ['generation', 'streaming', 'tools', 'reportedUsage', 'outputLimit'] as const;

function coder(more: object = {}, script?: ConstructorParameters<typeof ScriptedBackend>[1]): ScriptedBackend {
  return new ScriptedBackend({ id: 'dev', goodAt: ['code'], features: [...FEATURES], ...more }, script);
}

const code = { capability: 'code', edits: true };
const files = { 'a.ts': 'const a = 1;\n' };

function given(backend: ScriptedBackend, ...tasks: readonly ReturnType<typeof task>[]) {
  return { backends: [backend], tasks, tools: createToolBox(), workspace: new MemoryWorkspace(files) };
}

const READ = uses(call('read_file', { path: 'a.ts' }));
const EDIT = uses(call('write_file', { path: 'a.ts', text: 'const a = 2;\n' }));

describe('words to a code task', () => {
  it('stand behind the results of the tools in its next turn, and in all later ones', async () => {
    const dev = coder();
    const { say, finished, task: now, fixture } = await stage(given(dev, task('a', code)));
    const first = await callOf(dev, 0);
    await say('a', 'Use let.');
    first.reply(READ);
    const second = await callOf(dev, 1);
    const { messages } = second.request;
    assert.deepEqual(
      messages.map(({ role }) => role),
      ['system', 'user', 'assistant', 'tool', 'user'],
    );
    assert.equal(messages.at(-1)?.content, 'The user says:\nUse let.');
    second.reply(EDIT);
    const third = await callOf(dev, 2);
    assert.match(saidSince(third), /user: The user says:\nUse let\./);
    third.reply({ text: 'Report.' });
    await finished();
    assert.equal(resultOf(now('a')), 'completed: Report.');
    assert.deepEqual(heardBy(fixture.events, 'a'), ['0.0: 0', '1.0: 1', '2.0: 1']);
  });

  it('that the last turn has not heard are followed by another turn', async () => {
    const dev = coder();
    const { say, finished, task: now } = await stage(given(dev, task('a', code)));
    (await callOf(dev, 0)).reply(EDIT);
    const second = await callOf(dev, 1);
    await say('a', 'Mention the test.');
    second.reply({ text: 'Report.' });
    const third = await callOf(dev, 2);
    assert.match(saidSince(third), /assistant: Report\.\n\nuser: The user says:\nMention the test\.$/);
    assert.ok((third.request.tools?.length ?? 0) > 0);
    third.reply({ text: 'Report with test.' });
    await finished();
    assert.equal(resultOf(now('a')), 'completed: Report with test.');
  });

  it('that no further turn can hear are named in the result', async () => {
    const dev = coder();
    const { say, finished, task: now } = await stage(given(dev, task('a', code)), { perTask: { maxIterations: 2 } });
    (await callOf(dev, 0)).reply(uses(call('write_file', { path: 'b.ts', text: 'x' })));
    const second = await callOf(dev, 1);
    await say('a', 'Too late.');
    second.reply({ text: 'Report.' });
    await finished();
    assert.match(resultOf(now('a')), /^completed, partial: Report\.[\s\S]*What you said last was not heard: a limit/);
  });

  it('make a conversation also with a backend that has no tools', async () => {
    const plain = coder({ features: ['generation', 'streaming', 'reportedUsage', 'outputLimit'] });
    const { say, finished, task: now } = await stage(given(plain, task('a', code)));
    const first = await callOf(plain, 0);
    await say('a', 'In French.');
    first.reply({ text: 'Code.' });
    const second = await callOf(plain, 1);
    assert.equal(saidSince(second), 'assistant: Code.\n\nuser: The user says:\nIn French.');
    second.reply({ text: 'Le code.' });
    await finished();
    assert.equal(resultOf(now('a')), 'completed: Le code.');
  });
});

describe('the tool ask_user', () => {
  it('is there where the user can be asked, waits for the answer, and is on record like any tool', async () => {
    const dev = coder();
    const { say, finished, task: now, fixture } = await stage(given(dev, task('a', { ...code, mode: 'hybrid' })));
    const first = await callOf(dev, 0);
    assert.ok(first.request.tools?.some(({ name }) => name === 'ask_user'));
    assert.match(first.prompt, /The user can be asked\./);
    await say('a', 'Steer.');
    first.reply(
      uses(
        call('read_file', { path: 'a.ts' }),
        call('ask_user', { question: ' Tabs? ' }),
        call('ask_user', { question: 'And colour?' }, 'second'),
        call('list_files', {}),
      ),
    );
    await until(() => now('a').status === 'waiting', 'it waits');
    assert.deepEqual(toolsOf(now('a')), ['#0 read_file ok: a.ts, lines 1-1 of 1']);
    assert.ok(fixture.engine.health().every(({ callsInFlight }) => callsInFlight === 0));
    await say('a', 'Tabs.');
    const second = await callOf(dev, 1);
    assert.deepEqual(questionsOf(now('a')), ['user#1: Steer.', 'task#0: Tabs?', 'user#1: Tabs.']);
    const asked = now('a').tools.filter(({ name }) => name === 'ask_user');
    assert.deepEqual(
      asked.map(({ isOk, result }) => `${isOk} ${payloadText(result)}`),
      [
        'true The user says:\nTabs.',
        'false This was not asked: one question a turn. Ask it in your next turn if you still need it.',
      ],
    );
    const contents = second.request.messages.map(({ content }) => content);
    assert.ok(contents.includes('The user says:\nTabs.'), 'the answer stands between no marks');
    assert.equal(contents.at(-1), 'The user says:\nSteer.', 'and is not told twice');
    second.reply({ text: 'Report.' });
    await finished();
    assert.deepEqual(heardBy(fixture.events, 'a'), ['0.0: 0', '1.0: 2']);
  });

  it('is not there for an autonomous task, which is told so when it asks all the same', async () => {
    const dev = coder();
    const { finished, task: now } = await stage(given(dev, task('a', code)));
    const first = await callOf(dev, 0);
    assert.ok(!first.request.tools?.some(({ name }) => name === 'ask_user'));
    first.reply(uses(call('ask_user', { question: 'Tabs?' })));
    (await callOf(dev, 1)).reply({ text: 'Report.' });
    await finished();
    assert.deepEqual(toolsOf(now('a')), [
      '#0 ask_user refused: Nobody can answer now. Go on with your best judgement, and say what you chose.',
    ]);
  });

  it('waits for the same question after a resume, and asks nothing again that was answered', async () => {
    const clock = new ManualClock();
    const journal = createMemoryJournal({ clock });
    const dev = coder();
    const options = { ...given(dev, task('a', { ...code, mode: 'interactive' })), journal, clock };
    const first = await stage(options);
    await first.say('a', 'Begin.');
    (await callOf(dev, 0)).reply(uses(call('ask_user', { question: 'Tabs?' }), call('read_file', { path: 'a.ts' })));
    await until(() => first.task('a').status === 'waiting', 'it waits');
    await first.say('a', 'Tabs.');
    await callOf(dev, 1);
    const { run } = first.handle;
    await first.fixture.engine.dispose();

    const again = async (ids: string) => {
      const fixture = engineFixture({ ...options, ids });
      const resumed = await fixture.engine.resume(run);
      assert.ok(resumed.ok);
      return onStage(fixture, resumed.value);
    };
    const second = await again('second');
    (await callOf(dev, 2)).reply({ text: '**Ask the user:** Spaces after all?' });
    await until(() => second.task('a').status === 'waiting', 'it waits again');
    await second.fixture.engine.dispose();

    const third = await again('third');
    await until(() => third.task('a').status === 'waiting', 'and again');
    await third.say('a', 'No.');
    const last = await callOf(dev, 3);
    assert.equal(
      last.request.messages
        .slice(2)
        .map(({ role, content }) => `${role}: ${content.split('\n').slice(0, 2).join(' ')}`)
        .join('\n'),
      [
        'assistant: ',
        'tool: The user says: Tabs.',
        'tool: <<~run1 result of read_file>> a.ts, lines 1-1 of 1',
        'assistant: **Ask the user:** Spaces after all?',
        'user: The user says: No.',
      ].join('\n'),
    );
    assert.equal(last.prompt.split('The user says:').length - 1, 3, 'each word stands once, where it was heard');
    last.reply({ text: 'Report.' });
    await third.finished();
    assert.deepEqual(questionsOf(third.task('a')), [
      'user#0: Begin.',
      'task#0: Tabs?',
      'user#1: Tabs.',
      'task#1: Spaces after all?',
      'user#3: No.',
    ]);
    assert.equal(resultOf(third.task('a')), 'completed: Report.');
  });
});

describe('a code task that is stopped', () => {
  it('keeps its edits, and says so', async () => {
    const dev = coder();
    const { act, finished, task: now } = await stage(given(dev, task('a', code)));
    (await callOf(dev, 0)).reply(READ);
    (await callOf(dev, 1)).reply(EDIT);
    (await callOf(dev, 2)).stream('I will now');
    await act({ kind: 'stop-task', task: 'a', keep: true });
    assert.equal((await finished()).outcome, 'partial');
    assert.deepEqual(editsOf(now('a')), ['#1 write a.ts: "const a = 2;\\n"']);
    assert.equal(
      resultOf(now('a')),
      'completed, kept, partial: I will now\n\nYou stopped this task before it was finished. Its edits so far are in the proposal: a.ts.',
    );
  });

  it('has nothing to keep before anything was written', async () => {
    const dev = coder();
    const { act, finished, task: now } = await stage(given(dev, task('a', code)));
    (await callOf(dev, 0)).reply(READ);
    await callOf(dev, 1);
    await act({ kind: 'stop-task', task: 'a', keep: true });
    await finished();
    assert.equal(resultOf(now('a')), 'cancelled, partial: ');
  });

  it('ends at once while it waits in the middle of its tools', async () => {
    const dev = coder();
    const { act, finished, task: now } = await stage(given(dev, task('a', { ...code, mode: 'hybrid' })));
    (await callOf(dev, 0)).reply(uses(...EDIT_AND_ASK));
    await until(() => now('a').status === 'waiting', 'it waits');
    await act({ kind: 'stop-task', task: 'a', keep: true });
    await finished();
    assert.match(resultOf(now('a')), /^completed, kept, partial: You stopped this task .* in the proposal: b\.ts\.$/);
  });
});

const EDIT_AND_ASK = [call('write_file', { path: 'b.ts', text: 'x' }), call('ask_user', { question: 'Good?' })];
