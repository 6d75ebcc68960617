import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { outcomeOf, planOf, reader, reading, struckOf } from '../../support/reading-fixture.ts';
import { askedFor, claimsReply, quoteOf, readsFor } from '../../support/reading-replies.ts';
import { ScriptedBackend } from '../../support/scripted-backend.ts';

const NOTES = [
  '# Trees',
  'The amber birch grows on the northern slope.',
  'The willow stands by the river in the valley.',
  'Repeated line about the old oak tree.',
  ...Array.from({ length: 60 }, (_, at) => `filler number ${at}`),
  'Repeated line about the old oak tree.',
  'The cedar was planted in the year of the flood.',
].join('\n');

describe('a reading task in one call', () => {
  it('shows whole files with numbered lines and links each claim to where its quotations really stand', async () => {
    const backend = reader(() =>
      claimsReply(
        [
          ['Birches grow in the north.', quoteOf('trees.md', 9, 'The   amber birch grows')],
          ['- cedar', quoteOf('trees.md', null, 'The cedar was planted in the year of the flood.')],
          ['- willow', quoteOf('trees.md', 3, 'The willow stands by the river'), quoteOf('trees.md', 1, '# Trees')],
          ['A translation: Baum.'],
        ],
        'It does not say who planted the willow.',
      ),
    );
    const { read, events } = reading({ 'trees.md': NOTES }, [backend]);
    const { result, partial, report } = await read();
    assert.equal(
      result,
      [
        'Birches grow in the north. [trees.md:2](trees.md#L2)',
        '- cedar [trees.md:66](trees.md#L66)\n- willow [trees.md:3](trees.md#L3) [trees.md:1](trees.md#L1)',
        'A translation: Baum.',
        'It does not say who planted the willow.',
      ].join('\n\n'),
    );
    assert.deepEqual([partial, report?.verified.length, report?.struck, report?.unchecked], [false, 4, [], false]);
    assert.equal(backend.calls.length, 1);
    assert.equal(backend.calls[0]?.request.schema?.name, 'claims');
    assert.match(backend.calls[0]?.prompt ?? '', /file trees\.md>>\n 1\| # Trees\n 2\| The amber/);
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'task.completed' ? [event.cited] : [])),
      [{ verified: 4, struck: 0, unchecked: false }],
    );
  });

  it('sends what is not found back once, with the reason and the lines about there, then strikes it and counts it', async () => {
    const asked: string[] = [];
    const backend = reader((request, prompt) => {
      asked.push(askedFor(request));
      if (askedFor(request) === 'quotes') {
        assert.match(prompt, /Quotation 1 was not accepted: the file does not have this text/);
        assert.match(prompt, /Quotation 2 was not accepted: there is no such file/);
        assert.match(prompt, /the files there are>>\nother\.md\ntrees\.md\n/);
        assert.match(prompt, /\| The willow stands by the river in the valley\.\n/, 'the lines about there are shown');
        assert.doesNotMatch(prompt, /filler number 40/, 'and not the whole file');
        return {
          text: JSON.stringify({
            quotes: [
              { n: 1, path: 'trees.md', line: 5, text: 'An oak of gold stands in the castle yard.' },
              { n: 3, path: 'trees.md', line: 3, text: 'The willow stands by the river in the valley.' },
            ],
          }),
        };
      }
      return claimsReply([
        ['Invented.', quoteOf('trees.md', 5, 'A golden oak stands in the castle yard.')],
        ['Wrong file.', quoteOf('woods.md', 2, 'The amber birch grows on the northern slope.')],
        ['One word changed, then mended.', quoteOf('trees.md', 3, 'The willow stands by the lake in the valley.')],
        ['Right text of another file.', quoteOf('other.md', 2, 'The amber birch grows on the northern slope.')],
        [
          'Half true.',
          quoteOf('trees.md', 2, 'The amber birch grows'),
          quoteOf('trees.md', 2, 'and never flowers at all, they say'),
        ],
      ]);
    });
    const { read } = reading({ 'other.md': 'nothing to see here\n', 'trees.md': NOTES }, [backend]);
    const outcome = await read();
    assert.deepEqual(asked, ['claims', 'quotes'], 'they go back once');
    assert.equal(
      outcome.result,
      [
        'One word changed, then mended. [trees.md:3](trees.md#L3)',
        'Half true. [trees.md:2](trees.md#L2)',
        '*4 quotations were not found in the files and were struck.*',
      ].join('\n\n'),
    );
    assert.deepEqual(struckOf(outcome), [
      'trees.md: An oak of gold stands in the castle yard.: not-found',
      'woods.md: The amber birch grows on the northern slope.: no-such-file',
      'other.md: The amber birch grows on the northern slope.: not-found',
      'trees.md: and never flowers at all, they say: not-found',
    ]);
  });

  it('sends an ambiguous quotation back with the lines where it stands', async () => {
    const backend = reader((request, prompt) => {
      if (askedFor(request) !== 'quotes')
        return claimsReply([['Oaks.', quoteOf('trees.md', null, 'Repeated line about the old oak tree.')]]);
      assert.match(prompt, /more than once \(lines 4, 65\)\. Give the line/);
      return {
        text: '{"quotes":[{"n":1,"path":"trees.md","line":65,"text":"Repeated line about the old oak tree."}]}',
      };
    });
    const { read } = reading({ 'trees.md': NOTES }, [backend]);
    const outcome = await read();
    assert.equal(outcome.result, 'Oaks. [trees.md:65](trees.md#L65)');
    assert.deepEqual(struckOf(outcome), []);
  });

  it('keeps a reply without claims as it is, marks it as not checked, and makes no further call', async () => {
    const backend = reader(() => ({ text: 'There are **birches** {and} more.\n' }));
    const { read, texts } = reading({ 'trees.md': NOTES }, [backend]);
    const { result, report } = await read();
    assert.equal(result, 'There are **birches** {and} more.');
    assert.deepEqual(report, { verified: [], struck: [], unchecked: true });
    assert.equal(backend.calls.length, 1);
    assert.match(
      texts.map(({ text }) => text).join(''),
      /^There are \*\*birches\*\* $/,
      'prose streams, up to what may be JSON',
    );
  });

  it('never shows the JSON of a reply while it streams, nor leaves it in the journal for a result', async () => {
    const clock = new ManualClock();
    const backend = new ScriptedBackend({ id: 'reader' });
    const { start, texts, events } = reading({ 'trees.md': NOTES }, [backend], { clock });
    const handle = await start({ text: 'go', ...planOf(['trees.md']) }, { synthesis: false });
    await clock.advance(10_000);
    backend.calls[0]?.reply(claimsReply([['Birches.']]));
    assert.equal(outcomeOf(await handle.finished, events).result, 'Birches.');
    assert.deepEqual(
      texts.filter(({ task, text }) => task === 'read' && text !== ''),
      [],
    );
    assert.ok(!events.some(({ type }) => type === 'message.partial'));
  });

  it('uses the claims that are whole of a reply that was cut, and says so', async () => {
    const whole = claimsReply([
      ['Birches.', quoteOf('trees.md', 2, 'The amber birch grows')],
      ['Cedars are', quoteOf('trees.md', 66, 'The cedar')],
    ]);
    const backend = reader(() => ({ text: whole.text.slice(0, -30), finish: 'length' }));
    const { result, partial } = await reading({ 'trees.md': NOTES }, [backend]).read();
    assert.equal(
      result,
      'Birches. [trees.md:2](trees.md#L2)\n\n*A reply was cut at its output limit: something may be missing.*',
    );
    assert.equal(partial, true);
  });

  it('lists what was not given to it, and says plainly when nothing was found', async () => {
    const workspace = new MemoryWorkspace({ 'trees.md': NOTES, '.env': 'X=1' }, { hidden: ['.env'] });
    const { read } = reading({ 'trees.md': '', '.env': '', 'gone.md': '' }, [reader(() => claimsReply([]))], {
      workspace,
    });
    assert.equal(
      (await read()).result,
      'Nothing that answers this was found.\n\nNot read: .env (data rule hidden).\n\nNot read: gone.md (no such file).',
    );
  });

  it('reads a range of lines under its true numbers, and names one that the file does not have', async () => {
    const backend = reader(readsFor('willow'));
    const text = `${NOTES}\n`;
    for (const [range, first, result] of [
      ['L3-L4', '3| The willow', 'trees.md:3'],
      ['L4-L2', '2| The amber', 'trees.md:3'],
      ['L67-L90', '', 'Not read: trees.md#L67-L90 (the file has 66 lines).'],
    ] as const) {
      const { ask, events } = reading({ 'trees.md': text }, [backend]);
      const path = `trees.md#${range}`;
      const read = outcomeOf(await ask('go', { synthesis: false }, planOf([path])), events);
      assert.ok(read.result.includes(result), read.result);
      const shown = /<<\S+ file trees\.md>>\n([\s\S]*?)\n<</.exec(backend.calls.at(-1)?.prompt ?? '')?.[1];
      assert.equal((shown ?? '').slice(0, first.length), first);
    }
  });

  it('looks no further quotation up once it is cancelled, however many there are', async () => {
    const text = Array.from({ length: 300 }, () => 'aaaa bbbb '.repeat(5)).join('\n');
    const quotes = Array.from({ length: 5_000 }, (_, at) => `${'aaaa bbbb '.repeat(12)}${at}`);
    const backend = reader(() => claimsReply(quotes.map((quote) => ['Claim.', quoteOf('a.txt', null, quote)])));
    const pause = () => new Promise<void>((resolve) => void setImmediate(resolve));
    const { start, events } = reading({ 'a.txt': text }, [backend], { pause });
    const run = await start({ text: 'go', ...planOf(['a.txt']) }, { synthesis: false });
    while (!events.some(({ type }) => type === 'call.finished')) await new Promise((resolve) => setImmediate(resolve));
    run.cancel();
    const read = outcomeOf(await run.finished, events);
    assert.equal(read.finished.outcome, 'cancelled');
    assert.ok((read.report?.struck.length ?? 0) < quotes.length / 2, `${read.report?.struck.length} were looked up`);
    assert.equal(backend.calls.length, 1);
  });

  it('says of an unsaved file that it was read as the editor shows it', async () => {
    class Unsaved extends MemoryWorkspace {
      override async read(path: string): ReturnType<MemoryWorkspace['read']> {
        const read = await super.read(path);
        return read.ok ? { ...read, value: { ...read.value, unsaved: true } } : read;
      }
    }
    const backend = reader(() => claimsReply([['Birches.', quoteOf('trees.md', 2, 'The amber birch grows')]]));
    const files = { 'trees.md': NOTES };
    const { result, report } = await reading(files, [backend], { workspace: new Unsaved(files) }).read();
    assert.equal(result, 'Birches. [trees.md:2](trees.md#L2)\n\n*Read as open in the editor (unsaved): trees.md.*');
    assert.equal(report?.verified[0]?.unsaved, true);
    assert.match(backend.calls[0]?.prompt ?? '', /file trees\.md \(as it is in the editor, unsaved\)>>/);
  });

  it('is refused by the rule that keeps a file here when only backends elsewhere read', async () => {
    const cloud = reader(readsFor('needle'), { id: 'cloud', tier: 'subscription', goodAt: ['long-context'] });
    const workspace = new MemoryWorkspace({ 'secrets/a.md': 'CANARY\n'.repeat(50_000) }, { local: ['secrets/a.md'] });
    const { read } = reading({ 'secrets/a.md': '' }, [cloud], { workspace });
    const { finished } = await read({ capability: 'long-context', target: 'cloud' });
    assert.equal(finished.failure?.reason, 'no-fit');
    assert.match(finished.failure?.message ?? '', /data rule on secrets\/a\.md keeps its inputs on this machine/);
    assert.equal(cloud.calls.length, 0);
  });
});
