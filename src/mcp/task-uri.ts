/** The address of a run (`subtask:/<run>`) or of a task of it (`subtask:/<run>/<task>`), as text. */

export interface TaskAddress {
  readonly run: string;
  readonly task?: string;
}

const ADDRESS = /^subtask:\/{1,3}([^/\s?#]+)(?:\/([^/\s?#]+))?\/?$/i;

export function taskUri({ run, task }: TaskAddress): string {
  return task === undefined ? `subtask:/${run}` : `subtask:/${run}/${task}`;
}

/** Undefined when it is no such address. */
export function parseTaskUri(text: string): TaskAddress | undefined {
  const [, run, task] = ADDRESS.exec(text.trim()) ?? [];
  if (run === undefined) return undefined;
  try {
    return task === undefined
      ? { run: decodeURIComponent(run) }
      : { run: decodeURIComponent(run), task: decodeURIComponent(task) };
  } catch {
    return undefined; // a lone %
  }
}
