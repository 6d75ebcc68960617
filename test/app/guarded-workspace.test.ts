import assert from 'node:assert/strict';
import { guardWorkspace } from '../../src/app/guarded-workspace.ts';
import { err, ok } from '../../src/base/result.ts';
import type { Workspace } from '../../src/core/ports.ts';

const signal = new AbortController().signal;

function recording(calls: string[]): Workspace {
  return {
    name: 'ws',
    isNamed: (name) => Promise.resolve(name === 'ws'),
    list: async () => ({ files: [{ path: 'a.ts', bytes: calls.push('list') }], cut: false }),
    expand: async () => {
      calls.push('expand');
      return { files: [], missing: [], withheld: [] };
    },
    read: async () => {
      calls.push('read');
      return err({ kind: 'missing', why: '' });
    },
    search: async () => {
      calls.push('search');
      return ok({ lines: [{ path: 'a.ts', line: 1, text: 'x', localOnly: false }], cut: true });
    },
    symbols: async () => {
      calls.push('symbols');
      return [];
    },
    whyNever: () => undefined,
    writable: async (path) => {
      calls.push('writable');
      return ok({ path, exists: true });
    },
  };
}

async function useAll(workspace: Workspace): Promise<readonly unknown[]> {
  await workspace.expand(['a.ts'], signal);
  await workspace.read('a.ts', signal);
  await workspace.symbols('a.ts', '', signal);
  return [
    await workspace.list({ limit: 5, signal }),
    await workspace.search({ query: 'x', isRegex: false, matchCase: true, limit: 5, signal }),
    await workspace.writable('a.ts', signal),
  ];
}

describe('A workspace that is not trusted', () => {
  it('opens what was attached; nothing is listed, searched or changed', async () => {
    const calls: string[] = [];
    const given = await useAll(guardWorkspace(recording(calls), () => false));
    assert.deepEqual(calls, ['expand', 'read', 'symbols']);
    assert.deepEqual(given, [
      { files: [], cut: false },
      { ok: true, value: { lines: [], cut: false } },
      {
        ok: false,
        error: {
          kind: 'withheld',
          why: 'This folder is not trusted, so nothing in it is changed. Trust the folder to let edits be proposed.',
        },
      },
    ]);
  });

  it('is open as soon as it is trusted', async () => {
    const calls: string[] = [];
    let isTrusted = false;
    const workspace = guardWorkspace(recording(calls), () => isTrusted);
    isTrusted = true;
    await useAll(workspace);
    assert.deepEqual(calls, ['expand', 'read', 'symbols', 'list', 'search', 'writable']);
  });
});
