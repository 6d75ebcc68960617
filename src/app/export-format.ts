export type ExportFormat = 'json' | 'markdown';

/** By the ending of a file's name; undefined: none of ours. */
export function exportFormatOf(file: string): ExportFormat | undefined {
  if (/\.json$/i.test(file)) return 'json';
  return /\.(?:md|markdown)$/i.test(file) ? 'markdown' : undefined;
}
