import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { restrictedConfigurations } from '../../src/config/settings.ts';
import {
  COMMANDS,
  CONTAINER,
  LM_VENDOR,
  MCP_PROVIDER,
  PARTICIPANT,
  PARTICIPANT_NAME,
  PLAN_SCHEME,
  DECIDABLE,
  REVIEWING,
  SLASH_COMMANDS,
  TASK_ROW_TOOL,
  VIEWS,
} from '../../src/vscode/ids.ts';
import { ENGINE_TOOLS } from '../../src/vscode/language-models/lm-tool-text.ts';

interface MenuItem {
  readonly command: string;
  readonly when?: string;
}

interface Manifest {
  readonly icon: string;
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly contents: string }[];
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly chatParticipants: readonly {
      readonly id: string;
      readonly name: string;
      readonly isSticky: boolean;
      readonly commands: readonly { readonly name: string }[];
    }[];
    readonly languageModelTools: readonly { readonly name: string }[];
    readonly mcpServerDefinitionProviders: readonly { readonly id: string }[];
    readonly languageModelChatProviders: readonly { readonly vendor: string }[];
  };
}

const root = new URL('../../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as Manifest;
const { contributes } = manifest;

function sorted(ids: Iterable<string>): readonly string[] {
  return [...ids].sort();
}

function sourceFiles(): readonly string[] {
  const src = fileURLToPath(new URL('src/', root));
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${src}${file}`);
}

describe('package.json and the code', () => {
  it('name the same commands, views, participant, slash commands and vendor', () => {
    assert.deepEqual(sorted(contributes.commands.map(({ command }) => command)), sorted(Object.values(COMMANDS)));
    assert.deepEqual(sorted(Object.keys(contributes.views)), [CONTAINER]);
    assert.deepEqual(sorted((contributes.views[CONTAINER] ?? []).map(({ id }) => id)), sorted(Object.values(VIEWS)));
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [CONTAINER],
    );
    assert.deepEqual(
      contributes.chatParticipants.map(({ id, name, isSticky }) => ({ id, name, isSticky })),
      [{ id: PARTICIPANT, name: PARTICIPANT_NAME, isSticky: true }],
    );
    assert.deepEqual(
      sorted(contributes.chatParticipants.flatMap(({ commands }) => commands.map(({ name }) => name))),
      sorted(SLASH_COMMANDS),
    );
    assert.deepEqual(
      contributes.languageModelTools.map(({ name }) => name),
      [TASK_ROW_TOOL, ...ENGINE_TOOLS.map((name) => `orchestrator_${name}`)],
    );
    assert.deepEqual(
      contributes.mcpServerDefinitionProviders.map(({ id }) => id),
      [MCP_PROVIDER],
    );
    assert.deepEqual(
      contributes.languageModelChatProviders.map(({ vendor }) => vendor),
      [LM_VENDOR],
    );
  });

  it('put only known commands into menus and welcome views, and keep those that need an argument out of the palette', () => {
    const known = new Set<string>(Object.values(COMMANDS));
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    const inWelcome = contributes.viewsWelcome.flatMap(({ contents }) =>
      [...contents.matchAll(/\(command:([\w.]+)\)/g)].map(([, command]) => command ?? ''),
    );
    assert.deepEqual(
      [...inMenus, ...inWelcome].filter((command) => command.startsWith(`${CONTAINER}.`) && !known.has(command)),
      [],
    );
    const hidden = (contributes.menus['commandPalette'] ?? [])
      .filter(({ when }) => when === 'false')
      .map(({ command }) => command);
    const { openTask, cancelRun, copyResult, resumeRun, showRunText, checkBackend } = COMMANDS;
    for (const command of [openTask, cancelRun, copyResult, resumeRun, showRunText, checkBackend])
      assert.ok(hidden.includes(command), command);
  });

  it('show the buttons over proposed edits and plans exactly where these are shown', () => {
    const over = (contributes.menus['editor/title'] ?? []).map(({ command, when }) => `${command} ${when}`);
    assert.deepEqual(over, [
      `${COMMANDS.applyEdits} activeEditor == multiDiffEditor && ${REVIEWING}`,
      `${COMMANDS.discardEdits} activeEditor == multiDiffEditor && ${REVIEWING}`,
      `${COMMANDS.applyEditFile} activeEditor != multiDiffEditor && resource in ${DECIDABLE}`,
      `${COMMANDS.discardEditFile} activeEditor != multiDiffEditor && resource in ${DECIDABLE}`,
      `${COMMANDS.approvePlan} resourceScheme == ${PLAN_SCHEME} && !activeEditorIsReadonly`,
    ]);
  });

  it('mean the same commands where a message tells to run one', () => {
    const titles = new Set(contributes.commands.map(({ title }) => `Orchestrator: ${title.replace(/…$/, '')}`));
    const named = sourceFiles().flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/["*](Orchestrator: [A-Z][^"*$]*?)["*]/g)].map(
        ([, title]) => title ?? '',
      ),
    );
    assert.ok(named.length > 5);
    assert.deepEqual(
      [...new Set(named)].filter((title) => !titles.has(title)),
      [],
    );
  });

  it('name icons that are there', () => {
    for (const icon of [manifest.icon, ...contributes.viewsContainers.activitybar.map((container) => container.icon)])
      assert.ok(existsSync(fileURLToPath(new URL(icon, root))), icon);
  });

  it('ignore what an untrusted workspace sets', () => {
    assert.deepEqual(
      sorted(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations),
      sorted(restrictedConfigurations()),
    );
  });
});
