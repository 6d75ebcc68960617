/** What is said of tasks in words: names for who listens, lines for who looks. Texts of models, to be set as text. */
import { formatUsd } from '../../base/dollars.ts';
import { formatDuration } from '../../base/duration.ts';
import { plural } from '../../base/plural.ts';
import { elapsedMs, type GraphFact, type GraphTask } from './graph-view.ts';

/** `Parse the file, completed, on code-1, 2.0 s`. Without time that passes: who listens would be told of every change. */
export function spokenTask(task: GraphTask, nowMs: number): string {
  const ms = elapsedMs(task, nowMs);
  return [
    task.title,
    task.word,
    ...(task.mode === null || task.mode === 'autonomous' ? [] : [task.mode]),
    ...(task.backend === null ? [] : [`on ${task.backend}`]),
    ...(task.waits === '' ? [] : [task.waits]),
    ...task.marks,
    ...(ms === null || task.word === 'active' || task.word === 'waiting' ? [] : [formatDuration(ms)]),
  ].join(', ');
}

/** Beside its backend: what it waits for, or what is special about it and its time. */
export function besideTask(task: GraphTask, nowMs: number): string {
  if (task.word === 'waiting' || task.word === 'pending') return task.waits;
  const ms = elapsedMs(task, nowMs);
  const words = task.word === 'completed' || task.word === 'active' ? [] : [task.word];
  return [...words, ...task.marks, ...(ms === null ? [] : [formatDuration(ms)])].join(' · ');
}

export function taskFacts(task: GraphTask, nowMs: number): readonly GraphFact[] {
  const ms = elapsedMs(task, nowMs);
  return [
    { name: 'Status', value: [task.word, ...task.marks].join(', ') },
    ...(task.mode === null ? [] : [{ name: 'Mode', value: task.mode }]),
    ...task.facts,
    ...spendFacts([task]),
    ...(ms === null ? [] : [{ name: 'Time', value: formatDuration(ms) }]),
  ];
}

const NAMED = 8;

/** Of a folded node. */
export function foldedFacts(tasks: readonly GraphTask[]): readonly GraphFact[] {
  const named = tasks.slice(0, NAMED).map(({ title }) => title);
  const more = tasks.length > NAMED ? [`${tasks.length - NAMED} more`] : [];
  const backends = new Set(tasks.flatMap(({ backend }) => (backend === null ? [] : [backend])));
  return [
    { name: 'Completed', value: [...named, ...more].join(', ') },
    ...(backends.size === 0 ? [] : [{ name: 'At', value: [...backends].join(', ') }]),
    ...spendFacts(tasks),
  ];
}

/** What they spent together. */
export function spendFacts(tasks: readonly GraphTask[]): readonly GraphFact[] {
  const all = tasks.map(({ spent }) => spent);
  const calls = all.reduce((sum, one) => sum + one.calls, 0);
  const tokens = all.reduce((sum, one) => sum + one.tokens, 0);
  const about = all.every(({ tokensKnown }) => tokensKnown) ? '' : '~';
  const usd = { usd: all.reduce((sum, one) => sum + one.usd, 0), usdKnown: all.every(({ usdKnown }) => usdKnown) };
  return [
    ...(tokens === 0 ? [] : [{ name: 'Tokens', value: `${about}${plural(tokens, 'token')}` }]),
    ...(calls === 0 ? [] : [{ name: 'Cost', value: `${formatUsd(usd)} · ${plural(calls, 'call')}` }]),
  ];
}

/** `12 done`. */
export function foldedTitle(count: number): string {
  return `${count.toLocaleString('en-US')} done`;
}
