/** How a file is read: which line patterns name its symbols and where its parts begin. */
export type Language =
  | 'script'
  | 'python'
  | 'go'
  | 'rust'
  | 'class-based'
  | 'c'
  | 'ruby'
  | 'shell'
  | 'markdown'
  | 'json'
  | 'keyed'
  | 'text';

const BY_EXTENSION: ReadonlyMap<string, Language> = new Map(
  (
    [
      ['script', 'js jsx mjs cjs ts tsx mts cts vue svelte'],
      ['python', 'py pyi'],
      ['go', 'go'],
      ['rust', 'rs'],
      ['class-based', 'java kt kts cs swift scala php dart groovy'],
      ['c', 'c h cc cpp cxx hpp hh hxx m mm ino'],
      ['ruby', 'rb'],
      ['shell', 'sh bash zsh'],
      ['markdown', 'md mdx markdown'],
      ['json', 'json jsonc json5'],
      ['keyed', 'yaml yml toml ini cfg conf properties'],
    ] as const
  ).flatMap(([language, extensions]) =>
    extensions.split(' ').map((extension): [string, Language] => [extension, language]),
  ),
);

/** The part behind the last dot of the file's name, lower case; empty when there is none. */
export function extensionOf(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}

export function languageOf(path: string): Language {
  return BY_EXTENSION.get(extensionOf(path)) ?? 'text';
}
