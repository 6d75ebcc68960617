/** A run goes on, and is run again, on the files that it worked on: in another folder its paths are other people's files. */
import { failure, type Failure } from '../failure.ts';
import type { RunLiveness, Workspace } from '../ports.ts';
import type { RunState } from '../run-state.ts';

/** A run as it stands, seen from where somebody looks at it. */
export interface RunSeen {
  readonly liveness: RunLiveness;
  /** It worked on what is open here. */
  readonly isHere: boolean;
}

/**
 * Is it one that cannot go on here, nor be run again, nor its edits be decided about? Shells offer nothing of the kind then. A run
 * that goes on is in the hands of the process that has it, whatever is open here.
 */
export function isOutOfReach({ liveness, isHere }: RunSeen): boolean {
  return !isHere && liveness !== 'running';
}

/** What a person is told of a run that is out of reach. */
export function whereInReach({ workspace }: Pick<RunState, 'workspace'>): string {
  const where =
    workspace === ''
      ? 'worked without a folder. Use a window without a folder'
      : `worked on ${workspace}, which is not open here. Open that folder`;
  return `The run ${where} to go on with it, to run it again or to decide about its edits.`;
}

/** Why nothing of it is done here; undefined: it worked on what is open here. */
export async function whyNotHere(
  here: Pick<Workspace, 'isNamed' | 'name'>,
  { run, workspace }: Pick<RunState, 'run' | 'workspace'>,
): Promise<Failure | undefined> {
  if (await here.isNamed(workspace)) return undefined;
  if (workspace === '')
    return failure('rejected', `Run ${run} worked without a folder, and this is ${here.name}.`, {
      whatToDo: 'Do it in a window without a folder.',
    });
  const where = here.name === '' ? 'no folder is open here' : `this is ${here.name}`;
  return failure('rejected', `Run ${run} worked on ${workspace}, and ${where}.`, {
    whatToDo: 'Open that folder and do it there.',
  });
}
