/**
 * Does a value fit a JSON schema? The converter that zod brings leaves out what it does not know and what stands beside no
 * `type`, and its patterns may backtrack; here all that schema-fault.ts lets through is looked at, in bounded time.
 */
import { canonicalJson } from '../../base/canonical-json.ts';
import { compiled, isObject, target, type JsonSchema } from './json-schema.ts';

/** Steps of one check: references may make a small schema endless work. */
const MOST_STEPS = 500_000;
const MOST_FAULTS = 8;

export type JsonCheck =
  | { readonly kind: 'fits' }
  /** Where and what, the first few. */
  | { readonly kind: 'differs'; readonly faults: readonly string[] }
  | { readonly kind: 'broken'; readonly why: string };

/** `schema` has no fault. */
export function checkJson(schema: JsonSchema, value: unknown): JsonCheck {
  const validation = new Validation(schema);
  try {
    const faults = validation.faults(schema, value, '');
    return faults.length === 0 ? { kind: 'fits' } : { kind: 'differs', faults: faults.slice(0, MOST_FAULTS) };
  } catch (error) {
    if (error instanceof TooMuch) return { kind: 'broken', why: error.message };
    if (error instanceof RangeError) return { kind: 'broken', why: 'the schema refers to itself without an end' };
    throw error;
  }
}

class TooMuch extends Error {}

class Validation {
  readonly #root: JsonSchema;
  #steps = 0;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  faults(schema: unknown, value: unknown, at: string): readonly string[] {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS)
      throw new TooMuch(`checking it takes more than ${MOST_STEPS.toLocaleString('en-US')} steps`);
    if (schema === true || !isObject(schema)) return schema === false ? [`${named(at)} must not be there`] : [];
    return Object.entries(schema).flatMap(([keyword, wanted]) => this.#keyword({ keyword, wanted, schema }, value, at));
  }

  #keyword(
    { keyword, wanted, schema }: { readonly keyword: string; readonly wanted: unknown; readonly schema: object },
    value: unknown,
    at: string,
  ): readonly string[] {
    const name = named(at);
    switch (keyword) {
      case 'type': {
        const types: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
        return types.some((type) => isOfType(value, type))
          ? []
          : [`${name} is ${typeOf(value)}, not ${types.join(' or ')}`];
      }
      case 'const':
        return isSame(value, wanted) ? [] : [`${name} is not ${JSON.stringify(wanted)}`];
      case 'enum':
        return (wanted as readonly unknown[]).some((one) => isSame(value, one))
          ? []
          : [`${name} is none of the values allowed`];
      case 'allOf':
        return (wanted as readonly unknown[]).flatMap((one) => this.faults(one, value, at));
      case 'anyOf':
        return this.#fitting(wanted, value, at) > 0 ? [] : [`${name} fits none of the forms allowed`];
      case 'oneOf': {
        const fitting = this.#fitting(wanted, value, at);
        return fitting === 1 ? [] : [`${name} fits ${fitting} of the forms of which it is to fit one`];
      }
      case 'not':
        return this.faults(wanted, value, at).length > 0 ? [] : [`${name} has a form that is not allowed`];
      case '$ref':
        return this.faults(target(this.#root, wanted), value, at);
      default:
        if (typeof value === 'string') return textFaults(keyword, wanted, { value, name });
        if (typeof value === 'number') return numberFaults(keyword, wanted, { value, name });
        if (Array.isArray(value)) return this.#listFaults({ keyword, wanted, schema }, value, at);
        return isObject(value) ? this.#objectFaults({ keyword, wanted, schema }, value, at) : [];
    }
  }

  #fitting(forms: unknown, value: unknown, at: string): number {
    return (forms as readonly unknown[]).filter((one) => this.faults(one, value, at).length === 0).length;
  }

  #listFaults(
    { keyword, wanted, schema }: { readonly keyword: string; readonly wanted: unknown; readonly schema: object },
    list: readonly unknown[],
    at: string,
  ): readonly string[] {
    const name = named(at);
    const first = 'prefixItems' in schema && Array.isArray(schema.prefixItems) ? schema.prefixItems.length : 0;
    switch (keyword) {
      case 'items':
        return list.flatMap((item, index) => (index < first ? [] : this.faults(wanted, item, `${at}[${index}]`)));
      case 'prefixItems':
        return (wanted as readonly unknown[]).flatMap((one, index) =>
          index < list.length ? this.faults(one, list[index], `${at}[${index}]`) : [],
        );
      case 'contains':
        return list.some((item) => this.faults(wanted, item, at).length === 0)
          ? []
          : [`${name} has no item of the form wanted`];
      case 'minItems':
        return list.length >= Number(wanted) ? [] : [`${name} has ${list.length} items, fewer than ${String(wanted)}`];
      case 'maxItems':
        return list.length <= Number(wanted) ? [] : [`${name} has ${list.length} items, more than ${String(wanted)}`];
      case 'uniqueItems':
        return wanted === true && new Set(list.map(canonicalJson)).size < list.length
          ? [`${name} has the same item twice`]
          : [];
      default:
        return [];
    }
  }

  #objectFaults(
    { keyword, wanted, schema }: { readonly keyword: string; readonly wanted: unknown; readonly schema: object },
    value: Readonly<Record<string, unknown>>,
    at: string,
  ): readonly string[] {
    const name = named(at);
    const names = Object.keys(value);
    const within = (key: string): string => (at === '' ? key : `${at}.${key}`);
    switch (keyword) {
      case 'properties':
        return Object.entries(wanted as object).flatMap(([key, one]: [string, unknown]) =>
          Object.hasOwn(value, key) ? this.faults(one, value[key], within(key)) : [],
        );
      case 'patternProperties':
        return Object.entries(wanted as object).flatMap(([pattern, one]: [string, unknown]) =>
          names.filter((key) => isMatch(pattern, key)).flatMap((key) => this.faults(one, value[key], within(key))),
        );
      case 'additionalProperties':
        return names
          .filter((key) => !isNamedBy(schema, key))
          .flatMap((key) =>
            wanted === false ? [`${named(within(key))} is not allowed`] : this.faults(wanted, value[key], within(key)),
          );
      case 'propertyNames':
        return names.flatMap((key) => this.faults(wanted, key, within(key)));
      case 'required':
        return (wanted as readonly string[])
          .filter((key) => !Object.hasOwn(value, key))
          .map((key) => `${named(within(key))} is missing`);
      case 'minProperties':
        return names.length >= Number(wanted) ? [] : [`${name} has fewer than ${String(wanted)} properties`];
      case 'maxProperties':
        return names.length <= Number(wanted) ? [] : [`${name} has more than ${String(wanted)} properties`];
      default:
        return [];
    }
  }
}

