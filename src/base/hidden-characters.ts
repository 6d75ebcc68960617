/**
 * Characters that a person does not see but that change what is read or shown: controls (terminal escapes among them), soft
 * hyphen, spaces without width, directions, tags. The joiners that emoji and some scripts need are not among them.
 */
const HIDDEN =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\u{E0000}-\u{E007F}]+/gu;

/** More of them in a row are counted, not named. */
const NAMED = 3;

/** The text with a visible mark in the place of each hidden character: `⟨U+202E⟩`, or `⟨12 hidden characters⟩` for many in a row. */
export function showHidden(text: string): string {
  return text.replaceAll(HIDDEN, (found) => {
    const points = Array.from(found);
    if (points.length > NAMED) return `⟨${points.length} hidden characters⟩`;
    return points.map((point) => `⟨U+${codeOf(point)}⟩`).join('');
  });
}

function codeOf(point: string): string {
  return (point.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
