import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { readActivationTime } from './activation-time.ts';
import { activateForChat } from './chat.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
/** Five times the figure that is aimed at, which is 100 ms. */
const ACTIVATION_LIMIT_MS = 500;

describe('inside VS Code', () => {
  it('runs Node 24 with SQLite, in a trusted workspace of one folder', async () => {
    const { DatabaseSync } = await import('node:sqlite');
    assert.equal(process.versions.node.split('.')[0], '24');
    assert.equal(new DatabaseSync(':memory:').prepare('SELECT 1 AS one').get()?.['one'], 1);
    assert.equal(vscode.workspace.isTrusted, true);
    assert.equal(vscode.workspace.workspaceFolders?.length, 1);
  });

  it('refuses proposed API, as a published extension would see it', () => {
    assert.throws(() => Reflect.get(vscode.lm, 'embeddingModels'), /CANNOT use API proposal/);
  });

  it('activates our extension, which offers a language model', async () => {
    const extension = await activateForChat(OUR_EXTENSION);
    assert.equal(extension.isActive, true);
  });

  it('activates our extension without holding up the window', async () => {
    await activateForChat(OUR_EXTENSION);
    const { loadCodeMs, callActivateMs, finishActivateMs } = await readActivationTime(OUR_EXTENSION);
    const heldUpMs = loadCodeMs + callActivateMs;
    const parts = `load ${loadCodeMs} ms, activate() ${callActivateMs} ms, then ${finishActivateMs} ms in the background`;
    console.log(`| figure: activation ${heldUpMs} ms (${parts})`);
    assert.ok(heldUpMs < ACTIVATION_LIMIT_MS, `activation took ${heldUpMs} ms`);
  });
});
