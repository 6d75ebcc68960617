import { err, ok } from '../base/result.ts';
import { failure } from '../core/failure.ts';
import type { EditTarget, ReadRefusal, Workspace } from '../core/ports.ts';

const NOT_TRUSTED: ReadRefusal = {
  kind: 'withheld',
  why: 'This folder is not trusted, so nothing in it is changed. Trust the folder to let edits be proposed.',
};

/** In an untrusted workspace nothing is listed, searched or changed: only files that the user attached are opened. */
export function guardWorkspace(workspace: Workspace, isTrusted: () => boolean): Workspace {
  return {
    name: workspace.name,
    isNamed: (name) => workspace.isNamed(name),
    list: (options) => (isTrusted() ? workspace.list(options) : Promise.resolve({ files: [], cut: false })),
    expand: (patterns, signal) => workspace.expand(patterns, signal),
    read: (path, signal) => workspace.read(path, signal),
    search: (options) => (isTrusted() ? workspace.search(options) : Promise.resolve(ok({ lines: [], cut: false }))),
    symbols: (path, text, signal) => workspace.symbols(path, text, signal),
    whyNever: (path, before, after) => workspace.whyNever(path, before, after),
    writable: (path, signal) => (isTrusted() ? workspace.writable(path, signal) : Promise.resolve(err(NOT_TRUSTED))),
  };
}

/** In an untrusted workspace nothing is written. */
export function guardTarget(target: EditTarget, isTrusted: () => boolean): EditTarget {
  return {
    look: (path, signal) => target.look(path, signal),
    write: (changes, options) =>
      isTrusted()
        ? target.write(changes, options)
        : Promise.resolve(
            err(
              failure('rejected', 'Nothing was written: this folder is not trusted.', {
                whatToDo: 'Trust the folder in VS Code, and apply the edits again.',
              }),
            ),
          ),
  };
}
