/** A plan by rules: reading tasks over the files that the request is about, one for each group of them. */
import type { Subject } from '../../core/backend.ts';
import type { InputText, PathInfo } from '../../core/subject.ts';
import { writeBrief } from './brief.ts';
import { askedPaths } from './paths.ts';
import { isOverview } from './rank-in-slices.ts';
import { rankPaths } from './rank.ts';
import { NO_FILES, asksForCode, greeting, isSmallTalk } from './wording.ts';

type Request = Extract<Subject, { readonly kind: 'decompose' }>;

const MOST_TASKS = 6;
const FILES_PER_TASK = 4;
const BYTES_PER_TASK = 300_000;
const MOST_FILES = 240;
const MOST_BYTES = 6_000_000;
/** Larger ones are data more often than not; they are read when they are named or attached, and counted when they are not. */
const LARGEST_FILE_BYTES = 3_000_000;
const CODE_FILES = 12;
const OVERVIEW_FILES = 12;
/** Of these nothing can be quoted that answers a question. */
const NOT_READ =
  /\.(png|jpe?g|gif|webp|ico|svg|bmp|pdf|zip|gz|tgz|tar|7z|jar|class|so|dll|exe|bin|wasm|woff2?|ttf|otf|eot|mp[34]|mov|avi|webm|ogg|wav|db|sqlite|vsix|lock|map|snap|min\.(js|css))$|(^|\/)(package-lock\.json|pnpm-lock\.yaml)$/i;

/** The planner's reply, as JSON. */
export function planReading(subject: Request): string {
  const { attached, files, request, want } = subject;
  if (want === 'decide' && isSmallTalk(request) && attached.length === 0) return answer(greeting(files.length));
  const chosen = chooseFiles(subject);
  const texts = attached.filter(({ path }) => path === undefined);
  if (chosen.files.length + texts.length === 0) return answer(NO_FILES);
  const tasks = asksForCode(request) ? codeTasks(subject, chosen) : readingTasks(subject, chosen);
  return JSON.stringify({ decision: 'plan', tasks });
}

function answer(text: string): string {
  return JSON.stringify({ decision: 'answer', answer: text });
}

interface Chosen {
  readonly files: readonly PathInfo[];
  readonly leftOut: number;
}

/** What is attached, else what the request names, else the files in the order in which they may bear on it, while there is room. */
function chooseFiles({ attached, files, request }: Request): Chosen {
  if (attached.length > 0) {
    const named = attached.flatMap(({ path, text }) => (path === undefined ? [] : [{ path, bytes: text.length }]));
    return { files: uniquePaths(named), leftOut: 0 };
  }
  const readable = files.filter(({ path, bytes }) => bytes > 0 && bytes <= LARGEST_FILE_BYTES && !NOT_READ.test(path));
  const named = new Set(
    askedPaths(
      request,
      files.map(({ path }) => path),
    ),
  );
  if (named.size > 0)
    return firstThatFit(
      files.filter(({ path }) => named.has(path)),
      MOST_FILES,
    );
  const tooLarge = files.filter(({ path, bytes }) => bytes > LARGEST_FILE_BYTES && !NOT_READ.test(path));
  const chosen = firstThatFit(
    rankPaths(request, uniquePaths(readable), readable.length),
    isOverview(request) ? OVERVIEW_FILES : MOST_FILES,
  );
  return { ...chosen, leftOut: chosen.leftOut + tooLarge.length };
}

function firstThatFit(files: readonly PathInfo[], mostFiles: number): Chosen {
  let bytes = 0;
  const chosen = files.slice(0, mostFiles).filter((file) => {
    const fits = bytes + file.bytes <= MOST_BYTES;
    if (fits) bytes += file.bytes;
    return fits;
  });
  return { files: chosen, leftOut: files.length - chosen.length };
}

function uniquePaths(files: readonly PathInfo[]): readonly PathInfo[] {
  return [...new Map(files.map((file) => [file.path, file] as const)).values()];
}

interface PlannedTask {
  readonly id: string;
  readonly title: string;
  readonly objective: string;
  readonly capability?: string;
  readonly dependsOn: readonly string[];
  readonly inputs: readonly ({ readonly path: string } | { readonly text: string })[];
}

function readingTasks(subject: Request, { files, leftOut }: Chosen): readonly PlannedTask[] {
  const groups = groupFiles(files, Math.max(1, Math.min(MOST_TASKS, subject.maxTasks)));
  const capability = subject.menu.some(({ goodAt }) => goodAt.includes('long-context'))
    ? { capability: 'long-context' }
    : {};
  const texts = textInputs(subject.attached);
  return (groups.length === 0 ? [[]] : groups).map((group, at) => {
    const isLast = at === Math.max(0, groups.length - 1);
    return {
      id: `read-${at + 1}`,
      title: group.length === 0 ? 'Read the attached text' : titleOf(group),
      objective: writeBrief({ kind: 'read', question: subject.request, filesLeftOut: isLast ? leftOut : 0 }),
      ...capability,
      dependsOn: [],
      inputs: [...group.map(({ path }) => ({ path })), ...(isLast ? texts : [])],
    };
  });
}

function codeTasks(subject: Request, { files, leftOut }: Chosen): readonly PlannedTask[] {
  const first = files.slice(0, CODE_FILES);
  return [
    {
      id: 'code',
      title: 'Write the code',
      objective: writeBrief({
        kind: 'code',
        question: subject.request,
        filesLeftOut: leftOut + files.length - first.length,
      }),
      capability: 'code',
      dependsOn: [],
      inputs: [...first.map(({ path }) => ({ path })), ...textInputs(subject.attached)],
    },
  ];
}

function textInputs(attached: readonly InputText[]): readonly { readonly text: string }[] {
  return attached.flatMap(({ path, text }) => (path === undefined ? [{ text }] : []));
}

/** Neighbours stay together; the groups are about equally long, and as many as there is work for. */
function groupFiles(files: readonly PathInfo[], mostGroups: number): readonly (readonly PathInfo[])[] {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const wanted = Math.min(
    mostGroups,
    Math.max(Math.ceil(files.length / FILES_PER_TASK), Math.ceil(bytes / BYTES_PER_TASK)),
  );
  const weightOf = (file: PathInfo): number => file.bytes / Math.max(1, bytes) + 1 / Math.max(1, files.length);
  const groups: PathInfo[][] = Array.from({ length: wanted }, () => []);
  let weight = 0;
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    groups[Math.min(wanted - 1, Math.floor((weight / 2) * wanted))]?.push(file);
    weight += weightOf(file);
  }
  return groups.filter((group) => group.length > 0);
}

function titleOf(group: readonly PathInfo[]): string {
  const names = group.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  const folder = commonFolder(group.map(({ path }) => path));
  const range =
    names.length === 1
      ? names[0]
      : names.length === 2
        ? names.join(' and ')
        : `${names[0]} to ${names.at(-1)} (${names.length} files)`;
  return `Read ${folder === '' ? '' : `${folder}: `}${range}`.slice(0, 120);
}

function commonFolder(paths: readonly string[]): string {
  const [first = [], ...rest] = paths.map((path) => path.split('/').slice(0, -1));
  const shared = first.findIndex((part, at) => rest.some((other) => other[at] !== part));
  return (shared === -1 ? first : first.slice(0, shared)).join('/');
}
