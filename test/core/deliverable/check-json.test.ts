import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { checkJson } from '../../../src/core/deliverable/check-json.ts';
import type { JsonSchema } from '../../../src/core/deliverable/json-schema.ts';
import { schemaFault } from '../../../src/core/deliverable/schema-fault.ts';

/** schema, a value that fits, a value that does not, and what is said of that. */
const CASES: readonly (readonly [JsonSchema, unknown, unknown, string])[] = [
  [{ type: ['string', 'null'] }, null, 1, 'it is number, not string or null'],
  [{ type: 'integer', minimum: 1, exclusiveMaximum: 3 }, 2, 3, 'it is 3; exclusiveMaximum is 3'],
  [{ multipleOf: 0.1 }, 0.3, 0.35, 'it is 0.35; multipleOf is 0.1'],
  [{ enum: [{ a: 1, b: [2] }] }, { b: [2], a: 1 }, { a: 1 }, 'it is none of the values allowed'],
  [{ const: 'x' }, 'x', 'y', 'it is not "x"'],
  [{ minLength: 2, maxLength: 2 }, '😀a', 'a', 'it has 1 characters; minLength is 2'],
  [{ pattern: '^a+$' }, 'aa', 'b', 'it does not match "^a+$"'],
  // Beside no `type` the keywords of objects count all the same.
  [{ required: ['a'], properties: { a: { type: 'string' } } }, { a: '' }, {}, 'a is missing'],
  [{ properties: { a: { properties: { b: false } } } }, { a: {} }, { a: { b: 1 } }, 'a.b must not be there'],
  [
    { properties: { a: true }, patternProperties: { '^x': true }, additionalProperties: false },
    { a: 1, x1: 2 },
    { b: 1 },
    'b is not allowed',
  ],
  [{ additionalProperties: { type: 'number' } }, { a: 1 }, { a: '1' }, 'a is string, not number'],
  [{ propertyNames: { maxLength: 1 } }, { a: 1 }, { ab: 1 }, 'ab has 2 characters; maxLength is 1'],
  [{ minProperties: 1 }, { a: 1 }, {}, 'it has fewer than 1 properties'],
  [{ prefixItems: [{ type: 'string' }], items: { type: 'number' } }, ['a', 1], [1, 1], '[0] is number, not string'],
  [{ contains: { const: 1 } }, [2, 1], [2], 'it has no item of the form wanted'],
  [{ uniqueItems: true, maxItems: 2 }, [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 1 }], 'it has the same item twice'],
  [{ oneOf: [{ type: 'number' }, { minimum: 3 }] }, 2, 5, 'it fits 2 of the forms of which it is to fit one'],
  [{ anyOf: [{ const: 1 }, { const: 2 }] }, 2, 3, 'it fits none of the forms allowed'],
  [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, 2, 3, 'it is 3; maximum is 2'],
  [{ not: { type: 'null' } }, 0, null, 'it has a form that is not allowed'],
  [
    {
      $defs: { t: { required: ['next'], properties: { next: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/t' }] } } } },
      $ref: '#/$defs/t',
    },
    { next: { next: null } },
    { next: {} },
    'next fits none of the forms allowed',
  ],
];

describe('a value by its JSON schema', () => {
  it('fits or differs as the standard says, with the place', () => {
    for (const [schema, good, bad, said] of CASES) {
      const shown = JSON.stringify(schema);
      assert.equal(schemaFault(schema), undefined, shown);
      assert.deepEqual(checkJson(schema, good), { kind: 'fits' }, shown);
      const checked = checkJson(schema, bad);
      assert.equal(checked.kind === 'differs' ? checked.faults[0] : checked.kind, said, shown);
    }
  });

  it('is not checked by a schema with a keyword that would go unseen', () => {
    const faults: readonly (readonly [unknown, RegExp])[] = [
      [{ if: {} }, /#\/if: the keyword "if" is not known here/],
      [{ properties: { a: { unevaluatedItems: false } } }, /#\/properties\/a\/unevaluatedItems/],
      [{ type: 'text' }, /#\/type is to be one of/],
      [{ pattern: '(?=a)' }, /cannot be compiled as RE2/],
      [{ $ref: '#/$defs/none' }, /names no part/],
      [{ $ref: 'https://example.com/a.json' }, /names no part/],
      [{ minimum: '1' }, /is to be a number/],
      [{ anyOf: [] }, /list of schemas/],
      [7, /is to be a schema/],
    ];
    for (const [schema, said] of faults) assert.match(schemaFault(schema) ?? 'none', said);
  });

  it('ends, whatever a schema makes of references @scale', () => {
    const fork = {
      $defs: { f: { anyOf: [{ items: { $ref: '#/$defs/f' } }, { items: { $ref: '#/$defs/f' }, minItems: 9 }] } },
      $ref: '#/$defs/f',
      minItems: 9,
    };
    const deep = JSON.parse('['.repeat(60) + ']'.repeat(60)) as unknown;
    const doubled = {
      $defs: { f: { allOf: [{ items: { $ref: '#/$defs/f' } }, { items: { $ref: '#/$defs/f' } }] } },
      $ref: '#/$defs/f',
    };
    assert.notEqual(checkJson(fork, deep).kind, 'fits');
    assert.equal(checkJson(doubled, deep).kind, 'broken');
    assert.equal(checkJson({ allOf: [{ $ref: '#' }] }, 1).kind, 'broken');
  });
});
