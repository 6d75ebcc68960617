/** A text and where its lines are. A line ends at LF or CR LF; line 0 is the first. */
export interface TextLines {
  readonly text: string;
  readonly count: number;
  /** Offset of the first character of a line. */
  start(line: number): number;
  /** Offset behind the last character of a line, its ending not counted. */
  end(line: number): number;
  /** A line without its ending. */
  line(line: number): string;
  /** Lines `from` to `to`, both included, with the endings between them and without the last one. */
  slice(from: number, to: number): string;
}

const CR = 13;

export function textLines(text: string): TextLines {
  const starts: number[] = [0];
  const ends: number[] = [];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    ends.push(at > (starts.at(-1) ?? 0) && text.charCodeAt(at - 1) === CR ? at - 1 : at);
    starts.push(at + 1);
  }
  ends.push(text.length);
  const endsWithBreak = starts.length > 1 && starts.at(-1) === text.length;
  const start = (line: number): number => starts[line] ?? text.length;
  const end = (line: number): number => ends[line] ?? text.length;
  return {
    text,
    count: text === '' ? 0 : starts.length - (endsWithBreak ? 1 : 0),
    start,
    end,
    line: (line) => text.slice(start(line), end(line)),
    slice: (from, to) => text.slice(start(from), end(to)),
  };
}
