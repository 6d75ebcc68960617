import type { Workspace } from '../core/ports.ts';

/** In an untrusted workspace nothing is listed: only files that the user attached are opened. */
export function guardWorkspace(workspace: Workspace, isTrusted: () => boolean): Workspace {
  return {
    name: workspace.name,
    list: (options) => (isTrusted() ? workspace.list(options) : Promise.resolve({ files: [], cut: false })),
    expand: (patterns, signal) => workspace.expand(patterns, signal),
    read: (path, signal) => workspace.read(path, signal),
  };
}
