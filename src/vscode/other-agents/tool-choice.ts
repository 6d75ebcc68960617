/** The list in which a person ticks the tools that agents may be given. Plain data, so that it is tested without VS Code. */
import { oneLine } from '../../app/safe-text.ts';
import type { ToolSource } from '../../app/shell.ts';
import { isObject } from '../is-object.ts';

export type ToolItem =
  | { readonly kind: 'server'; readonly label: string }
  | {
      readonly kind: 'tool';
      readonly server: string;
      readonly tool: string;
      readonly label: string;
      readonly detail: string;
      readonly isAllowed: boolean;
    };

export function toolItems(sources: readonly ToolSource[]): readonly ToolItem[] {
  return sources.flatMap(({ name, tools = [], allowed, why }): readonly ToolItem[] => {
    const known = tools.map((tool): ToolItem => ({
      kind: 'tool',
      server: name,
      tool: tool.name,
      label: `${name}/${tool.name}`,
      detail: oneLine(tool.description, 160),
      isAllowed: allowed.includes(tool.name),
    }));
    // What is allowed and not there now stays allowed unless it is unticked.
    const absent = allowed
      .filter((tool) => !tools.some((one) => one.name === tool))
      .map((tool): ToolItem => ({
        kind: 'tool',
        server: name,
        tool,
        label: `${name}/${tool}`,
        detail: why === undefined ? 'It is not there now.' : 'Whether it is there is not known.',
        isAllowed: true,
      }));
    return [{ kind: 'server', label: why === undefined ? name : oneLine(`${name}: ${why}`, 200) }, ...known, ...absent];
  });
}

/** `setting` with the ticked tools as the `tools` of each server that was shown; the rest as it is. */
export function withTicked(
  setting: unknown,
  sources: readonly ToolSource[],
  ticked: readonly { readonly server: string; readonly tool: string }[],
): Readonly<Record<string, unknown>> {
  const servers: Record<string, unknown> = isObject(setting) ? { ...setting } : {};
  for (const { name } of sources) {
    const tools = ticked.filter(({ server }) => server === name).map(({ tool }) => tool);
    const entry = servers[name];
    if (isObject(entry) && entry['enabled'] === false) continue;
    if (isObject(entry)) servers[name] = { ...entry, tools };
    else if (tools.length > 0) servers[name] = { tools };
  }
  return servers;
}
