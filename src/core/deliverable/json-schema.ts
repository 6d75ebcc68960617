/** What both looking at a JSON schema and checking by it need. */
import { RE2JS } from 're2js';

/** As schema-fault.ts takes it. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown };

/** The part of the schema that a reference names; undefined: there is none. */
export function target(root: unknown, ref: unknown): unknown {
  if (typeof ref !== 'string' || !(ref === '#' || ref.startsWith('#/'))) return undefined;
  let part: unknown = root;
  for (const step of ref.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    part = isObject(part) && Object.hasOwn(part, key) ? part[key] : undefined;
  }
  return typeof part === 'boolean' || isObject(part) ? part : undefined;
}

/** Undefined: RE2 does not take it. */
export function compiled(pattern: string): RE2JS | undefined {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
