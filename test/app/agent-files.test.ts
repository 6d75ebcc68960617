import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { readAgentFiles } from '../../src/app/agent-files.ts';

describe('the agents of a workspace', () => {
  let root: string;
  let agents: string;
  const folders = (): readonly { readonly name: string; readonly path: string }[] => [{ name: 'work', path: root }];
  const shown = async (of = folders()): Promise<readonly string[]> =>
    (await readAgentFiles(of)).map(({ path: place, text }) => `${place}: ${text.ok ? text.value : `(${text.error})`}`);

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'orchestrator-agents-'));
    agents = path.join(root, '.orchestrator', 'agents');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('are the files of one folder, by name', async () => {
    assert.deepEqual(await shown(), []);
    mkdirSync(path.join(agents, 'deeper.md'), { recursive: true });
    writeFileSync(path.join(agents, 'b.md'), 'B');
    writeFileSync(path.join(agents, 'a.md'), 'A');
    writeFileSync(path.join(agents, 'notes.txt'), 'no');
    assert.deepEqual(await shown(), [
      '.orchestrator/agents/a.md: A',
      '.orchestrator/agents/b.md: B',
      '.orchestrator/agents/deeper.md: (no plain file)',
    ]);
    assert.deepEqual((await shown([...folders(), { name: 'none', path: path.join(root, 'none') }])).slice(0, 1), [
      'work/.orchestrator/agents/a.md: A',
    ]);
  });

  it('are not what links lead to, and no file that is too large', async () => {
    mkdirSync(agents, { recursive: true });
    writeFileSync(path.join(root, 'secret.txt'), 'secret');
    symlinkSync(path.join(root, 'secret.txt'), path.join(agents, 'link.md'));
    writeFileSync(path.join(agents, 'large.md'), 'x'.repeat(256 * 1024 + 1));
    assert.deepEqual(await shown(), [
      '.orchestrator/agents/large.md: (262145 bytes)',
      '.orchestrator/agents/link.md: (no plain file)',
    ]);
    const elsewhere = path.join(root, 'elsewhere');
    mkdirSync(path.join(elsewhere, 'agents'), { recursive: true });
    writeFileSync(path.join(elsewhere, 'agents', 'a.md'), 'A');
    rmSync(path.join(root, '.orchestrator'), { recursive: true });
    symlinkSync(elsewhere, path.join(root, '.orchestrator'));
    assert.deepEqual(await shown(), []);
  });
});
