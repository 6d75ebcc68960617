import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { backendConfigSchema } from '../../src/config/backend-config.ts';
import { BACKEND_FIELDS } from '../../src/config/backend-fields.ts';
import { contributedConfiguration } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts';
import { readManifest, withConfiguration } from './generate-configuration.ts';

type JsonObject = Readonly<Record<string, unknown>>;

describe('The settings in package.json', () => {
  it('are those that the definitions generate (node_modules/node/bin/node test/docs/generate-configuration.ts writes them)', () => {
    const manifest = readManifest();
    assert.ok(
      isDeepStrictEqual(JSON.parse(JSON.stringify(withConfiguration(manifest))), manifest),
      'package.json differs: run the generator',
    );
  });

  it('would be found to differ, if one did', () => {
    const manifest = readManifest();
    const other = { ...manifest, contributes: { ...(manifest['contributes'] as JsonObject), configuration: {} } };
    assert.notDeepEqual(JSON.parse(JSON.stringify(withConfiguration(other))), other);
  });

  it('explain every setting, every field of a backend and every choice', () => {
    const missing: string[] = [];
    explained(contributedConfiguration()['properties'] as JsonObject, '', missing);
    assert.deepEqual(missing, []);
  });

  it('have defaults that are good', () => {
    const raw = Object.fromEntries(
      SETTING_NAMES.map((name) => [`orchestrator.${name}`, { user: SETTINGS[name].default }]),
    );
    assert.deepEqual(loadConfig(raw, { isTrusted: true, insideVsCode: true }).problems, []);
  });

  it('offer a good entry to begin with for each provider', () => {
    const items = ((contributedConfiguration()['properties'] as JsonObject)['orchestrator.roster'] as JsonObject)[
      'items'
    ] as JsonObject;
    const snippets = items['defaultSnippets'] as readonly { readonly body: unknown }[];
    const entries = snippets.map(
      ({ body }) =>
        JSON.parse(
          JSON.stringify(body)
            .replaceAll(/"\^\$\{\d:(\d+)\}"/g, '$1')
            .replaceAll(/\$\{\d:([^}]*)\}/g, '$1'),
        ) as unknown,
    );
    const config = loadConfig({ 'orchestrator.roster': { user: entries } }, { isTrusted: true, insideVsCode: true });
    assert.deepEqual(config.problems, []);
    assert.deepEqual(
      config.roster.map(({ description }) => description.provider),
      ['openai', 'ollama', 'vscode', 'embedded'],
    );
  });

  it('say of each field an example that is good', () => {
    const base = { id: 'x', provider: 'openai', model: 'm', baseUrl: 'https://api.example.com/v1' };
    for (const field of Object.keys(backendConfigSchema.shape) as (keyof typeof backendConfigSchema.shape)[]) {
      const example = JSON.parse(`{${BACKEND_FIELDS[field].example}}`) as JsonObject;
      const { problems } = loadConfig(
        { 'orchestrator.roster': { user: [{ ...base, ...example }] } },
        { isTrusted: true, insideVsCode: true },
      );
      assert.deepEqual(problems, [], field);
    }
  });
});

/** Every property needs a description; every list of choices, one for each. */
function explained(properties: JsonObject, at: string, missing: string[]): void {
  for (const [name, value] of Object.entries(properties)) {
    const schema = value as JsonObject;
    const path = at === '' ? name : `${at}.${name}`;
    if (typeof schema['markdownDescription'] !== 'string') missing.push(path);
    const choices = schema['enum'] as readonly unknown[] | undefined;
    const told = schema['markdownEnumDescriptions'] as readonly unknown[] | undefined;
    if (choices !== undefined && choices.length !== told?.length) missing.push(`${path} (choices)`);
    for (const inner of [schema, schema['items'], ...((schema['anyOf'] ?? []) as readonly unknown[])]) {
      const nested = (inner as JsonObject | undefined)?.['properties'];
      if (nested !== undefined) explained(nested as JsonObject, path, missing);
    }
  }
}
