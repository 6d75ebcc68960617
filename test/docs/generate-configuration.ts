/**
 * Writes package.json's `contributes.configuration` and `restrictedConfigurations` from the definitions in src/config.
 * Run it with the project's own Node: node_modules/node/bin/node test/docs/generate-configuration.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contributedConfiguration } from '../../src/config/json-schema.ts';
import { restrictedConfigurations } from '../../src/config/settings.ts';

type JsonObject = Record<string, unknown>;

const MANIFEST = fileURLToPath(new URL('../../package.json', import.meta.url));

export function readManifest(): JsonObject {
  return JSON.parse(readFileSync(MANIFEST, 'utf8')) as JsonObject;
}

/** A manifest with the generated parts put in; everything else stays as it is. */
export function withConfiguration(manifest: JsonObject): JsonObject {
  const contributes = (manifest['contributes'] ?? {}) as JsonObject;
  const capabilities = (manifest['capabilities'] ?? {}) as JsonObject;
  const untrusted = (capabilities['untrustedWorkspaces'] ?? {}) as JsonObject;
  return {
    ...manifest,
    capabilities: {
      ...capabilities,
      untrustedWorkspaces: { ...untrusted, restrictedConfigurations: restrictedConfigurations() },
    },
    contributes: { ...contributes, configuration: contributedConfiguration() },
  };
}

if (import.meta.main) writeFileSync(MANIFEST, `${JSON.stringify(withConfiguration(readManifest()), undefined, 2)}\n`);
