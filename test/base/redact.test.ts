import assert from 'node:assert/strict';
import { createRedactor } from '../../src/base/redact.ts';
import { TextSink } from '../../src/backends/text-sink.ts';
import { fc, propertyOptions } from '../support/properties.ts';

const SECRET = 'sk-"can/ary+0?9\\é';

describe('Redaction', () => {
  const redactor = createRedactor([SECRET]);
  const redact = (text: string): string => redactor.redact(text);

  it('takes a secret out in every form in which a server could send it back', () => {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const json = JSON.stringify(SECRET).slice(1, -1);
    const forms = [SECRET, json, json.replaceAll('/', '\\/'), encodeURIComponent(SECRET)];
    for (const form of forms) assert.equal(redact(`<${form}>`), '<[redacted]>');
    for (const before of ['', 'a', 'ab', 'Bearer ', 'user:']) {
      for (const after of ['', 'x', 'yz']) {
        const hidden = redact(base64(before + SECRET + after));
        assert.ok(hidden.includes('[redacted]'), `${before}|${after}: ${hidden}`);
        const urlSafe = redact(Buffer.from(before + SECRET + after).toString('base64url'));
        assert.ok(urlSafe.includes('[redacted]'), `${before}|${after}: ${urlSafe}`);
      }
    }
  });

  it('leaves text without a secret alone, and ignores secrets too short to tell from words', () => {
    assert.equal(redact('sk-other'), 'sk-other');
    assert.equal(createRedactor(['abc', '']).redact('abc'), 'abc');
  });
});

describe('Text on its way out', () => {
  function sinkFor(secrets: readonly string[]): { readonly sink: TextSink; readonly pieces: string[] } {
    const pieces: string[] = [];
    return { sink: new TextSink(createRedactor(secrets), (piece) => pieces.push(piece)), pieces };
  }

  it('holds back what may be the beginning of a secret, and only that', () => {
    const { sink, pieces } = sinkFor(['canary-key']);
    for (const delta of ['The can', 'opener and canary', '-ke', 'y.']) sink.add(delta);
    assert.equal(sink.finish(), 'The canopener and [redacted].');
    assert.deepEqual(pieces, ['The ', 'canopener and ', '[redacted].']);
  });

  it('puts characters together that came in halves, and replaces a half that stays alone', () => {
    const { sink, pieces } = sinkFor([]);
    for (const delta of ['a\ud83d', '\ude00b', 'c\ud83d']) sink.add(delta);
    assert.equal(sink.finish(), 'a😀bc\ufffd');
    assert.deepEqual(pieces, ['a', '😀b', 'c', '\ufffd']);
  });

  it('gives well-formed pieces whose sum is the redacted text, however it is cut', () => {
    const secret = 'abac-abad';
    const units = fc.array(
      fc.oneof(fc.constantFrom(secret, 'abac-', 'aba', '\ud83d', '\ude00', 'é'), fc.string({ maxLength: 3 })),
      { maxLength: 20 },
    );
    const cuts = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(units, cuts, (parts, sizes) => {
        const text = parts.join('');
        const { sink, pieces } = sinkFor([secret]);
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const size = (sizes[turn % sizes.length] ?? 0) + 1;
          sink.add(text.slice(at, at + size));
          at += size;
        }
        const whole = sink.finish();
        assert.equal(pieces.join(''), whole);
        assert.equal(whole, text.replaceAll(secret, '[redacted]').toWellFormed());
        assert.ok(pieces.every((piece) => piece.isWellFormed()));
      }),
      propertyOptions('text cut anywhere'),
    );
  });
});
