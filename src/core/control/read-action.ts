/** A person's wish as another process wrote it down. What a plan edit holds is checked when it is done. */
import * as z from 'zod';
import type { PersonAction } from '../person-action.ts';

const task = z.string();
/** One task as it ever was, so that processes of other versions understand each other where they can. */
const tasks = z.union([task, z.array(task).min(1)]);
const schema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approve'), revision: z.number().optional() }),
  z.object({ kind: z.literal('cancel') }),
  z.object({ kind: z.literal('undo-plan') }),
  z.object({
    kind: z.literal('edit-plan'),
    edits: z.array(z.looseObject({ kind: z.enum(['set', 'add', 'remove', 'clone', 'move', 'nest', 'replace']) })),
    revision: z.number().optional(),
    perTask: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('say'), task, text: z.string() }),
  z.object({ kind: z.literal('stop-task'), task: tasks, keep: z.boolean() }),
  z.object({ kind: z.literal('retry'), task: tasks, target: z.string().optional() }),
  z.object({ kind: z.literal('mark-done'), task: tasks, result: z.string() }),
  z.object({ kind: z.literal('continue'), task, text: z.string() }),
]);

/** Undefined: it cannot be read, or this version does not know it. */
export function readAction(json: string): PersonAction | undefined {
  try {
    const read = schema.safeParse(JSON.parse(json));
    // The kinds of edits are known; their fields are checked by the plan's own check.
    return read.success ? (read.data as PersonAction) : undefined;
  } catch {
    return undefined;
  }
}
