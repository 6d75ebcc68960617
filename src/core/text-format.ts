/** How a text stands in its file. */
export interface TextFormat {
  readonly encoding: 'utf8' | 'utf8-bom' | 'utf16le' | 'utf16be' | 'latin1';
  /** `none`: no line end in it; `mixed`: both kinds. */
  readonly eol: 'lf' | 'crlf' | 'mixed' | 'none';
}
