/** What a session offers to be read, whatever it is. Errors are messages for the caller. */
import type { Subscription } from '../base/emitter.ts';
import type { Result } from '../base/result.ts';

export interface ListedResource {
  readonly uri: string;
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType: string;
}

export interface ResourceText {
  readonly mimeType: string;
  readonly text: string;
}

export interface ResourceTemplate {
  readonly uriTemplate: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
}

export interface SessionResources {
  readonly templates: readonly ResourceTemplate[];
  /** A page of them, from `cursor` (of an earlier page) on. The error: the cursor is none. */
  list(
    cursor: string | undefined,
  ): Promise<Result<{ readonly resources: readonly ListedResource[]; readonly nextCursor?: string }, string>>;
  /** The error: there is no such resource for this session. */
  read(uri: string): Promise<Result<readonly ResourceText[], string>>;
  /** Calls `onChange` after each change, as often as there is one. The error: there is no such resource for this session. */
  watch(uri: string, onChange: () => void): Promise<Result<Subscription, string>>;
}