function isNamedBy(schema: object, key: string): boolean {
  const { properties, patternProperties } = schema as {
    readonly properties?: object;
    readonly patternProperties?: object;
  };
  return (
    (properties !== undefined && Object.hasOwn(properties, key)) ||
    Object.keys(patternProperties ?? {}).some((pattern) => isMatch(pattern, key))
  );
}

function textFaults(
  keyword: string,
  wanted: unknown,
  of: { readonly value: string; readonly name: string },
): readonly string[] {
  const { value, name } = of;
  if (keyword === 'pattern')
    return isMatch(String(wanted), value) ? [] : [`${name} does not match "${String(wanted)}"`];
  if (keyword !== 'minLength' && keyword !== 'maxLength') return [];
  const length = Array.from(value).length;
  const isFit = keyword === 'minLength' ? length >= Number(wanted) : length <= Number(wanted);
  return isFit ? [] : [`${name} has ${length} characters; ${keyword} is ${String(wanted)}`];
}

function numberFaults(
  keyword: string,
  wanted: unknown,
  of: { readonly value: number; readonly name: string },
): readonly string[] {
  const { value, name } = of;
  const limit = Number(wanted);
  const fits: Readonly<Record<string, () => boolean>> = {
    minimum: () => value >= limit,
    maximum: () => value <= limit,
    exclusiveMinimum: () => value > limit,
    exclusiveMaximum: () => value < limit,
    multipleOf: () => limit > 0 && Math.abs(value / limit - Math.round(value / limit)) < 1e-9,
  };
  return fits[keyword]?.() === false ? [`${name} is ${value}; ${keyword} is ${limit}`] : [];
}

function isOfType(value: unknown, type: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  return typeOf(value) === type;
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

function isMatch(pattern: string, text: string): boolean {
  return compiled(pattern)?.test(text) ?? false;
}

function named(at: string): string {
  return at === '' ? 'it' : at;
}
