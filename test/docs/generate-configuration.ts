/**
 * Writes package.json's `contributes.configuration` and `restrictedConfigurations` from the definitions in src/config, and the
 * tools for VS Code's agents from those in src/mcp.
 * Run it with the project's own Node: node_modules/node/bin/node test/docs/generate-configuration.ts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contributedConfiguration } from '../../src/config/json-schema.ts';
import { restrictedConfigurations } from '../../src/config/settings.ts';
import { deliverableSchema } from '../../src/core/deliverable/deliverable.ts';
import type { EngineToolsDeps } from '../../src/mcp/engine-tool.ts';
import { createEngineTools } from '../../src/mcp/engine-tools.ts';

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
    contributes: {
      ...contributes,
      languageModelTools: withEngineTools((contributes['languageModelTools'] ?? []) as readonly JsonObject[]),
      configuration: contributedConfiguration(),
    },
  };
}

const ICONS: Readonly<Record<string, string>> = {
  delegate: '$(target)',
  call_agent: '$(comment-discussion)',
  delegate_many: '$(tasklist)',
  list_targets: '$(server)',
  get_task_status: '$(pulse)',
  reply_to_task: '$(reply)',
  cancel_task: '$(stop-circle)',
};

/** After those that are not the engine's. */
function withEngineTools(listed: readonly JsonObject[]): readonly JsonObject[] {
  const tools = createEngineTools({ delegate: { deliverable: deliverableSchema } } as EngineToolsDeps);
  const names = new Set(tools.map(({ name }) => `orchestrator_${name}`));
  return [
    ...listed.filter(({ name }) => !names.has(String(name))),
    ...tools.map(({ name, title, description, inputSchema }) => ({
      name: `orchestrator_${name}`,
      displayName: title,
      modelDescription: description,
      userDescription: description.split('. ')[0] ?? title,
      toolReferenceName: name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      canBeReferencedInPrompt: true,
      icon: ICONS[name] ?? '$(tools)',
      inputSchema,
    })),
  ];
}

if (import.meta.main) writeFileSync(MANIFEST, `${JSON.stringify(withConfiguration(readManifest()), undefined, 2)}\n`);
