/**
 * What is wrong with a JSON schema, before anything is checked by it. A keyword that is not known is a fault, so that nothing
 * passes by not being looked at. `format` is an annotation, as the standard has it. Patterns are RE2.
 */
import { compiled, isObject, target } from './json-schema.ts';

const LONGEST_SCHEMA = 100_000;
const DEEPEST_SCHEMA = 32;

const ANNOTATIONS: ReadonlySet<string> = new Set([
  ...['title', 'description', 'default', 'examples', 'format', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$schema', '$id', '$comment', '$anchor'],
]);
const OF_SCHEMA: ReadonlySet<string> = new Set(['additionalProperties', 'propertyNames', 'items', 'contains', 'not']);
const OF_LIST: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const OF_MAP: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs', 'definitions']);
const OF_NUMBER: ReadonlySet<string> = new Set([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'],
]);
const TYPES: ReadonlySet<string> = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']);

/** Why values cannot be checked by this schema, for whoever wrote it; undefined: they can. */
export function schemaFault(schema: unknown): string | undefined {
  if (JSON.stringify(schema ?? null).length > LONGEST_SCHEMA)
    return `the schema is longer than ${LONGEST_SCHEMA.toLocaleString('en-US')} characters`;
  return faultAt(schema, { root: schema, at: '#', depth: 0 });
}

interface Place {
  readonly root: unknown;
  readonly at: string;
  readonly depth: number;
}

function faultAt(schema: unknown, place: Place): string | undefined {
  const { at, depth } = place;
  if (depth > DEEPEST_SCHEMA) return `the schema is nested deeper than ${DEEPEST_SCHEMA} levels`;
  if (typeof schema === 'boolean') return undefined;
  if (!isObject(schema)) return `${at} is to be a schema: an object, true or false`;
  for (const [keyword, value] of Object.entries(schema)) {
    const inner = { ...place, at: `${at}/${keyword}`, depth: depth + 1 };
    const fault = ANNOTATIONS.has(keyword) ? undefined : keywordFault(keyword, value, inner);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function keywordFault(keyword: string, value: unknown, place: Place): string | undefined {
  const { at, root } = place;
  if (OF_SCHEMA.has(keyword)) return faultAt(value, place);
  if (OF_LIST.has(keyword)) {
    if (!Array.isArray(value) || value.length === 0) return `${at} is to be a list of schemas`;
    return firstFault(value.map((one: unknown, index) => () => faultAt(one, { ...place, at: `${at}/${index}` })));
  }
  if (OF_MAP.has(keyword)) {
    if (!isObject(value)) return `${at} is to be an object of schemas`;
    return firstFault(
      Object.entries(value).map(([name, one]) => () => {
        const pattern = keyword === 'patternProperties' ? patternProblem(name, at) : undefined;
        return pattern ?? faultAt(one, { ...place, at: `${at}/${name}` });
      }),
    );
  }
  if (OF_NUMBER.has(keyword)) return typeof value === 'number' ? undefined : `${at} is to be a number`;
  switch (keyword) {
    case 'type': {
      const types: readonly unknown[] = Array.isArray(value) ? value : [value];
      const isKnown = types.length > 0 && types.every((type) => typeof type === 'string' && TYPES.has(type));
      return isKnown ? undefined : `${at} is to be one of ${[...TYPES].join(', ')}, or a list of them`;
    }
    case 'const':
      return undefined;
    case 'enum':
      return Array.isArray(value) ? undefined : `${at} is to be a list of values`;
    case 'required':
      return isStrings(value) ? undefined : `${at} is to be a list of names`;
    case 'uniqueItems':
      return typeof value === 'boolean' ? undefined : `${at} is to be true or false`;
    case 'pattern':
      return typeof value === 'string' ? patternProblem(value, at) : `${at} is to be a pattern`;
    case '$ref':
      return target(root, value) === undefined ? `${at} names no part of this schema: use "#/$defs/…"` : undefined;
    default:
      return `${at}: the keyword "${keyword}" is not known here; leave it out or say it with others`;
  }
}

function firstFault(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const fault = look();
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function patternProblem(pattern: string, at: string): string | undefined {
  return compiled(pattern) === undefined ? `${at}: the pattern "${pattern}" cannot be compiled as RE2` : undefined;
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
