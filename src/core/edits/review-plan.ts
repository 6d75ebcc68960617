/** What is written, and what is kept for going back, when a proposed file is applied or taken back. */
import type { EditTarget, FileChange, FileOnDisk, NewContent } from '../ports.ts';
import { encodeText, toBase64 } from './encode-text.ts';
import type { AppliedFile, ProposedFile } from './proposal.ts';
import { sha256 } from './sha-256.ts';

export interface ApplyPlan {
  readonly file: ProposedFile;
  /** None: the file is as proposed already. */
  readonly changes: readonly FileChange[];
  readonly originals: readonly AppliedFile[];
}

/** For a file that is not blocked; `here` is what stands where its base stood. */
export async function planApply(file: ProposedFile, here: FileOnDisk | null): Promise<ApplyPlan> {
  const { path, from, text, format, base } = file;
  const before = here === null ? null : await originalOf(file, here);
  const after = text === null ? null : { text, format };
  const content: NewContent | null = after === null ? null : { kind: 'text', ...after };
  const accepted = file.protectedBecause === undefined ? {} : { acceptedByItself: true as const };
  const expect = here === null ? null : here.unsavedText === undefined ? here.hash : (before?.hash ?? null);
  if (from !== undefined)
    return {
      file,
      changes: [
        { path: from, expect, content: null, ...accepted },
        ...(content === null ? [] : [{ path, expect: null, content, renamedFrom: from, ...accepted }]),
      ],
      originals: [{ path: from, before, after: null }, ...(after === null ? [] : [{ path, before: null, after }])],
    };
  if (text === (base?.text ?? null)) return { file, changes: [], originals: [] };
  return { file, changes: [{ path, expect, content, ...accepted }], originals: [{ path, before, after }] };
}

/**
 * What is left to write of a rename that was interrupted between its two halves; undefined: what stands there is not just that.
 * What is kept for going back is what was recorded before the first half.
 */
export async function planRest(
  target: EditTarget,
  { file, originals }: Pick<RevertInput, 'file' | 'originals'>,
  signal: AbortSignal,
): Promise<ApplyPlan | undefined> {
  const { path, from, text, format } = file;
  const [gone, there] = [originals.get(from ?? ''), originals.get(path)];
  if (gone?.before == null || there?.after?.text !== text || text === null) return undefined;
  for (const name of [gone.path, path]) {
    const looked = await target.look(name, signal);
    if (!looked.ok || looked.value !== null) return undefined;
  }
  const bytes = encodeText(text, format);
  if (!bytes.ok) return undefined;
  const { mode } = gone.before;
  const content = contentOf({ base64: toBase64(bytes.value), ...(mode === undefined ? {} : { mode }) });
  const accepted = file.protectedBecause === undefined ? {} : { acceptedByItself: true as const };
  return { file, changes: [{ path, expect: null, content, ...accepted }], originals: [gone, there] };
}

/** Files below a path that is to be a file itself: neither of them goes before the other. */
export function leaveNested(plans: readonly ApplyPlan[]): {
  readonly plans: readonly ApplyPlan[];
  readonly left: readonly { readonly path: string; readonly why: string }[];
} {
  const there = new Set(plans.flatMap(({ file }) => (file.text === null ? [] : [file.path])));
  const clashes = new Map<string, string>();
  for (const path of there)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = path.slice(0, end);
      if (!there.has(above)) continue;
      clashes.set(path, above);
      clashes.set(above, path);
    }
  return {
    plans: plans.filter(({ file }) => !clashes.has(file.path)),
    left: [...clashes].map(([path, other]) => ({
      path,
      why: `${path} and ${other} cannot both be there: one would be a file and a folder. Apply one of them without the other, or discard one.`,
    })),
  };
}

/**
 * What going back puts there: the bytes on disk or, when the proposal stands on a text that an editor shows unsaved, that text as
 * saving it would have written it, because applying saves it.
 */
async function originalOf({ format }: ProposedFile, here: FileOnDisk): Promise<NonNullable<AppliedFile['before']>> {
  const mode = here.mode === undefined ? {} : { mode: here.mode };
  const onDisk = { base64: here.base64, hash: here.hash, ...mode };
  if (here.unsavedText === undefined) return onDisk;
  const encoded = encodeText(here.unsavedText, format);
  if (!encoded.ok) return onDisk;
  return { base64: toBase64(encoded.value), hash: await sha256(encoded.value), ...mode };
}

export type RevertPlan =
  | { readonly kind: 'change'; readonly changes: readonly FileChange[] }
  | { readonly kind: 'left'; readonly why: string };

export interface RevertInput {
  readonly run: string;
  readonly file: ProposedFile;
  /** By path, of everything that was applied last. */
  readonly originals: ReadonlyMap<string, AppliedFile>;
  /** Of the proposed file, as it was written; undefined: not known. */
  readonly hash: string | null | undefined;
}

/** Nothing is planned for what is back already; a file that is no more as it was written is left whole. */
export async function planRevert(target: EditTarget, input: RevertInput, signal: AbortSignal): Promise<RevertPlan> {
  const { file, originals, run } = input;
  const changes: FileChange[] = [];
  for (const path of file.from === undefined ? [file.path] : [file.path, file.from]) {
    const original = originals.get(path);
    if (original === undefined) continue;
    const looked = await target.look(path, signal);
    if (!looked.ok) return { kind: 'left', why: `${path}: ${looked.error.why}` };
    const now = looked.value;
    if (now?.unsavedText !== undefined)
      return { kind: 'left', why: `${path} has changes in an editor that are not saved. Save or undo them first.` };
    if (isBack(original, now)) continue;
    if (!isAsWritten(original, now, path === file.path ? input.hash : undefined))
      return {
        kind: 'left',
        why: `${path} was changed since it was applied. Undo the edit by hand; "orchestrator show ${run} --format diff" has it.`,
      };
    const content = original.before === null ? null : contentOf(original.before);
    changes.push({
      path,
      expect: now?.hash ?? null,
      content,
      ...(path === file.from ? { renamedFrom: file.path } : {}),
      acceptedByItself: true,
    });
  }
  return { kind: 'change', changes };
}

function contentOf({ base64, mode }: Omit<NonNullable<AppliedFile['before']>, 'hash'>): NewContent {
  return { kind: 'bytes', base64, ...(mode === undefined ? {} : { mode }) };
}

function isBack({ before }: AppliedFile, now: FileOnDisk | null): boolean {
  return (before?.hash ?? null) === (now?.hash ?? null);
}

/** `hash` as the edit target reported it; undefined: the text is compared. */
export function isAsWritten({ after }: AppliedFile, now: FileOnDisk | null, hash?: string | null): boolean {
  if (now === null || after === null) return now === null && after === null;
  if (hash !== undefined && hash !== null) return now.hash === hash;
  return now.text === after.text && now.format?.encoding === after.format.encoding;
}
