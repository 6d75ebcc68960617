import { termsOfPath } from './passage-index.ts';
import { readQuestion } from './question.ts';

export interface PathLike {
  readonly path: string;
  readonly bytes?: number;
}

/** What in a question may be a path: it has a slash or a file extension. Punctuation around it is cut off. */
function pathTokens(question: string): readonly string[] {
  return question
    .slice(0, 20_000)
    .split(/[\s,;()"'`<>[\]{}]+/)
    .map((token) => token.replace(/^(?:#file:|[#@]|\.\/)+/, '').replace(/[.:!?]+$/, ''))
    .filter((token) => /[\\/]/.test(token) || /[^.]\.[a-z0-9]{1,8}$/i.test(token));
}

function normalized(path: string): string {
  return path.replaceAll('\\', '/').replace(/\/+$/, '').toLowerCase();
}

function isNamed(path: string, token: string): boolean {
  return path === token || path.endsWith(`/${token}`) || path.startsWith(`${token}/`) || path.includes(`/${token}/`);
}

/** The paths that a question names: whole, by their end, or by a folder. */
export function askedPaths(question: string, paths: readonly string[]): readonly string[] {
  const tokens = pathTokens(question)
    .map(normalized)
    .filter((token) => token !== '');
  return tokens.length === 0 ? [] : paths.filter((path) => tokens.some((token) => isNamed(normalized(path), token)));
}

/** The question without what names one of `paths`, so that a file's name is not looked for in its text. */
export function withoutPaths(question: string, paths: ReadonlySet<string>): string {
  const known = [...paths].map(normalized);
  const named = pathTokens(question).filter((token) => known.some((path) => isNamed(path, normalized(token))));
  return named.reduce((rest, token) => rest.replaceAll(token, ' '), question);
}

/** Whatever a question about the whole has to say, it says with these. */
const OVERVIEW =
  /^(?:app|application|architecture|code|codebase|file|introduction|kind|overview|package|program|project|readme|repo|repository|software|structure|summarise|summarize|summary|tool|workspace)s?$/i;

/** True for a question that asks for nothing in particular: `What is this project about?` */
export function asksForOverview(words: readonly string[]): boolean {
  return words.every((word) => OVERVIEW.test(word));
}

/** Files that are not written by hand, or not as text. */
const UNREAD =
  /(?:^|\/)(?:node_modules|\.git|dist|out|build|vendor|coverage|__pycache__|target)\/|\.(?:lock|map|min\.js|min\.css|snap|png|jpe?g|gif|ico|webp|svg|pdf|zip|gz|tgz|jar|woff2?|ttf|eot|mp[34]|wasm|exe|dll|so|dylib|class|pyc|bin|db|sqlite)$|(?:^|\/)(?:package-lock\.json|pnpm-lock\.yaml)$/i;
const CODE =
  /\.(?:[cm]?[jt]sx?|py|go|rs|java|kts?|cs|swift|scala|php|dart|c|h|cc|cpp|hpp|m|mm|rb|sh|sql|vue|svelte|lua|ex|exs|hs|ml|pl|r|jl|zig)$/i;
const TEST = /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?)\/|[._-](?:test|spec)\.[^/]+$/i;
const README = /(?:^|\/)readme(?:\.[a-z]+)?$/i;
const MANIFEST =
  /(?:^|\/)(?:package\.json|pyproject\.toml|cargo\.toml|go\.mod|pom\.xml|build\.gradle(?:\.kts)?|composer\.json|gemfile)$/i;
const ENTRY = /(?:^|\/)(?:index|main|app|cli|extension|server|__init__|lib|mod)\.[a-z]+$/i;

/** What kind of file a word of the question points to. */
const HINTS: readonly (readonly [words: RegExp, files: RegExp])[] = [
  [/\b(?:tests?|tested|testing|specs?)\b/i, TEST],
  [/\b(?:docs?|documentation|documented|readme|manual)\b/i, /\.(?:md|mdx|rst|adoc|txt)$/i],
  [
    /\b(?:config|configuration|configured|settings?)\b/i,
    /\.(?:json|jsonc|ya?ml|toml|ini|cfg|conf)$|config\.[a-z]+$|(?:^|\/)\.[a-z]+rc$/i,
  ],
  [/\b(?:dependenc(?:y|ies)|dependencies|installed?|packages?|scripts?|version)\b/i, MANIFEST],
  [/\b(?:styles?|stylesheets?|css|layout)\b/i, /\.(?:css|scss|sass|less)$/i],
  [/\b(?:docker|container|image)\b/i, /(?:^|\/)(?:dockerfile|docker-compose\.[a-z]+|compose\.ya?ml)/i],
  [/\b(?:ci|pipelines?|workflows?|github actions)\b/i, /(?:^|\/)\.(?:github\/workflows|gitlab-ci|circleci|ci)\b/i],
  [/\b(?:sql|database|migrations?|schema|tables?)\b/i, /\.(?:sql|prisma)$|migrations?\//i],
  [/\b(?:licen[cs]e|copyright)\b/i, /(?:^|\/)(?:licen[cs]e|copying|notice)/i],
  [/\b(?:changelog|release notes?|changes)\b/i, /(?:^|\/)(?:changelog|changes|history|releases?)\b/i],
  [/\btypescript\b/i, /\.[cm]?tsx?$/i],
  [/\bjavascript\b/i, /\.[cm]?jsx?$/i],
  [/\bpython\b/i, /\.py$/i],
  [/\b(?:golang|go)\b(?= code| file| package| function)/i, /\.go$/i],
  [/\brust\b/i, /\.rs$/i],
  [/\bjava\b/i, /\.java$/i],
];

const NAMED_SCORE = 1_000;
const OVERVIEW_SCORE = 500;
const HINT_SCORE = 3;
/** A part of the file's own name counts more than one of a folder's. */
const FOLDER_SHARE = 0.5;
const LARGE_BYTES = 400_000;

/** How likely a file of this name is to answer anything at all, 0 to 1. */
function standing({ path, bytes = 0 }: PathLike, question: string): number {
  if (UNREAD.test(path)) return 0;
  const kind = CODE.test(path) ? 1 : README.test(path) ? 0.9 : /\.(?:md|mdx|rst|txt)$/i.test(path) ? 0.6 : 0.4;
  const test = TEST.test(path) && !/\b(?:tests?|tested|testing|specs?|fixtures?)\b/i.test(question) ? 0.4 : 1;
  const depth = path.split('/').length;
  return (kind * test * (bytes > LARGE_BYTES ? 0.5 : 1) * (ENTRY.test(path) ? 1.1 : 1)) / (1 + depth / 20);
}

function overviewScore(path: string): number {
  const depth = path.split('/').length;
  const rank = README.test(path) ? 3 : MANIFEST.test(path) ? 2 : ENTRY.test(path) ? 1 : 0;
  return rank === 0 ? 0 : OVERVIEW_SCORE * rank - depth;
}

interface Weighed {
  readonly file: Set<string>;
  readonly folders: Set<string>;
}

function termsOf(path: string, cache: Map<string, readonly string[]>): Weighed {
  const parts = path.split('/');
  const known = (part: string, isFile: boolean): readonly string[] => {
    const key = isFile ? `/${part}` : part;
    const terms = cache.get(key) ?? termsOfPath(isFile ? part : `${part}/`);
    cache.set(key, terms);
    return terms;
  };
  return {
    file: new Set(known(parts.at(-1) ?? '', true)),
    folders: new Set(parts.slice(0, -1).flatMap((part) => known(part, false))),
  };
}

/** Scores files by their paths alone; what a question does not touch is ordered by how likely files like it answer questions. */
export function scorePaths(question: string, files: readonly PathLike[]): readonly number[] {
  const named = new Set(
    askedPaths(
      question,
      files.map(({ path }) => path),
    ),
  );
  const cache = new Map<string, readonly string[]>();
  const weighed = files.map(({ path }) => termsOf(path, cache));
  const terms = new Set(weighed.flatMap(({ file, folders }) => [...file, ...folders]));
  const read = readQuestion(withoutPaths(question, named), terms);
  const having = read.forms.map(
    ({ term }) => weighed.filter(({ file, folders }) => file.has(term) || folders.has(term)).length,
  );
  const overview =
    named.size === 0 && asksForOverview(read.concepts.filter(({ weight }) => weight >= 1).map(({ word }) => word));
  const hints = HINTS.filter(([words]) => words.test(question)).map(([, pattern]) => pattern);
  return files.map((file, at) => {
    const best = new Map<number, number>();
    read.forms.forEach(({ concept, factor, term }, form) => {
      const share =
        weighed[at]?.file.has(term) === true ? 1 : weighed[at]?.folders.has(term) === true ? FOLDER_SHARE : 0;
      const rarity = Math.log(1 + files.length / (1 + (having[form] ?? 0)));
      best.set(
        concept,
        Math.max(best.get(concept) ?? 0, share * factor * rarity * (read.concepts[concept]?.weight ?? 0)),
      );
    });
    const matched = [...best.values()].reduce((sum, value) => sum + value, 0);
    const hinted = hints.filter((pattern) => pattern.test(file.path)).length * HINT_SCORE;
    const general = standing(file, question);
    return (
      (named.has(file.path) ? NAMED_SCORE : 0) +
      (overview && general > 0 ? overviewScore(file.path) : 0) +
      (matched + hinted + 1) * general
    );
  });
}

/** Shallow before deep, then by name. */
export function byPath(left: string, right: string): number {
  return left.split('/').length - right.split('/').length || (left < right ? -1 : left > right ? 1 : 0);
}
