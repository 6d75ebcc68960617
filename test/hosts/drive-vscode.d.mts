import type { Page } from 'playwright-core';

export interface DrivenVsCode {
  /** With all that it writes; gone after `close`. */
  readonly folder: string;
  /** The journal that its windows share. */
  readonly database: string;
  /** The folder that its windows open. */
  readonly workspace: string;
  readonly openWindow: (name: string) => Promise<Page>;
  readonly extensionHosts: () => readonly number[];
  readonly note: (line: string) => void;
  readonly close: () => Promise<void>;
}

export function driveVsCode(options: {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly logName: string;
}): Promise<DrivenVsCode>;
