/**
 * Maps that are never changed, of which one that differs in a value is made without copying all of it.
 *
 * 1. The order is that of the first map: a value is put in place of the one that was there.
 * 2. Small maps are plain ones, and are copied.
 * 3. Of two maps made by the same steps from equal ones, all parts are equal: what was read of them leaves no trace.
 */

/** Up to here a copy is no dearer. */
const SMALL = 64;

/** The same map with this value; `map` stays as it is. */
export function withValue<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  if (map.size <= SMALL || !map.has(key)) return new Map(map).set(key, value);
  const { below, above } =
    map instanceof LayeredMap ? (map as LayeredMap<K, V>) : { below: map, above: new Map<K, V>() };
  const changed = new Map(above).set(key, value);
  // A copy of all for every so many changes costs about as much as the copies of the changes themselves.
  if (changed.size * changed.size <= 2 * below.size) return new LayeredMap(below, changed);
  return merged(below, changed);
}

class LayeredMap<K, V> implements ReadonlyMap<K, V> {
  readonly below: ReadonlyMap<K, V>;
  /** In place of what is below; no other keys. */
  readonly above: ReadonlyMap<K, V>;
  #whole: ReadonlyMap<K, V> | undefined;

  constructor(below: ReadonlyMap<K, V>, above: ReadonlyMap<K, V>) {
    this.below = below;
    this.above = above;
  }

  get size(): number {
    return this.below.size;
  }

  get(key: K): V | undefined {
    return this.above.has(key) ? this.above.get(key) : this.below.get(key);
  }

  has(key: K): boolean {
    return this.below.has(key);
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  entries(): MapIterator<[K, V]> {
    return this.#all().entries();
  }

  keys(): MapIterator<K> {
    return this.below.keys();
  }

  values(): MapIterator<V> {
    return this.#all().values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  #all(): ReadonlyMap<K, V> {
    this.#whole ??= merged(this.below, this.above);
    return this.#whole;
  }
}

function merged<K, V>(below: ReadonlyMap<K, V>, above: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  const whole = new Map(below);
  for (const [key, value] of above) whole.set(key, value);
  return whole;
}
