import { systemClock, type Clock } from '../base/clock.ts';
import type { Journal, Logger } from '../core/ports.ts';
import { journalFailure } from './journal-failure.ts';
import { createMemoryJournal } from './memory-journal.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { describeError } from './sqlite-error.ts';
import { WorkerClient } from './worker-client.ts';

export interface OpenJournalOptions {
  /** The database; made, with its folder, when it is not there. */
  readonly file: string;
  /** The worker's script: `worker.ts`, or what it was bundled to. */
  readonly workerFile: string | URL;
  readonly logger: Logger;
  /** Stamps events (`at`). Locks, heartbeats and polling use real time. */
  readonly clock?: Clock;
}

/**
 * Opens the journal in a worker thread. Never rejects: when the database cannot be used, the journal that comes back keeps
 * everything in memory and its `warnings` say so.
 */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const { logger, clock = systemClock } = options;
  const warnings: string[] = [];
  const warn = (text: string): void => {
    warnings.push(text);
    logger.warn(text);
  };
  const started = await startWorker(options, warn);
  if (started.kind === 'refused') {
    warn(`${started.why} Until then nothing is kept: runs cannot be resumed or listed after this process ends.`);
    const unread = journalFailure('The record of runs cannot be read here.', started.why);
    return createMemoryJournal({ clock, warnings, unread });
  }
  return new SqliteJournal(started.client, { clock, logger, warnings });
}

type Started =
  | { readonly kind: 'ready'; readonly client: WorkerClient }
  | { readonly kind: 'refused'; readonly why: string };

async function startWorker(options: OpenJournalOptions, warn: (text: string) => void): Promise<Started> {
  let client: WorkerClient | undefined;
  let isReady = false;
  try {
    const refused = await new Promise<string | undefined>((resolve) => {
      client = new WorkerClient(options.workerFile, {
        data: { file: options.file },
        listener: {
          onReady: () => {
            isReady = true;
            resolve(undefined);
          },
          onRefused: (why) => (isReady ? warn(why) : resolve(why)),
          onWarning: warn,
        },
      });
    });
    if (client !== undefined && refused === undefined) {
      client.rest();
      return { kind: 'ready', client };
    }
    await client?.end();
    return { kind: 'refused', why: refused ?? 'The journal did not start.' };
  } catch (error) {
    return {
      kind: 'refused',
      why: `The journal's worker ${String(options.workerFile)} could not be started: ${describeError(error)}. Install Orchestrator again.`,
    };
  }
}
