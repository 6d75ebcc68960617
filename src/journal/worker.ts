/** The journal's worker thread: the only thread that opens the database. */
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../base/assert.ts';
import { JournalEngine } from './engine.ts';
import type { CallMessage, WorkerData } from './protocol.ts';

invariant(parentPort, 'the journal worker runs in a worker thread');
const port = parentPort;
const engine = new JournalEngine({ ...(workerData as WorkerData), post: (message) => port.postMessage(message) });
port.on('message', (calls: readonly CallMessage[]) => engine.handle(calls));
void engine.start();
