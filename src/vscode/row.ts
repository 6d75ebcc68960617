/** A row of a view in the sidebar, as plain data. */
export interface Row {
  readonly label: string;
  readonly description: string;
  /** The row's name for screen readers (and tests): title and status first, then what does not change by the second. */
  readonly spoken: string;
  readonly icon: Icon;
  /** Words that menus match with `viewItem =~ /\bword\b/`. */
  readonly contextValue: string;
  readonly isDimmed: boolean;
}

/** A codicon and a theme colour. */
export interface Icon {
  readonly name: string;
  readonly color: string;
}
