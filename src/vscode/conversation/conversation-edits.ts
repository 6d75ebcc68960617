/** What a task changed, as far as it is: each file with its lines, and the change as a diff. */
import { diffText } from '../../core/edits/diff-text.ts';
import { countChangedLines } from '../../core/edits/line-counts.ts';
import { overlayOf, type OverlayChange } from '../../core/edits/overlay.ts';
import type { ProposedFile, ProposedKind } from '../../core/edits/proposal.ts';
import type { TaskState } from '../../core/run-state.ts';
import type { EditShown, Item } from '../../webview/conversation/conversation-view.ts';
import type { AttemptShelf } from './conversation-shelf.ts';

/** UTF-16 units of a file whose changed lines are counted at once. */
const MOST_COUNTED = 100_000;

export function editItems(task: TaskState, shelf: AttemptShelf): readonly Item[] {
  const items: Item[] = [];
  const files = shelf.isLatest ? shelf.state.proposal?.files : undefined;
  if (task.edits.length > 0)
    items.push(
      shelf.keep(`${shelf.prefix}edits`, [task.edits, task.based, files], () => {
        const changes = overlayOf(task).changes;
        return {
          kind: 'edits',
          files: changes.map((change) => editShown(change, task, { shelf, inProposal: files })),
          canReview: files !== undefined,
        };
      }),
    );
  if (task.problems.length > 0)
    items.push(
      shelf.keep(`${shelf.prefix}problems`, [task.problems], () => ({ kind: 'problems', problems: task.problems })),
    );
  return items;
}

function editShown(
  change: OverlayChange,
  task: TaskState,
  {
    shelf,
    inProposal,
  }: { readonly shelf: AttemptShelf; readonly inProposal: ReadonlyMap<string, unknown> | undefined },
): EditShown {
  const path = change.path ?? change.origin ?? change.base.path;
  const file = proposed(change, path, task.id);
  const before = file?.base?.text ?? null;
  const isCounted = file !== undefined && (before ?? '').length + (file.text ?? '').length <= MOST_COUNTED;
  const counts = isCounted ? countChangedLines(before, file.text) : { added: null, removed: null };
  return {
    path,
    change: kindOf(change) === 'renamed' ? `renamed from ${change.origin}` : kindOf(change),
    ...counts,
    canOpen: inProposal?.has(path) === true,
    diff: file === undefined ? null : shelf.texts.put(`${shelf.prefix}edit.${path}`, () => diffText([file], () => '')),
  };
}

function kindOf({ origin, path }: OverlayChange): ProposedKind {
  if (origin === null) return 'created';
  if (path === null) return 'deleted';
  return origin === path ? 'modified' : 'renamed';
}

/** Undefined: the record was read without the text that it stands on. */
function proposed(change: OverlayChange, path: string, task: string): ProposedFile | undefined {
  const { base, origin, text } = change;
  if (typeof base.text !== 'string') return undefined;
  const kind = kindOf(change);
  return {
    path,
    kind,
    ...(kind === 'renamed' && origin !== null ? { from: origin } : {}),
    base: origin === null ? null : { text: base.text, hash: base.hash, unsaved: base.unsaved },
    text,
    format: base.format,
    tasks: [task],
    newUrls: [],
    problems: [],
  };
}
