import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChatMessage } from '../../../src/core/backend.ts';
import { callsToAnswer } from '../../../src/core/agent/calls-to-answer.ts';
import { globMatcher, lineMatcher } from '../../../src/core/agent/match-path.ts';
import { codePrompt, type CodeValues } from '../../../src/core/prompts/code.ts';
import { taskPrompt } from '../../../src/core/prompts/task.ts';
import { estimateTokens } from '../../../src/core/tokens.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { assertGolden } from '../../support/golden.ts';
import { agentFixture, byTurn, call, coder, plans, shownResults, sizeOf, taskOf, uses, textOf } from './agent-rig.ts';

const LINES = (count: number) => Array.from({ length: count }, (_, line) => `const line${line} = ${line};`).join('\n');

function show(messages: readonly ChatMessage[]): string {
  return messages.map((message) => `=== ${message.role}\n${message.content}\n`).join('\n');
}

describe('the prompt of a code task', () => {
  const values: Omit<CodeValues, 'hasTools'> = {
    title: 'Rename the parser',
    objective: 'Rename parse to parseRule in src/a.ts and wherever it is called.',
    deliverable: 'nothing names parse any more',
    inputs: [{ path: 'src/a.ts', text: 'export function parse() {}\n', firstLine: 1, localOnly: false }],
    results: [{ task: 'b', title: 'Find callers', text: 'src/b.ts calls it.', partial: false }],
    withheld: [{ path: '.env', why: 'data rule .env*' }],
    mark: '~5e1f00d',
  };

  it('says how to work with tools and what becomes of edits', () => {
    const text = show(codePrompt.render({ ...values, hasTools: true }));
    assertGolden('prompts/code.txt', text);
    assert.ok(estimateTokens(text) <= 1_100, `${estimateTokens(text)} tokens`);
  });

  it('is that of any task where there are no tools', () => {
    assert.deepEqual(codePrompt.render({ ...values, hasTools: false }), taskPrompt.render(values));
  });
});

describe('what a code task is shown in a small window', () => {
  it('is at most half a window of inputs, so that there is room for what its tools show', async () => {
    const text = LINES(3_000);
    const dev = coder('dev', byTurn({ a: [uses(call('read_file', { path: 'b.ts' })), { text: 'done' }] }), {
      contextWindow: 24_000,
      maxOutputTokens: 2_000,
    });
    const workspace = new MemoryWorkspace({ 'a.ts': text, 'b.ts': LINES(300) });
    const fixture = agentFixture({ backends: [plans({ id: 'a', inputs: ['a.ts'] }), dev], workspace });
    await fixture.ask('go');
    const [first, second] = dev.calls.map(({ request }) => request);
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(sizeOf(first) > 10_000 && sizeOf(first) <= 12_000, `${sizeOf(first)}`);
    assert.match(first.messages[1]?.content ?? '', /file a\.ts \(only lines 1-\d+ of 3000, the rest did not fit\)/);
    assert.deepEqual(second.messages.slice(0, 2), first.messages, 'the brief stays as it was');
    assert.match(shownResults(second)[0] ?? '', /const line299 = 299;/);
  });

  it('names inputs of which nothing fits', async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`src/file-${index}.ts`, LINES(50)]));
    const dev = coder('dev', byTurn({}), { contextWindow: 16_000, maxOutputTokens: 1_000 });
    const fixture = agentFixture({
      backends: [plans({ id: 'a', inputs: Object.keys(files) }), dev],
      workspace: new MemoryWorkspace(files),
    });
    await fixture.ask('go');
    const { request } = dev.calls[0] ?? assert.fail();
    assert.ok(sizeOf(request) <= 8_500, `${sizeOf(request)}`);
    assert.match(
      request.messages[1]?.content ?? '',
      /Not available to you: src\/file-0\.ts, src\/file-1\.ts, [^;]*…, 300 inputs in all \(they did not fit here: read them with your tools\)/,
    );
  });

  it('may be asked for again when it is no longer shown, without being taken for a repetition', async () => {
    const read = (path: string) => uses(call('read_file', { path }));
    const paths = ['b.ts', 'c.ts', 'a.ts', 'a.ts', 'b.ts', 'c.ts', 'a.ts'];
    const dev = coder('dev', byTurn({ a: [...paths.map(read), { text: 'done' }] }), {
      contextWindow: 12_000,
      maxOutputTokens: 1_000,
    });
    const text = LINES(380);
    const fixture = agentFixture({
      backends: [plans({ id: 'a' }), dev],
      workspace: new MemoryWorkspace({ 'a.ts': text, 'b.ts': text, 'c.ts': text }),
    });
    await fixture.ask('go');
    const { tools } = taskOf(fixture, 'a');
    assert.equal(tools.length, paths.length);
    assert.deepEqual(
      tools.map(({ isOk, result }) => `${isOk} ${textOf(result).slice(0, 9)}`),
      [
        'true b.ts, lin',
        'true c.ts, lin',
        'true a.ts, lin',
        'true [You made',
        'true b.ts, lin',
        'true c.ts, lin',
        'true a.ts, lin',
      ],
    );
    assert.ok(dev.calls.every(({ request }) => sizeOf(request) + request.maxOutputTokens <= 12_000));
    assert.match(
      shownResults(dev.calls.at(-1)?.request ?? assert.fail())[0] ?? '',
      /shown earlier: 381 lines; call again to see it/,
    );
  });

  it('fails, and says so, when even the brief and the newest turn fit nowhere', async () => {
    const dev = coder(
      'dev',
      () =>
        uses(
          ...Array.from({ length: 16 }, (_, index) =>
            call('read_file', { path: 'a.ts', startLine: index + 1 }, `c${index}`),
          ),
        ),
      {
        contextWindow: 6_500,
        maxOutputTokens: 500,
      },
    );
    const front = plans({ id: 'a' });
    Object.assign(front.description, { contextWindow: 6_500 });
    const fixture = agentFixture({ backends: [front, dev], workspace: new MemoryWorkspace({ 'a.ts': LINES(300) }) });
    await fixture.ask('go');
    const task = taskOf(fixture, 'a');
    assert.equal(`${task.status} ${task.failure?.reason}`, 'failed context-overflow');
    assert.match(
      task.failure?.message ?? '',
      /The conversation of task a takes [\d,]+ tokens at the least, more than any backend can be shown\./,
    );
  });
});

