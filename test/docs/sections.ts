/** The parts of README.md that are generated from package.json and from the command line's own help. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Setting {
  readonly type?: string | readonly string[];
  readonly default?: unknown;
  readonly markdownDescription?: string;
  readonly description?: string;
}

export interface Manifest {
  readonly version: string;
  readonly engines: { readonly vscode: string };
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, Setting>> };
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category?: string }[];
    readonly menus: { readonly commandPalette?: readonly { readonly command: string; readonly when?: string }[] };
    readonly chatParticipants: readonly {
      readonly name: string;
      readonly commands: readonly { readonly name: string; readonly description: string }[];
    }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly name: string }[]>>;
  };
}

export function manifest(): Manifest {
  return JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as Manifest;
}

/** Section name to its text; README.md holds each between `<!-- begin NAME -->` and `<!-- end NAME -->`. */
export function sections(): Readonly<Record<string, string>> {
  return {
    settings: settingsTable(manifest()),
    commands: commandsTable(manifest()),
    slash: slashTable(manifest()),
    cli: `\`\`\`text\n${commandLineHelp()}\n\`\`\``,
  };
}

export function withSections(text: string, all: Readonly<Record<string, string>>): string {
  return Object.entries(all).reduce((changed, [name, section]) => {
    const place = new RegExp(`(<!-- begin ${name} -->\\n)[\\s\\S]*?(<!-- end ${name} -->)`);
    if (!place.test(changed)) throw new Error(`README.md has no section "${name}"`);
    return changed.replace(place, (_all, begin: string, end: string) => `${begin}${section}\n${end}`);
  }, text);
}

function settingsTable({ contributes }: Manifest): string {
  const rows = Object.entries(contributes.configuration.properties).map(([name, setting]) => {
    const text = (setting.markdownDescription ?? setting.description ?? '').split('\n\n')[0] ?? '';
    return `| \`${name}\` | ${setting.default === undefined || setting.default === null ? '' : `\`${JSON.stringify(setting.default)}\``} | ${cell(text)} |`;
  });
  return ['| setting | default | what it does |', '| --- | --- | --- |', ...rows].join('\n');
}

function commandsTable({ contributes }: Manifest): string {
  const hidden = new Set(
    (contributes.menus.commandPalette ?? []).filter((item) => item.when === 'false').map((item) => item.command),
  );
  const rows = contributes.commands
    .filter((command) => !hidden.has(command.command))
    .map((command) => `| ${cell(`${command.category}: ${command.title}`)} | \`${command.command}\` |`);
  return ['| command | id |', '| --- | --- |', ...rows].join('\n');
}

function slashTable({ contributes }: Manifest): string {
  const rows = contributes.chatParticipants.flatMap((participant) =>
    participant.commands.map(
      (command) => `| \`@${participant.name} /${command.name}\` | ${cell(command.description)} |`,
    ),
  );
  return ['| in the chat | what it does |', '| --- | --- |', ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** What the built command line itself prints. */
function commandLineHelp(): string {
  const run = spawnSync(process.execPath, [`${ROOT}dist/cli.js`, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '110' },
  });
  if (run.status !== 0) throw new Error(`dist/cli.js --help failed: ${run.stderr}`);
  return run.stdout.trimEnd();
}
