/** A chat turn of VS Code as the engine's request. */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import type { EditorContext, RunRequest } from '../../core/run-request.ts';
import { isLocalOnlyRun } from '../../core/local-only.ts';
import type { EarlierTurn } from '../../core/run-request.ts';
import { earlierTurns, runsOf, type PastAnswer, type PastTurn } from './chat-history.ts';
import { loadRun } from '../runs/load-run.ts';
import { pickedBackend } from './chat-model.ts';
import { kindOf, pathOf } from '../workspace-path.ts';

export interface BuiltRequest {
  readonly request: RunRequest;
  /** What was attached and cannot be used, for the user. */
  readonly notes: readonly string[];
}

export interface TurnContext {
  readonly request: vscode.ChatRequest;
  readonly past: readonly PastTurn[];
  readonly opened: OpenedOrchestrator;
  readonly signal: AbortSignal;
}

const LONGEST_ATTACHED_TEXT = 100_000;

/** `isDraft`: a plan is wanted in any case, and it waits for the user. */
export async function buildRequest(turn: TurnContext, how: { readonly isDraft: boolean }): Promise<BuiltRequest> {
  const { request, past, opened } = turn;
  const attached = readReferences(request.references);
  const editor = await permittedEditor(editorContext(attached.selections), turn);
  const orchestrator = pickedBackend(
    request.model,
    opened.roster.backends().map((backend) => backend.description),
  );
  return {
    request: {
      text: [request.prompt, ...attached.texts].join('\n\n'),
      source: 'chat',
      history: await threadOf(past, opened),
      ...(editor.context === undefined ? {} : { editor: editor.context }),
      files: [...new Set([...attached.files, ...editor.files])],
      ...(orchestrator === undefined ? {} : { orchestrator }),
      ...(how.isDraft ? { isDraft: true } : {}),
      options: how.isDraft ? { ...opened.options(), strategy: 'plan' } : opened.options(),
    },
    notes: [...attached.notes, ...editor.notes],
  };
}

async function threadOf(past: readonly PastTurn[], opened: OpenedOrchestrator): Promise<readonly EarlierTurn[]> {
  const answers = new Map<string, PastAnswer>();
  for (const run of runsOf(past)) {
    const loaded = await loadRun(opened, run);
    if (loaded.ok)
      answers.set(run, {
        text: loaded.value.state.answer ?? undefined,
        isLocalOnly: isLocalOnlyRun(loaded.value.state),
      });
  }
  return earlierTurns(past, (run) => answers.get(run));
}

export function pastTurns(context: vscode.ChatContext): readonly PastTurn[] {
  return context.history.map((turn): PastTurn => {
    if (turn instanceof vscode.ChatRequestTurn) return { kind: 'request', prompt: turn.prompt, command: turn.command };
    return { kind: 'response', markdown: markdownOf(turn), run: runIdOf(turn.result), waited: hasWaited(turn.result) };
  });
}

function markdownOf(turn: vscode.ChatResponseTurn): string {
  return turn.response
    .map((part) => {
      if (part instanceof vscode.ChatResponseMarkdownPart) return part.value.value;
      if (!(part instanceof vscode.ChatResponseAnchorPart)) return '';
      return part.value instanceof vscode.Location
        ? `${pathOf(part.value.uri) ?? ''}#L${part.value.range.start.line + 1}-L${part.value.range.end.line + 1}`
        : (pathOf(part.value) ?? '');
    })
    .join('');
}

/** The run that an answer came from, as it was put into its metadata. */
export function runIdOf(result: vscode.ChatResult): string | undefined {
  const metadata: unknown = result.metadata;
  return typeof metadata === 'object' && metadata !== null && 'runId' in metadata && typeof metadata.runId === 'string'
    ? metadata.runId
    : undefined;
}

/** The turn ended because its run waited for a person. */
function hasWaited({ metadata }: vscode.ChatResult): boolean {
  const kind: unknown =
    typeof metadata === 'object' && metadata !== null && 'kind' in metadata ? metadata.kind : undefined;
  return kind === 'waiting-plan' || kind === 'waiting-tasks';
}

interface Attached {
  readonly files: readonly string[];
  readonly texts: readonly string[];
  readonly selections: readonly vscode.Location[];
  readonly notes: readonly string[];
}

