import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { payloadText } from '../../../src/core/run-event.ts';
import { MemoryWorkspace } from '../../support/engine-fixture.ts';
import { estimateTokens } from '../../../src/core/tokens.ts';
import {
  HAY,
  NEEDLES,
  haystack,
  outcomeOf,
  maps,
  planOf,
  reader,
  readers,
  reading,
  type Script,
} from '../../support/reading-fixture.ts';
import {
  askedFor,
  claimsReply,
  claimsShown,
  linesShown,
  quoteOf,
  readsFor,
  reducesAll,
} from '../../support/reading-replies.ts';
import { ScriptedBackend, type ScriptedReply } from '../../support/scripted-backend.ts';
import { failsWith, planReply } from '../../support/scripted-replies.ts';

describe('a reading task in parts', () => {
  it('shows every line to exactly one call, over all backends at once, none beyond its window, and puts the claims together', async () => {
    const backends = readers(readsFor('needle'));
    const { read, events } = reading(HAY, backends);
    const { result, partial, report } = await read({ capability: 'long-context' });
    const calls = maps(backends);
    const seen = calls.flatMap(({ prompt }) =>
      linesShown(prompt).map(({ path, line, text }) => `${path}:${line} ${text}`),
    );
    const all = Object.entries(HAY).flatMap(([path, text]) =>
      text.split('\n').map((line, at) => `${path}:${at + 1} ${line}`),
    );
    assert.deepEqual(seen.toSorted(), all.toSorted());
    assert.ok(calls.length >= 4, `${calls.length} parts`);
    for (const { description, calls: own } of backends) {
      assert.ok(own.length > 0, `${description.id} took part`);
      for (const { request, prompt } of own) {
        assert.ok(estimateTokens(prompt) <= request.inputTokensEstimate, 'the estimate holds');
        assert.ok(
          request.inputTokensEstimate + request.maxOutputTokens <= (description.contextWindow ?? 0),
          'it fits the window',
        );
      }
    }
    assert.equal(report?.verified.length, NEEDLES);
    assert.ok(
      report.verified.every(
        ({ path, startLine, quote }) => HAY[path as keyof typeof HAY].split('\n')[startLine - 1] === quote,
      ),
    );
    assert.equal(result.split('](').length - 1, NEEDLES);
    assert.match(result, /It says the needle of alpha lies at number 8\. \[a\.txt:8\]\(a\.txt#L8\)/);
    assert.equal(partial, false);
    const planned = events.find((event) => event.type === 'reading.planned');
    assert.ok(planned?.type === 'reading.planned');
    assert.deepEqual(
      planned.parts.map(({ turn }) => turn),
      calls.map((_, at) => at * 2),
    );
    const first = events.findIndex((event) => event.type === 'call.started');
    assert.ok(events.indexOf(planned) < first, 'the plan is recorded before the first call');
  });

  it('has both backends busy at the same time with all their slots', async () => {
    const held: (() => void)[] = [];
    const backends = readers(async (request, prompt) => {
      await new Promise<void>((resolve) => held.push(resolve));
      return readsFor('needle')(request, prompt);
    });
    const { start } = reading(HAY, backends);
    const handle = await start(
      { text: 'go', ...planOf(Object.keys(HAY), { capability: 'long-context' }) },
      { synthesis: false },
    );
    for (let turns = 0; held.length < 4 && turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      backends.map((backend) => backend.openCalls),
      [2, 2],
    );
    const free = setInterval(() => held.splice(0).forEach((release) => release()), 0);
    await handle.finished;
    clearInterval(free);
  });

  it('shows each part what the whole looks like and which part it is, at little cost', async () => {
    const backends = readers(readsFor('needle'), { contextWindow: 200_000 });
    const large = { 'all.txt': haystack(60_000, 'gamma') };
    await reading(large, backends).read({ capability: 'long-context' });
    const calls = maps(backends);
    assert.match(calls[0]?.prompt ?? '', /outline of all the material>>\nall\.txt \(60000 lines\)/);
    assert.match(calls[0]?.prompt ?? '', /This is part \d+ of \d+\./);
    const shown = calls.reduce((sum, { prompt }) => sum + estimateTokens(prompt), 0);
    const own = estimateTokens(large['all.txt']);
    assert.ok(shown / own < 1.05, `${((shown / own - 1) * 100).toFixed(1)} % over the text's own tokens`);
  });

  it('reads in one call when the chosen window takes everything', async () => {
    const small = reader(readsFor('needle'), { id: 'small', contextWindow: 20_000, goodAt: ['long-context'] });
    const large = reader(readsFor('needle'), { id: 'large', contextWindow: 400_000, goodAt: ['long-context'] });
    const { result } = await reading(HAY, [small, large]).read({ capability: 'long-context' });
    assert.deepEqual([small.calls.length, large.calls.length], [0, 1]);
    assert.equal(result.split('](').length - 1, NEEDLES);
  });

  it('is not given to a window that cannot take it when the one that could has failed', async () => {
    const small = reader(readsFor('needle'), { id: 'small', contextWindow: 20_000, goodAt: ['long-context'] });
    const large = reader(() => failsWith('refused-by-model'), {
      id: 'large',
      contextWindow: 400_000,
      goodAt: ['long-context'],
    });
    const { finished } = await reading(HAY, [small, large]).read({ capability: 'long-context' });
    assert.deepEqual([small.calls.length, large.calls.length], [0, 1]);
    assert.equal(finished.failure?.reason, 'refused-by-model');
  });

  it('takes a window that is not known for a small one', async () => {
    const backend = reader(readsFor('needle'));
    const { result } = await reading({ 'a.txt': haystack(9_000, 'delta') }, [backend]).read();
    const calls = maps([backend]);
    assert.ok(calls.length > 1 && calls.every(({ prompt }) => estimateTokens(prompt) < 32_768));
    assert.equal(result.split('](').length - 1, 45);
  });

  it('gives a line that is too long for the parts a call of its own where it fits, and names one that fits nowhere', async () => {
    const long = `long ${'x'.repeat(60_000)}`;
    const files = {
      'a.txt': [haystack(4_000, 'alpha'), long, 'y'.repeat(200_000), 'the last needle is here'].join('\n'),
    };
    const backends = [
      reader(readsFor('needle'), { id: 'one', contextWindow: 16_000, goodAt: ['long-context'] }),
      reader(readsFor('needle'), { id: 'two', contextWindow: 40_000, goodAt: ['long-context'] }),
    ];
    const { result, partial } = await reading(files, backends).read({ capability: 'long-context' });
    const seen = maps(backends).flatMap(({ prompt }) => linesShown(prompt));
    assert.deepEqual(seen.filter(({ text }) => text === long).length, 1);
    assert.match(result, /Not read: a\.txt line 4002 \(longer than any context window\)\.$/);
    assert.match(result, /the last needle is here\. \[a\.txt:4003\]/);
    assert.equal(partial, true);
  });

  it('puts more claims together than one window takes in rounds', async () => {
    const widths: number[] = [];
    const backends = readers(
      (request, prompt) => {
        if (askedFor(request) !== 'reduced_claims') return readsFor('straw')(request, prompt);
        const shown = claimsShown(prompt);
        widths.push(shown.length);
        const claims = Array.from({ length: Math.ceil(shown.length / 10) }, (_, at) => ({
          text: `Group of ${shown.length}`,
          from: [...shown.slice(at * 10, at * 10 + 10).map(({ id }) => id), 'invented'],
        }));
        return { text: JSON.stringify({ claims, missing: '' }) };
      },
      { maxOutputTokens: 2_000 },
    );
    const { read } = reading({ 'a.txt': haystack(3_000, 'alpha') }, backends);
    const { report } = await read({ capability: 'long-context' });
    assert.ok(widths.length > 2, `rounds of ${widths.join(', ')}`);
    assert.ok((widths.at(-1) ?? 0) < (widths[0] ?? 0), 'the last round has fewer');
    assert.equal(report?.verified.length, 3_000 - 15, 'no citation is lost on the way');
    const calls = backends.flatMap(({ calls: own, description }) => own.map((call) => ({ call, description })));
    for (const { call, description } of calls)
      assert.ok(estimateTokens(call.prompt) + call.request.maxOutputTokens <= (description.contextWindow ?? 0));
  });

  it('strikes what a reducer claims without naming a claim, and hands all on as it came when it gives none', async () => {
    const inventing = readers((request, prompt) => {
      if (askedFor(request) !== 'reduced_claims') return readsFor('needle')(request, prompt);
      const [first] = claimsShown(prompt);
      return {
        text: JSON.stringify({
          claims: [
            { text: 'One.', from: [first?.id] },
            { text: 'Made up.', from: ['p99_1'] },
          ],
          missing: 'No third.',
        }),
      };
    });
    const outcome = await reading(HAY, inventing).read({ capability: 'long-context' });
    assert.equal(
      outcome.result,
      'One. [a.txt:8](a.txt#L8)\n\nNo third.\n\n*1 quotation was not found in the files and was struck.*',
    );
    const talking = readers((request, prompt) =>
      askedFor(request) === 'reduced_claims' ? { text: 'I would rather talk.' } : readsFor('needle')(request, prompt),
    );
    const { result, partial } = await reading(HAY, talking).read({ capability: 'long-context' });
    assert.equal(result.split('](').length - 1, NEEDLES);
    assert.match(
      result,
      /\n\n\*The findings of several parts could not be put together \(The reply of \w+ was not in the form that was asked for\)\. Here they are as they came\.\*$/,
    );
    assert.equal(partial, true);
  });

  it('says in how many parts nothing was found, without a call to put that together', async () => {
    const backends = readers(readsFor('unicorn'));
    const { result } = await reading(HAY, backends).read({ capability: 'long-context' });
    const calls = maps(backends).length;
    assert.equal(result, `Nothing that answers this was found in ${calls} parts.`);
    assert.equal(
      backends.reduce((sum, backend) => sum + backend.calls.length, 0),
      calls,
    );
  });

  it('names the lines of a part that no backend could read, and hands on the rest', async () => {
    const backends = readers((request, prompt) =>
      askedFor(request) === 'claims' && prompt.includes('alpha line 2000 ')
        ? failsWith('refused-by-model')
        : readsFor('needle')(request, prompt),
    );
    const { result, partial, finished } = await reading(HAY, backends).read({ capability: 'long-context' });
    const [, from = '', to = ''] =
      /Not read: a\.txt lines (\d+)-(\d+) \(It failed \(refused-by-model\)\)\.$/.exec(result) ?? [];
    assert.ok(Number(from) <= 2_000 && Number(to) >= 2_000, result);
    assert.equal(partial, true);
    const lost = [...HAY['a.txt'].split('\n').entries()].filter(
      ([at, text]) => text.includes('needle') && at + 1 >= Number(from) && at + 1 <= Number(to),
    );
    assert.equal(result.split('](').length - 1, NEEDLES - lost.length);
    assert.equal(finished.outcome, 'partial');
  });

  it('fails with the first failure when no part could be read', async () => {
    const { finished } = await reading(
      HAY,
      readers(() => failsWith('refused-by-model')),
    ).read({ capability: 'long-context' });
    assert.deepEqual([finished.outcome, finished.failure?.reason], ['failed', 'refused-by-model']);
  });

  it('hands back what it has when the budget is used up, and makes no call beyond it', async () => {
    const backends = readers(readsFor('needle'), { maxConcurrency: 1 });
    const { result, partial, finished } = await reading(HAY, backends).read(
      { capability: 'long-context' },
      { perTask: { maxIterations: 3 } },
    );
    assert.equal(
      backends.reduce((sum, backend) => sum + backend.calls.length, 0),
      3,
    );
    assert.match(result, /\[a\.txt:8\]\(a\.txt#L8\)/);
    assert.match(result, /Not read: .*\blines \d+-\d+.* \(.*limit.*\)\.$/s);
    assert.deepEqual([partial, finished.outcome, finished.stoppedBy], [true, 'partial', 'budget']);
  });

  it('keeps the output limit of the task over its parts and what puts them together, and names the parts left out', async () => {
    const backends = readers(readsFor('needle'));
    const { result, partial } = await reading(HAY, backends).read({ capability: 'long-context', maxTokens: 1_600 });
    const calls = backends.flatMap((backend) => backend.calls);
    const most = calls.reduce((sum, { request }) => sum + request.maxOutputTokens, 0);
    assert.ok(most <= 1_600, `${most} tokens in ${calls.length} calls`);
    assert.equal(calls.length, 3);
    assert.match(result, /Not read: .* \(the output limit of the task, 1600 tokens, leaves it no reply\)\./);
    assert.equal(partial, true);
  });

  it('says below a written answer what was not read, whatever the one who writes it says', async () => {
    const read = readsFor('needle');
    const backends = readers((request, prompt) =>
      askedFor(request) === 'answer' ? { text: 'All is well.' } : read(request, prompt),
    );
    const { finished } = await reading(HAY, backends).read(
      { capability: 'long-context' },
      { perTask: { maxIterations: 3 }, synthesis: true },
    );
    assert.match(finished.answer, /^All is well\.\n\n\*Not read: .*\blines \d+-\d+.* \(.*limit.*\)\.\*$/s);
    assert.equal(finished.outcome, 'partial');
  });

  it('is partial when all that it was to read is kept back', async () => {
    const workspace = new MemoryWorkspace({ 'a.txt': 'one\n' }, { hidden: ['a.txt'] });
    const { finished, result } = await reading({ 'a.txt': '' }, readers(readsFor('one')), { workspace }).read();
    assert.match(result, /Not read: a\.txt \(data rule hidden\)\./);
    assert.equal(finished.outcome, 'partial');
  });

  it('ends at once when it is cancelled, with what was read until then', async () => {
    let read = 0;
    const backends = readers((request, prompt) => {
      read += 1;
      return read > 2 ? new Promise<ScriptedReply>(() => undefined) : readsFor('needle')(request, prompt);
    });
    const { start, events, errors } = reading(HAY, backends);
    const handle = await start(
      { text: 'go', ...planOf(Object.keys(HAY), { capability: 'long-context' }) },
      { synthesis: false },
    );
    for (let turns = 0; read < 6 && turns < 400; turns++) await new Promise((resolve) => setImmediate(resolve));
    handle.cancel();
    const finished = await handle.finished;
    assert.equal(finished.outcome, 'cancelled');
    assert.equal(
      backends.reduce((sum, backend) => sum + backend.openCalls, 0),
      0,
    );
    const end = events.find((event) => event.type === 'task.cancelled');
    assert.match(end?.type === 'task.cancelled' ? payloadText(end.partial) : '', /the needle of \w+ lies/);
    assert.deepEqual(errors, []);
  });

  it('asks the backend that made a claim to correct its quotation, without sending the part again', async () => {
    const bothAreBusy = Promise.withResolvers<void>();
    const firstIsDone = Promise.withResolvers<void>();
    let busy = 0;
    const script: Script = async (request, prompt) => {
      if (askedFor(request) === 'quotes') {
        assert.ok(linesShown(prompt).length <= 20, 'not the part');
        setImmediate(firstIsDone.resolve);
        return { text: '{"quotes":[]}' };
      }
      busy += 1;
      if (busy === 2) bothAreBusy.resolve();
      // When the second one ends, the backend that is chosen first is free again.
      await (busy === 2 ? firstIsDone.promise : bothAreBusy.promise);
      return claimsReply([['Not so.', quoteOf('a.txt', 1, 'nobody ever wrote this in the files')]]);
    };
    const backends = readers(script, { maxConcurrency: 1 });
    const { read } = reading({ 'a.txt': haystack(1_400, 'alpha') }, backends);
    const outcome = await read({ capability: 'long-context' });
    const turns = backends.map(({ calls }) => calls.map(({ request }) => `${askedFor(request)} ${request.key.turn}`));
    assert.deepEqual(turns.map(String).sort(), ['claims 0,quotes 1', 'claims 2,quotes 3']);
    assert.equal(
      outcome.result,
      'Nothing that answers this was found in 2 parts.\n\n*2 quotations were not found in the files and were struck.*',
    );
  });

  it('is read in parts by the orchestrator when no backend has what it asks for', async () => {
    const front = new ScriptedBackend({ id: 'front', contextWindow: 24_000 }, (request, prompt) =>
      request.key.task === '@plan'
        ? planReply({ id: 'read', capability: 'seeing', inputs: ['a.txt'] })
        : readsFor('needle')(request, prompt),
    );
    const { ask, events } = reading({ 'a.txt': HAY['a.txt'] }, [front]);
    const finished = await ask('go', { synthesis: false });
    assert.equal(finished.outcome, 'answered', finished.failure?.message);
    assert.ok(maps([front]).length > 1);
    assert.equal(outcomeOf(finished, events).report?.verified.length, 20);
  });

  it('holds a claim that no part quoted to be uncited, and a table above its links', async () => {
    const backends = readers((request, prompt) => {
      if (askedFor(request) === 'reduced_claims') return reducesAll(prompt);
      const line = linesShown(prompt).find(({ text }) => text.includes('needle'));
      return claimsReply(
        line === undefined
          ? []
          : [['Table:\n\n| a |\n| - |\n| 1 |', quoteOf(line.path, line.line, line.text)], ['Said freely.']],
      );
    });
    const { result } = await reading({ 'a.txt': haystack(4_000, 'alpha') }, backends).read({
      capability: 'long-context',
    });
    assert.match(result, /Said freely\.(?:\n|$)/);
  });
});
