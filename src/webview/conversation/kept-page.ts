import { isFields, isText } from '../shared/guards.ts';

/** What is kept over a reload of the window. `run` and `task` are for the extension, which brings the panel back. */
export interface KeptPage {
  readonly run: string;
  readonly task: string;
  /** What stands in the box. */
  readonly draft: string;
  /** What is unfolded. */
  readonly open: readonly string[];
}

/** What another version kept, or nobody, is nothing. */
export function readKeptPage(state: unknown): KeptPage {
  const { run, task, draft, open } = isFields(state) ? state : {};
  return {
    run: isText(run) ? run : '',
    task: isText(task) ? task : '',
    draft: typeof draft === 'string' ? draft : '',
    open: Array.isArray(open) ? open.filter((key) => isText(key)) : [],
  };
}
