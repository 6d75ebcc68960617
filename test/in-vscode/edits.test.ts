/** Accepted edits written through VS Code, in a real window: what is on disk, what Undo gives back, what is refused. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Result } from '../../src/base/result.ts';
import type { Failure } from '../../src/core/failure.ts';
import type { EditTarget, FileChange } from '../../src/core/ports.ts';
import { checkedEditTarget, createDiskEditTarget } from '../../src/tools/disk-edit-target.ts';
import { createEditorEditTarget } from '../../src/vscode/edits/edit-target.ts';
import { unsavedText } from '../../src/vscode/edits/open-documents.ts';
import { activateForChat } from './chat.ts';
import { savedUntil } from './saved-until.ts';

const OUR_EXTENSION = 'orchestrator.orchestrator';
const { signal } = new AbortController();

type Files = Readonly<Record<string, Buffer | null>>;

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');

/** Every way in which bytes of a text are easily lost, and each kind of change; null: no such file. */
const BEFORE: Files = {
  'shown.ts': utf8('export const one = 1;\nexport const two = 2;\n\nexport const three = 3;\n'),
  'crlf.txt': utf8('first\r\nsecond\r\nthird\r\n'),
  'bom.txt': utf8('\uFEFFfirst\nsecond\n'),
  'wide.txt': utf16('first\r\nsecond\r\n'),
  'old-encoding.txt': Buffer.from('caf\u00E9\ntea\n', 'latin1'),
  'mixed.txt': utf8('first\r\nsecond\nthird\r\n'),
  'no-last-end.txt': utf8('first\nsecond'),
  'empty.txt': utf8(''),
  'gone.txt': utf8('was\nhere'),
  'old-name.txt': utf8('moved\r\nas it is\n'),
  'picture.bin': Buffer.from([0, 255, 1, 254, 10, 13]),
  'deep/er/new.txt': null,
  'new-name.txt': null,
};

const AFTER: Files = {
  'shown.ts': utf8(
    '// numbers\nexport const one = 1;\nexport const two = 22;\n\nexport const three = 3;\nexport const four = 4;\n',
  ),
  'crlf.txt': utf8('first\r\nSECOND\r\nthird\r\n'),
  'bom.txt': utf8('\uFEFFfirst\nSECOND\n'),
  'wide.txt': utf16('first\r\nSECOND \u2713\r\n'),
  'old-encoding.txt': Buffer.from('caf\u00E9 au lait\ntea\n', 'latin1'),
  'mixed.txt': utf8('first\r\nSECOND\nthird\r\n'),
  'no-last-end.txt': utf8('first\nSECOND'),
  'empty.txt': utf8('not any more'),
  'gone.txt': null,
  'old-name.txt': null,
  'picture.bin': Buffer.from([0, 255, 2, 254, 10, 13, 0]),
  'deep/er/new.txt': utf8('new\r\nfile'),
  'new-name.txt': utf8('moved\r\nas it was\n'),
};

