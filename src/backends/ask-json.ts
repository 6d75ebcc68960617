import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';
import type { Failure } from '../core/failure.ts';
import { badResponse, cancelled, classifyTrouble, failureAt } from './classify-error.ts';
import type { OpenedCall, Transport } from './transport.ts';

export interface AskPlan {
  readonly signal: AbortSignal;
  readonly totalMs: number;
}

/** One call that is answered by one JSON body. `ask` uses the client library; what it throws becomes a failure. */
export async function askJson<T>(
  transport: Transport,
  plan: AskPlan,
  ask: (opened: OpenedCall) => Promise<T>,
): Promise<Result<T, Failure>> {
  const opened = await transport.open({ ...plan, expect: 'json' });
  if (!opened.ok) return opened;
  const { call } = opened.value;
  try {
    return ok(await ask(opened.value));
  } catch {
    if (plan.signal.aborted) return err(cancelled(transport.site));
    const { trouble } = call.record;
    if (trouble !== undefined) return err(classifyTrouble(trouble, transport.site, call.record));
    return err(failureAt(transport.site, badResponse('answered with JSON of another shape than its protocol has')));
  } finally {
    call.close();
  }
}

/** Thrown inside `ask` for JSON of the wrong shape. */
export class WrongShape extends Error {
  constructor() {
    super('JSON of another shape');
    this.name = 'WrongShape';
  }
}

/** Checks one vector per text, all finite and of one length. */
export function readVectors(value: unknown, count: number): readonly (readonly number[])[] {
  if (!Array.isArray(value) || value.length !== count) throw new WrongShape();
  const width = Array.isArray(value[0]) ? value[0].length : 0;
  return value.map((vector: unknown) => {
    if (!Array.isArray(vector) || vector.length === 0 || vector.length !== width) throw new WrongShape();
    return vector.map((each: unknown) => {
      if (typeof each !== 'number' || !Number.isFinite(each)) throw new WrongShape();
      return each;
    });
  });
}
