const LONGEST_QUOTED = 80;

/** On one line and cut, for a message. */
export function quoted(text: string): string {
  return JSON.stringify(cutText(text, LONGEST_QUOTED));
}

/** Cut to so many characters, with `…` for what is left out. */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

/** `3, 17 and 40`, or `3, 17, 40 and 12 more`. */
export function someOf(items: readonly (string | number)[], most = 5): string {
  const shown = items.slice(0, most);
  if (items.length > most) return `${shown.join(', ')} and ${items.length - most} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