describe('globs over created files', () => {
  it('mean what they mean over files', () => {
    const paths = ['a.ts', 'src/a.ts', 'src/deep/b.tsx', 'src/[id]/c.js', 'docs/x.md'];
    const matched = (glob: string): string => paths.filter(globMatcher(glob)).join(' ');
    assert.equal(matched('**/*.ts'), 'a.ts src/a.ts');
    assert.equal(matched('*.ts'), 'a.ts');
    assert.equal(matched('src'), 'src/a.ts src/deep/b.tsx src/[id]/c.js');
    assert.equal(matched('./src/**'), 'src/a.ts src/deep/b.tsx src/[id]/c.js');
    assert.equal(matched('src/*/?.{js,tsx}'), 'src/deep/b.tsx src/[id]/c.js');
    assert.equal(matched('src/[a-d].ts'), 'src/a.ts');
    assert.equal(matched('[!a]*/**'), 'src/a.ts src/deep/b.tsx src/[id]/c.js docs/x.md');
    assert.equal(matched('.'), paths.join(' '));
    assert.equal(matched('{a'), '');
  });

  it('take no longer for a hostile glob or query', () => {
    assert.equal(globMatcher(`${'*a'.repeat(40)}b`)('a'.repeat(4_000)), false);
    const signal = new AbortController().signal;
    assert.equal(
      lineMatcher({ query: '(a+)+$', isRegex: true, matchCase: true, limit: 1, signal })(`${'a'.repeat(5_000)}b`),
      false,
    );
  });
});

describe('calls as the conversation keeps them', () => {
  it('have names that every server takes, so that a wild one does not end the conversation', () => {
    const calls = ['read file\n', 'x'.repeat(99), ''].map((name, index) => ({ id: `${index}`, name, arguments: {} }));
    const kept = callsToAnswer({ turn: 0, calls, usedIds: new Set() });
    assert.deepEqual(
      kept.map(({ call: { name } }) => name),
      ['read_file_', 'x'.repeat(64), 'unnamed'],
    );
  });

  it('are not run when their arguments are no object, and the conversation has an object in their place', () => {
    const calls = ['{"path": "a.t', ['a.ts'], 3, null].map((args, index) => ({
      id: `${index}`,
      name: 'look',
      arguments: args,
    }));
    assert.deepEqual(
      callsToAnswer({ turn: 0, calls, usedIds: new Set() }).map(
        (one) => `${JSON.stringify(one.call.arguments)} ${one.refused?.split('\n')[0] ?? 'is run'}`,
      ),
      [
        '{} This call was not run: its arguments have to be one JSON object, and are {"path": "a.t',
        '{} This call was not run: its arguments have to be one JSON object, and are ["a.ts"]',
        '{} This call was not run: its arguments have to be one JSON object, and are 3',
        '{} is run',
      ],
    );
  });

  it('are not run where the reply was cut, and the model is told to do less at once', () => {
    const calls = ['{"path": "a.ts", "text": "one', {}].flatMap((last) => [
      callsToAnswer({
        turn: 0,
        calls: [
          { id: 'a', name: 'look', arguments: {} },
          { id: 'b', name: 'write_file', arguments: last },
        ],
        usedIds: new Set(),
        isCut: true,
      }),
    ]);
    for (const [whole, cut] of calls) {
      assert.equal(whole?.refused, undefined);
      assert.match(cut?.refused ?? '', /reached its limit of output tokens, perhaps inside of it[\s\S]*smaller calls/);
      assert.deepEqual(cut?.call.arguments, {});
    }
  });

  it('are not run when they are nested too deep to walk', () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 5_000; depth++) deep = [deep];
    const [answered] = callsToAnswer({
      turn: 3,
      calls: [{ id: '', name: 'read_file', arguments: deep }],
      usedIds: new Set(['call_3_0']),
    });
    assert.deepEqual(answered, {
      call: { id: 'call_3_0_', name: 'read_file', arguments: {} },
      refused: 'This call was not run: its arguments are nested too deep.',
    });
  });
});
