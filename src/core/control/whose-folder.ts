/** A run goes on, and is run again, on the files that it worked on: in another folder its paths are other people's files. */
import { failure, type Failure } from '../failure.ts';
import type { Workspace } from '../ports.ts';
import type { RunState } from '../run-state.ts';

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
