import { asList, asObject, asText, isObject } from './json.ts';
import type { JsonObject } from './json.ts';

/**
 * What OpenAI refuses in a schema with `strict: true`, in its own words; undefined when it would take it. Covers the
 * rules that requests break in practice: an object at the root, closed objects, every property required.
 */
export function strictSchemaFault(schema: JsonObject): string | undefined {
  if (schema['type'] !== 'object')
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${asText(schema['type']) || 'None'}"'.`;
  return faultAt(schema, []);
}

function faultAt(schema: JsonObject, where: readonly string[]): string | undefined {
  return (
    objectFault(schema, where) ??
    childrenOf(schema)
      .map(({ child, at }) => faultAt(child, [...where, ...at]))
      .find((fault) => fault !== undefined)
  );
}

function objectFault(schema: JsonObject, where: readonly string[]): string | undefined {
  const types = Array.isArray(schema['type']) ? asList(schema['type']) : [schema['type']];
  if (!types.includes('object')) return undefined;
  const context = `In context=(${where.map((part) => `'${part}'`).join(', ')}${where.length === 1 ? ',' : ''}), `;
  if (schema['additionalProperties'] !== false)
    return `${context}'additionalProperties' is required to be supplied and to be false.`;
  const required = new Set(asList(schema['required']));
  const missing = Object.keys(asObject(schema['properties'])).find((name) => !required.has(name));
  if (missing === undefined) return undefined;
  return `${context}'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
}

function childrenOf(schema: JsonObject): readonly { readonly child: JsonObject; readonly at: readonly string[] }[] {
  const children: { readonly child: JsonObject; readonly at: readonly string[] }[] = [];
  for (const group of ['properties', '$defs', 'definitions'])
    for (const [name, child] of Object.entries(asObject(schema[group])))
      if (isObject(child)) children.push({ child, at: [group, name] });
  if (isObject(schema['items'])) children.push({ child: schema['items'], at: ['items'] });
  for (const group of ['anyOf', 'allOf', 'oneOf', 'prefixItems'])
    asList(schema[group]).forEach((child, position) => {
      if (isObject(child)) children.push({ child, at: [group, String(position)] });
    });
  return children;
}
