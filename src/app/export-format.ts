import { escapeMarkdown } from './safe-text.ts';

/** The title and the line below it are shorter. */
const HEAD_CHARS = 10_000;

export type ExportFormat = 'json' | 'markdown';

/** By the ending of a file's name; undefined: none of ours. */
export function exportFormatOf(file: string): ExportFormat | undefined {
  if (/\.json$/i.test(file)) return 'json';
  return /\.(?:md|markdown)$/i.test(file) ? 'markdown' : undefined;
}

/** Is the text an export (export-run.ts) of this run? One that only speaks of it, such as a run that ran it again, is none. */
export function isExportOf(text: string, run: string): boolean {
  if (text.startsWith('{')) return text.startsWith(JSON.stringify({ v: 1, run }).slice(0, -1));
  // Markdown: the line below the title.
  const [, headline = ''] = text.slice(0, HEAD_CHARS).split('\n\n');
  return text.startsWith('# ') && headline.split(' · ').includes(escapeMarkdown(`run ${run}`));
}
