import { showHidden } from '../../base/hidden-characters.ts';
import { make } from '../shared/dom.ts';

/** A path that opens its file, as an input of a task names it; the page hears the click. A pattern opens nothing. */
export function fileButton(input: string): HTMLElement {
  const text = showHidden(input);
  if (/[*?[\]{}]/.test(input) || input.endsWith('/')) return make('code', { text });
  const { path, start, end } = /^(?<path>.+?)(?:#L(?<start>\d+)(?:-L?(?<end>\d+))?)?$/.exec(input)?.groups ?? {};
  const lines = start === undefined ? {} : { 'data-start': start, 'data-end': end ?? start };
  return make('button', {
    class: 'link file',
    text,
    attributes: { type: 'button', 'data-path': path ?? input, ...lines },
  });
}
