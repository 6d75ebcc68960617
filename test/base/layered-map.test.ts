import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { withValue } from '../../src/base/layered-map.ts';
import { fc, propertyOptions } from '../support/properties.ts';

function first(size: number): ReadonlyMap<string, number> {
  return new Map(Array.from({ length: size }, (_, index) => [`key-${index}`, 0]));
}

/** All that a map tells, by every way of asking. */
function told(map: ReadonlyMap<string, number>): object {
  const each: [string, number][] = [];
  map.forEach((value, key) => each.push([key, value]));
  const keys = [...map.keys()];
  return {
    size: map.size,
    entries: [...map.entries()],
    spread: [...map],
    each,
    keys,
    values: [...map.values()],
    gets: keys.map((key) => [map.has(key), map.get(key)]),
    foreign: [map.has('foreign'), map.get('foreign')],
  };
}

describe('a map that is made from another one with one value changed', () => {
  it('tells the same as a copy that was changed, and so do all the maps before it', () => {
    const changes = fc.array(fc.tuple(fc.nat(99), fc.nat(1_000), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(fc.constantFrom(3, 64, 65, 100), changes, (size, steps) => {
        let map = first(size);
        let model = new Map(map);
        const history: [ReadonlyMap<string, number>, ReadonlyMap<string, number>][] = [];
        for (const [at, value, isRead] of steps) {
          map = withValue(map, `key-${at % size}`, value);
          model = new Map(model).set(`key-${at % size}`, value);
          if (isRead) assert.deepEqual([...map], [...model]);
          history.push([map, model]);
        }
        for (const [made, expected] of history) assert.deepEqual(told(made), told(expected));
      }),
      propertyOptions('layered maps', 2),
    );
  });

  it('takes a key that was not there, at the end', () => {
    const changed = withValue(withValue(first(100), 'key-7', 7), 'new', 1);
    assert.deepEqual(
      [changed.size, changed.get('new'), changed.get('key-7'), [...changed.keys()].at(-1)],
      [101, 1, 7, 'new'],
    );
  });

  it('is equal in all parts to one made by the same steps, whoever read of which', () => {
    const make = (isRead: boolean): ReadonlyMap<string, number> => {
      const once = withValue(first(100), 'key-1', 1);
      if (isRead) assert.equal([...once].length, 100);
      return withValue(once, 'key-2', 2);
    };
    assert.deepEqual(make(true), make(false));
    assert.notDeepEqual(make(true), withValue(make(true), 'key-2', 3));
  });
});
