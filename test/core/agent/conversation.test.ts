import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ChatMessage } from '../../../src/core/backend.ts';
import { Conversation, type SaidTurn } from '../../../src/core/agent/conversation.ts';
import {
  cutToFit,
  estimateMessages,
  joinUserMessages,
  shortArguments,
  shownEarlier,
} from '../../../src/core/agent/shortened.ts';
import { fc, propertyOptions } from '../../support/properties.ts';

const MARK = '~5e1f00d';

function turn(index: number, lines: number, more: Partial<SaidTurn> = {}): SaidTurn {
  const text = Array.from({ length: lines }, (_, line) => `turn ${index} line ${line}`).join('\n');
  return {
    text: `Turn ${index}.`,
    answers: [{ call: { id: `c${index}`, name: 'read_file', arguments: { path: `f${index}.ts` } }, text }],
    ...more,
  };
}

function talk(...turns: readonly SaidTurn[]): Conversation {
  const conversation = new Conversation(MARK);
  for (const one of turns) conversation.add(one);
  return conversation;
}

/** One line a message. */
function show(messages: readonly ChatMessage[]): readonly string[] {
  return messages.map(({ role, content }) => `${role}: ${content.split('\n').slice(0, 2).join(' ').slice(0, 90)}`);
}

describe('a conversation', () => {
  const turns = Array.from({ length: 6 }, (_, index) => turn(index, 100));

  it('keeps the words of the user, and what the user answered, of turns that it leaves out', () => {
    const asked = {
      call: { id: 'q', name: 'ask_user', arguments: { question: 'Tabs?' } },
      text: 'The user says:\nTabs.',
    };
    const conversation = talk(
      turn(0, 200, { words: ['Use let.'] }),
      { text: '', answers: [asked] },
      turn(2, 200, { words: [''] }),
      turn(3, 40),
    );
    conversation.tell(['Last.']);
    const messages = conversation.messages(conversation.leastTokens, 'tools');
    assert.equal(
      messages[0]?.content,
      '[3 earlier turns are left out here for want of room; edits made in them stand: read the files again to see them]\n\nThe user says:\nUse let.\n\nThe user says:\nTabs.\n\nThe user has nothing to add: go on.',
    );
    assert.equal(messages.at(-1)?.content, 'The user says:\nLast.');
    conversation.tell(['Other.']);
    assert.equal(conversation.messages(1e6, 'text').at(-1)?.content.endsWith('The user says:\nOther.'), true);
  });

  it('is shown whole where it fits', () => {
    const conversation = talk(...turns);
    const messages = conversation.messages(conversation.wholeTokens, 'tools');
    assert.equal(messages.length, 12);
    assert.ok(estimateMessages(messages) <= conversation.wholeTokens);
    assert.ok(conversation.isShown('c0'));
  });

  it('leaves out the oldest results first, and says how to see them', () => {
    const conversation = talk(...turns);
    const room = conversation.wholeTokens - 900;
    const messages = conversation.messages(room, 'tools');
    assert.deepEqual(show(messages), [
      'assistant: Turn 0.',
      `tool: <<${MARK} result of read_file>> [shown earlier: 100 lines; call again to see it]`,
      'assistant: Turn 1.',
      `tool: <<${MARK} result of read_file>> [shown earlier: 100 lines; call again to see it]`,
      ...[2, 3, 4, 5].flatMap((index) => [
        `assistant: Turn ${index}.`,
        `tool: <<${MARK} result of read_file>> turn ${index} line 0`,
      ]),
    ]);
    assert.ok(estimateMessages(messages) <= room);
    assert.deepEqual(
      [0, 1, 2].map((index) => conversation.isShown(`c${index}`)),
      [false, false, true],
    );
  });

  it('then leaves out old turns, and last the ends of the newest results', () => {
    const conversation = talk(...turns);
    const messages = conversation.messages(conversation.leastTokens + 100, 'tools');
    assert.deepEqual(show(messages), [
      'user: [5 earlier turns are left out here for want of room; edits made in them stand: read the fi',
      'assistant: Turn 5.',
      `tool: <<${MARK} result of read_file>> turn 5 line 0`,
    ]);
    assert.match(
      messages[2]?.content ?? '',
      /turn 5 line \d+\n\[cut here for want of room: 100 lines in all; ask for less at a time\]\n/,
    );
    assert.ok(estimateMessages(messages) <= conversation.leastTokens + 100);
  });

  it('can be told in words, without calls', () => {
    const [told, results] = talk(turn(0, 2, { note: 'Go on.' })).messages(10_000, 'text');
    assert.equal(told?.content, 'Turn 0.\n\nCalls of tools:\nread_file {"path":"f0.ts"}');
    assert.equal(
      results?.content,
      `<<${MARK} result of read_file>>\nturn 0 line 0\nturn 0 line 1\n<<${MARK} end>>\n\nGo on.`,
    );
    assert.deepEqual(show(talk({ text: '', answers: [], note: 'Mend it.' }).messages(100, 'tools')), [
      'assistant: Done.',
      'user: Mend it.',
    ]);
  });

  it('fits the room that it is given, down to its least, with every call answered', () => {
    const word = fc.oneof(
      fc.constant('word '),
      fc.constant('line\n'),
      fc.constant('\u202E'),
      fc.constant('😀'),
      fc.constant(MARK),
    );
    const text = fc
      .tuple(fc.array(word, { maxLength: 8 }), fc.nat(400))
      .map(([words, times]) => words.join('').repeat(times));
    const answer = fc.tuple(text, text);
    const said = fc.record({
      text: fc.string(),
      answers: fc.array(answer, { maxLength: 4 }),
      note: fc.option(fc.constant('Note.'), { nil: undefined }),
      words: fc.option(fc.array(fc.string({ maxLength: 90 }), { maxLength: 3 }), { nil: undefined }),
      tool: fc.constantFrom('write_file', 'ask_user'),
    });
    fc.assert(
      fc.property(
        fc.array(said, { maxLength: 8 }),
        fc.nat(100),
        fc.constantFrom('tools' as const, 'text' as const),
        (turns, share, form) => {
          const conversation = talk(
            ...turns.map(({ text: reply, answers, note, words, tool }, index): SaidTurn => ({
              text: reply,
              answers: answers.map(([argument, result], place) => ({
                call: { id: `c${index}.${place}`, name: tool, arguments: { text: argument } },
                text: result,
              })),
              ...(note === undefined ? {} : { note }),
              ...(words === undefined ? {} : { words }),
            })),
          );
          const { leastTokens, wholeTokens } = conversation;
          assert.ok(leastTokens <= wholeTokens + 60);
          const room = leastTokens + Math.floor((Math.max(0, wholeTokens - leastTokens) * share) / 100);
          const messages = joinUserMessages(conversation.messages(room, form));
          assert.ok(
            estimateMessages(messages) <= room,
            `${estimateMessages(messages)} > ${room} (${leastTokens} to ${wholeTokens})`,
          );
          const shown = messages.map(({ content }) => content).join('\n');
          for (const { words = [] } of turns)
            for (const one of words) assert.ok(shown.includes(one.trim()), 'every word of the user is there');
          const asked = messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ id }) => id));
          assert.deepEqual(
            messages.flatMap(({ toolCallId = [] }) => toolCallId),
            asked,
          );
        },
      ),
      propertyOptions('conversations fit', 2),
    );
  });
});

describe('what stands in place of long texts', () => {
  it('is a mark, or the text where that is shorter', () => {
    assert.equal(shownEarlier('a\n'.repeat(300)), '[shown earlier: 301 lines; call again to see it]');
    assert.equal(shownEarlier('Changed a.ts.'), 'Changed a.ts.');
    assert.deepEqual(
      shortArguments({ path: 'a.ts', text: 'x'.repeat(301), edits: [{ search: 'y'.repeat(9) }], n: 1, z: null }),
      {
        path: 'a.ts',
        text: '[301 characters, left out here]',
        edits: [{ search: 'yyyyyyyyy' }],
        n: 1,
        z: null,
      },
    );
    assert.equal(shortArguments(Array.from({ length: 21 }, () => 1)), '[21 items, left out here]');
  });

  it('is the beginning of a result up to the end of a line, with a note', () => {
    const text = Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n');
    assert.equal(
      cutToFit(text, 60).text,
      `${Array.from({ length: 12 }, (_, line) => `line ${line}`).join('\n')}\n[cut here for want of room: 50 lines in all; ask for less at a time]`,
    );
    assert.equal(cutToFit(text, 1_000).text, text);
  });
});