function readReferences(references: readonly vscode.ChatPromptReference[]): Attached {
  const files: string[] = [];
  const texts: string[] = [];
  const selections: vscode.Location[] = [];
  const notes: string[] = [];
  // VS Code lists them from the end of the prompt to its beginning.
  for (const { value } of [...references].reverse()) {
    if (typeof value === 'string') texts.push(`Attached by the user:\n${value.slice(0, LONGEST_ATTACHED_TEXT)}`);
    const uri = value instanceof vscode.Location ? value.uri : value instanceof vscode.Uri ? value : undefined;
    if (uri === undefined) continue;
    const pattern = patternOf(uri);
    if (pattern === undefined)
      notes.push(
        `${uri.scheme === 'file' ? uri.fsPath : uri.toString()} is not in the open workspace and was left out. Open its folder to attach it.`,
      );
    else if (value instanceof vscode.Location) selections.push(value);
    else files.push(pattern);
  }
  return { files, texts, selections, notes };
}

/** A path, or a glob for a folder's files. */
function patternOf(uri: vscode.Uri): string | undefined {
  const path = pathOf(uri);
  if (path === undefined) return undefined;
  return kindOf(uri) === 'folder' ? (path === '' ? '**' : `${path}/**`) : path;
}

interface Editor {
  readonly context: EditorContext | undefined;
  readonly files: readonly string[];
  readonly notes: readonly string[];
}

/** The open file and what is selected; an attached selection goes before the editor's own, further ones are attached by their lines. */
function editorContext(selections: readonly vscode.Location[]): Editor {
  const active = vscode.window.activeTextEditor;
  const openFile = active === undefined ? undefined : pathOf(active.document.uri);
  const own =
    active !== undefined && openFile !== undefined && !active.selection.isEmpty
      ? new vscode.Location(active.document.uri, active.selection)
      : undefined;
  const [first, ...others] = selections.length > 0 ? selections : own === undefined ? [] : [own];
  const selection = first === undefined ? undefined : selectionOf(first);
  const unread = first !== undefined && selection === undefined ? [first, ...others] : others;
  if (openFile === undefined && selection === undefined)
    return { context: undefined, files: pathsOf(unread), notes: [] };
  return {
    context: { ...(openFile === undefined ? {} : { openFile }), ...(selection === undefined ? {} : { selection }) },
    files: pathsOf(unread),
    notes: [],
  };
}

/** Lines of files, as inputs name them. */
function pathsOf(locations: readonly vscode.Location[]): readonly string[] {
  return locations.flatMap((location) => {
    const path = pathOf(location.uri);
    const { startLine, endLine } = linesOf(location.range);
    return path === undefined ? [] : [`${path}#L${startLine}-L${endLine}`];
  });
}

/** 1-based, both inclusive. A selection that ends at the beginning of a line does not hold that line. */
function linesOf({ start, end }: vscode.Range): { readonly startLine: number; readonly endLine: number } {
  const isAtLineStart = end.character === 0 && end.line > start.line;
  return { startLine: start.line + 1, endLine: end.line + (isAtLineStart ? 0 : 1) };
}

/** Undefined when the document is not open: then its lines are attached. */
function selectionOf({ uri, range }: vscode.Location): EditorContext['selection'] {
  const path = pathOf(uri);
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  if (path === undefined || document === undefined) return undefined;
  return { path, ...linesOf(range), text: document.getText(range) };
}

/** A selection is text that leaves with the request: a data rule on its file holds for it too. */
async function permittedEditor(editor: Editor, { opened, signal }: TurnContext): Promise<Editor> {
  const selection = editor.context?.selection;
  if (selection === undefined) return editor;
  const { context = {}, files } = editor;
  const withoutSelection = context.openFile === undefined ? undefined : { openFile: context.openFile };
  const read = await opened.workspace.read(selection.path, signal);
  if (!read.ok && read.error.kind === 'withheld') {
    return {
      context: withoutSelection,
      files,
      notes: [`The selection in ${selection.path} was left out: ${read.error.why}`],
    };
  }
  // Attached as a file, the rule that keeps it on this machine goes with it.
  if (read.ok && read.value.localOnly)
    return {
      context: withoutSelection,
      files: [...files, `${selection.path}#L${selection.startLine}-L${selection.endLine}`],
      notes: [],
    };
  return editor;
}
