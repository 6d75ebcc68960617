import type { Result } from '../../src/base/result.ts';
import type { Failure } from '../../src/core/failure.ts';
import { JournalEngine, type EngineOptions } from '../../src/journal/engine.ts';
import type { CallMessage, FromWorker } from '../../src/journal/protocol.ts';

/** The worker's inside, in this thread, so that a test can reach its connection. */
export function engineOn(file: string, options: Pick<EngineOptions, 'busyPatienceMs' | 'clock'> = {}) {
  const messages: FromWorker[] = [];
  const open = new Map<number, (result: Result<unknown, Failure>) => void>();
  let ids = 0;
  const post = (message: FromWorker): void => {
    if (message.kind !== 'replies') {
      messages.push(message);
      return;
    }
    for (const { id, result } of message.replies) open.get(id)?.(result);
  };
  const engine = new JournalEngine({ file, post, ...options });
  const started = engine.start();
  const call = <N extends CallMessage['name']>(
    name: N,
    input: Extract<CallMessage, { readonly name: N }>['input'],
  ): Promise<Result<unknown, Failure>> =>
    new Promise((resolve) => {
      ids += 1;
      open.set(ids, resolve);
      engine.handle([{ id: ids, name, input } as CallMessage]);
    });
  return { engine, messages, started, call, close: () => call('close', null) };
}
