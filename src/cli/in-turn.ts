import type { Hush } from './open-engine.ts';

/** One question at a time, whoever asks: two at once would share one line of the terminal. */
export function inTurn(hush: Hush): Hush {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(() => hush(work));
    last = done.catch(() => undefined);
    return done;
  };
}
