import type { Clock } from '../base/clock.ts';

/** Calls `action` whenever a new day begins in this machine's time zone; the returned function ends it. */
export function eachMidnight(clock: Pick<Clock, 'wallMs' | 'schedule'>, action: () => void): () => void {
  let cancel = (): void => undefined;
  const wait = (): void => {
    const now = new Date(clock.wallMs());
    const nextDay = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
    cancel = clock.schedule(nextDay.getTime() - now.getTime(), () => {
      wait();
      action();
    });
  };
  wait();
  return () => cancel();
}
