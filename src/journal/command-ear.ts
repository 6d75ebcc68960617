/** Carries out wishes of other processes on the main thread: whoever listened last takes them. */
import type { Subscription } from '../base/emitter.ts';
import { err } from '../base/result.ts';
import { bugFailure, type Failure } from '../core/failure.ts';
import type { Logger, RunCommand } from '../core/ports.ts';
import { journalFailure } from './journal-failure.ts';

type Take = (command: RunCommand) => Promise<string>;

export class CommandEar {
  readonly #logger: Logger;
  #takes: readonly Take[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  listen(take: Take): Subscription {
    const own: Take = (command) => take(command);
    this.#takes = [...this.#takes, own];
    return {
      dispose: () => {
        this.#takes = this.#takes.filter((other) => other !== own);
      },
    };
  }

  /** Never rejects: the JSON of a failed Result when nobody listens or the listener throws. */
  async carryOut({ run, action }: RunCommand): Promise<string> {
    const take = this.#takes.at(-1);
    if (take === undefined)
      return refusal(
        journalFailure(`The process that has run ${run} hears no wishes.`, 'Do it where the run goes on.'),
      );
    try {
      return await take({ run, action });
    } catch (error) {
      this.#logger.error(`A wish for run ${run} could not be carried out.`, error);
      return refusal(bugFailure(error));
    }
  }
}

function refusal(why: Failure): string {
  return JSON.stringify(err(why));
}