describe('edits that were accepted', () => {
  let root: string;
  /** Each test has its own: VS Code remembers what it read of a path, and what was undone there. */
  let folder = '';
  let tests = 0;
  const altered: string[] = [];

  const at = (name: string): string => path.join(root, folder, name);
  const uri = (name: string): vscode.Uri => vscode.Uri.file(at(name));
  const target = (wrapped: (disk: EditTarget) => EditTarget = (disk) => disk): EditTarget => {
    const disk = createDiskEditTarget({ folders: [{ name: 'workspace', path: root }], unsavedText });
    return checkedEditTarget(
      createEditorEditTarget(wrapped(disk), (paths) => altered.push(...paths)),
      disk,
    );
  };
  const onDisk = (names: Files): string =>
    listing((name) => (existsSync(at(name)) ? readFileSync(at(name)) : null), names);
  const assertOnDisk = (files: Files): void =>
    assert.equal(
      onDisk(files),
      listing((name) => files[name] ?? null, files),
    );
  const isOnDisk = (files: Files): boolean => onDisk(files) === listing((name) => files[name] ?? null, files);
  const write = (changes: readonly FileChange[], to = target()) => to.write(changes, { label: 'Edits', signal });

  before(async () => {
    root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    await activateForChat(OUR_EXTENSION);
  });
  beforeEach(() => {
    altered.length = 0;
    folder = `edited-${++tests}`;
    for (const [name, bytes] of Object.entries(BEFORE))
      if (bytes !== null) {
        mkdirSync(path.dirname(at(name)), { recursive: true });
        writeFileSync(at(name), bytes);
      }
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('are on disk byte by byte, and one Undo in any of the files gives back every byte of all', async () => {
    await vscode.window.showTextDocument(uri('mixed.txt'), { viewColumn: vscode.ViewColumn.Two });
    await vscode.window.showTextDocument(uri('shown.ts'), { viewColumn: vscode.ViewColumn.One });
    const hashes = valueOf(await write(changesTo(AFTER)));
    assertOnDisk(AFTER);
    assert.deepEqual(
      [...hashes],
      Object.entries(AFTER).map(([name, bytes]) => [`${folder}/${name}`, bytes && hashOf(bytes)]),
    );
    assert.deepEqual(dirty(at('')), []);
    assert.deepEqual(altered, []);
    assert.deepEqual(shownFiles(at('')), ['mixed.txt', 'shown.ts'], 'what was looked at is still shown');

    await undoIn(uri('crlf.txt'));
    await savedUntil(() => isOnDisk(BEFORE), at(''));

    await vscode.window.showTextDocument(uri('shown.ts'));
    await vscode.commands.executeCommand('redo');
    await savedUntil(() => isOnDisk(AFTER), at(''));
  });

  it('come back by Undo also when none of them is edited as text', async () => {
    const names = ['mixed.txt', 'gone.txt', 'deep/er/new.txt'];
    valueOf(await write(changesTo(only(AFTER, names))));
    assert.equal(readFileSync(at('mixed.txt'), 'utf8'), 'first\r\nSECOND\nthird\r\n');
    await undoIn(uri('deep/er/new.txt'));
    await savedUntil(() => isOnDisk(BEFORE), at(''));
  });

  it('come back by Undo when a single one is edited as text, and its file is not open', async () => {
    const names = ['crlf.txt', 'deep/er/new.txt'];
    valueOf(await write(changesTo(only(AFTER, names))));
    assert.equal(readFileSync(at('crlf.txt'), 'utf8'), 'first\r\nSECOND\r\nthird\r\n');
    await letGoOf(uri('crlf.txt'));
    await undoIn(uri('deep/er/new.txt'));
    await savedUntil(() => isOnDisk(BEFORE), at(''));
  });

  it('leave selections in an open file where they were, though lines come before them', async () => {
    const editor = await vscode.window.showTextDocument(uri('shown.ts'));
    editor.selection = new vscode.Selection(3, 13, 3, 18);
    assert.equal(editor.document.getText(editor.selection), 'three');
    valueOf(await write(changesTo(only(AFTER, ['shown.ts']))));
    assert.deepEqual([editor.selection.start.line, editor.document.getText(editor.selection)], [4, 'three']);
  });

  it('are refused as a whole when a file was changed on disk since, and the file is named', async () => {
    const changes = changesTo(AFTER);
    writeFileSync(at('crlf.txt'), 'somebody else\n');
    const failed = errorOf(await write(changes));
    assert.match(failed.message, /crlf\.txt/);
    assertOnDisk({ ...BEFORE, 'crlf.txt': utf8('somebody else\n') });
  });

  it('are refused while an editor holds unsaved changes of a file, which stay', async () => {
    const changes = changesTo(AFTER);
    await type(uri('crlf.txt'), 'mine ');
    const failed = errorOf(await write(changes));
    assert.match(failed.message, /crlf\.txt/);
    assertOnDisk(BEFORE);
    assert.deepEqual(dirty(at('')), ['crlf.txt']);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('stand on unsaved text when they were proposed for it: it is saved with them, and Undo gives it back', async () => {
    await type(uri('crlf.txt'), 'mine ');
    const change: FileChange = {
      path: `${folder}/crlf.txt`,
      expect: hashOf(utf8('mine first\r\nsecond\r\nthird\r\n')),
      content: { kind: 'text', text: 'mine first\r\nSECOND\r\nthird\r\n', format: { encoding: 'utf8', eol: 'crlf' } },
    };
    const disk = createDiskEditTarget({ folders: [{ name: 'workspace', path: root }], unsavedText });
    valueOf(
      await write(
        [change],
        createEditorEditTarget(disk, () => undefined),
      ),
    );
    assert.equal(readFileSync(at('crlf.txt'), 'utf8'), 'mine first\r\nSECOND\r\nthird\r\n');
    await undoIn(uri('crlf.txt'));
    await savedUntil(() => readFileSync(at('crlf.txt'), 'utf8') === 'mine first\r\nsecond\r\nthird\r\n', at(''));
  });

  it('are refused when somebody types in a file between the look and the edit', async () => {
    const typing = (disk: EditTarget): EditTarget => ({
      ...disk,
      look: async (name, signal) => {
        if (name.endsWith('/no-last-end.txt')) await type(uri('crlf.txt'), 'mine ');
        return disk.look(name, signal);
      },
      write: (changes, options) => disk.write(changes, options),
    });
    const failed = errorOf(await write(changesTo(AFTER), target(typing)));
    assert.match(failed.message, /crlf\.txt was changed in an editor just now/);
    assertOnDisk(BEFORE);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('are taken back everywhere when one file cannot be saved', async () => {
    const listening = vscode.workspace.onWillSaveTextDocument(({ document }) => {
      if (document.uri.fsPath === at('no-last-end.txt')) writeFileSync(document.uri.fsPath, 'written by somebody else');
    });
    const failed = errorOf(await write(changesTo(AFTER)));
    listening.dispose();
    assert.match(failed.message, /no-last-end\.txt could not be saved/);
    const expected: Files = { ...BEFORE, 'no-last-end.txt': utf8('written by somebody else') };
    assertOnDisk(expected);
  });

  it('that a formatter changes while they are saved are reported, with the hash of what is on disk', async () => {
    const settings = vscode.workspace.getConfiguration('files');
    await settings.update('insertFinalNewline', true, vscode.ConfigurationTarget.Global);
    const hashes = valueOf(await write(changesTo(only(AFTER, ['no-last-end.txt']))));
    await settings.update('insertFinalNewline', undefined, vscode.ConfigurationTarget.Global);
    assert.deepEqual(altered, [`${folder}/no-last-end.txt`]);
    assert.equal(hashes.get(`${folder}/no-last-end.txt`), hashOf(utf8('first\nSECOND\n')));
  });

  it('are put back by the same way: every byte as it was', async () => {
    valueOf(await write(changesTo(AFTER)));
    valueOf(await write(changesTo(BEFORE)));
    assertOnDisk(BEFORE);
    assert.deepEqual(dirty(at('')), []);
  });

  /** From what is on disk now. */
  function changesTo(files: Files): readonly FileChange[] {
    return Object.entries(files).map(([name, bytes]) => ({
      path: `${folder}/${name}`,
      expect: existsSync(at(name)) ? hashOf(readFileSync(at(name))) : null,
      content: bytes === null ? null : { kind: 'bytes', base64: bytes.toString('base64') },
    }));
  }
});

function listing(bytesOf: (name: string) => Buffer | null, names: Files): string {
  return Object.keys(names)
    .map((name) => `${name} ${JSON.stringify(bytesOf(name)?.toString('latin1') ?? null)}`)
    .join('\n');
}

/** VS Code keeps some texts that extensions opened for minutes; others drive one out. */
async function letGoOf(uri: vscode.Uri): Promise<void> {
  const isHeld = (): boolean =>
    vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
  for (let count = 0; isHeld() && count < 500; count++)
    await vscode.workspace.openTextDocument(vscode.Uri.parse(`orchestrator-edit:/other-${count}`));
  assert.equal(isHeld(), false);
}

function only(files: Files, names: readonly string[]): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => names.includes(name)));
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function valueOf<T>(result: Result<T, Failure>): T {
  if (!result.ok) assert.fail(`${result.error.message} ${result.error.whatToDo}`);
  return result.value;
}

function errorOf<T>(result: Result<T, Failure>): Failure {
  if (result.ok) assert.fail('it was written');
  return result.error;
}

function dirty(folder: string): readonly string[] {
  return vscode.workspace.textDocuments
    .filter(({ isDirty, uri }) => isDirty && uri.fsPath.startsWith(folder))
    .map(({ uri }) => path.basename(uri.fsPath));
}

function shownFiles(root: string): readonly string[] {
  return vscode.window.visibleTextEditors
    .map(({ document }) => path.relative(root, document.uri.fsPath))
    .filter((name) => !name.startsWith('..'))
    .sort();
}

async function type(uri: vscode.Uri, text: string): Promise<void> {
  await vscode.window.showTextDocument(uri);
  const edit = new vscode.WorkspaceEdit();
  edit.insert(uri, new vscode.Position(0, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

async function undoIn(uri: vscode.Uri): Promise<void> {
  await vscode.window.showTextDocument(uri);
  await vscode.commands.executeCommand('undo');
}
