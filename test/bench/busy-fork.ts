/** The servers of the busy benchmarks in a process of their own, as whoever measures sees them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { BusyReady, BusySaw } from './busy-servers.ts';

export interface BusyServers {
  readonly urls: BusyReady['urls'];
  /** What they saw since they were started. */
  readonly report: () => Promise<BusySaw>;
  readonly close: () => Promise<void>;
}

/** `root`: of the project. They end with the process that started them. */
export async function startBusyServers(root: string): Promise<BusyServers> {
  const child = fork(path.join(root, 'test/bench/busy-servers.ts'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [],
  });
  const [{ urls }] = (await once(child, 'message')) as [BusyReady];
  return {
    urls,
    report: async () => {
      child.send('report');
      const [saw] = (await once(child, 'message')) as [BusySaw];
      return saw;
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.send('close');
      await ended;
    },
  };
}
