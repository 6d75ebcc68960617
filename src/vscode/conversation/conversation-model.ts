/**
 * What the panel of a conversation shows, from the fold of its run. Pure: nothing here reads or waits.
 *
 * Owns: the pieces made so far, so that one whose source did not change is the same object, and the texts that can be asked
 * for. Does not own: sending, drawing.
 *
 * 1. A piece that is shown keeps its key, also when its attempt becomes an earlier one.
 * 2. Nothing over 20,000 characters is in a view; the rest is asked for by key.
 */
import { formatTokens, formatUsd, totalTokens } from '../../app/amounts.ts';
import { asksWhom, runTitle, taskMs, taskWord, waitWords, type TaskWord, type View } from '../../app/run-text.ts';
import { isOutOfReach, type RunSeen } from '../../core/control/whose-folder.ts';
import type { Payload } from '../../core/run-event.ts';
import type { RunState, TaskState } from '../../core/run-state.ts';
import { workedMs } from '../../core/stint.ts';
import type {
  ConversationView,
  Fact,
  Head,
  Item,
  StatusIcon,
  TaskLink,
} from '../../webview/conversation/conversation-view.ts';
import { toolNotes } from '../../app/tool-notes.ts';
import { boxOf } from './conversation-box.ts';
import { briefItem } from './conversation-brief.ts';
import { attemptItems, spendItem } from './conversation-items.ts';
import type { Shelf } from './conversation-shelf.ts';
import { ConversationTexts } from './conversation-texts.ts';

export interface ConversationNow extends RunSeen {
  /** Wall time, milliseconds since the epoch. */
  readonly nowMs: number;
}

interface Kept {
  readonly sources: readonly unknown[];
  readonly item: Item;
}

export class ConversationModel {
  readonly #kept = new Map<string, Kept>();
  readonly #texts = new ConversationTexts();
  readonly #task: string;

  constructor(task: string) {
    this.#task = task;
  }

  /** Undefined: the run has no such task. */
  show(state: RunState, now: ConversationNow): ConversationView | undefined {
    const task = state.tasks.get(this.#task) ?? state.turns.get(this.#task);
    if (task === undefined) return undefined;
    const isAtWork = task.status === 'active' || task.status === 'waiting';
    return {
      head: headOf(task, state, now),
      items: this.#items(task, state, now),
      box: boxOf(task, state, {
        liveness: now.liveness,
        isHere: now.isHere,
        shownQuestion: (text) => this.#texts.shown('question', text),
      }),
      isLive: isAtWork && now.liveness === 'running',
    };
  }

  /** A text that a view named by its key. */
  text(key: string): Payload | undefined {
    return this.#texts.take(key);
  }

  #items(task: TaskState, state: RunState, now: ConversationNow): readonly Item[] {
    const shelf = this.#shelf(state, now);
    return [
      ...briefItem(task, shelf),
      ...this.#standing(task, state, now),
      ...task.earlier.map((attempt, index) => this.#earlier(attempt, index, shelf)),
      ...attemptItems(task, {
        ...shelf,
        prefix: `${task.earlier.length}.`,
        isLatest: true,
        asks: asksWhom(task, state),
      }),
      ...spendItem(task, shelf),
    ];
  }

  #shelf(state: RunState, now: ConversationNow): Shelf {
    return {
      state,
      liveness: now.liveness,
      texts: this.#texts,
      link: (id) => linkTo(id, state, now),
      keep: (key, sources, make) => {
        const before = this.#kept.get(key);
        if (before !== undefined && isSame(before.sources, sources)) return before.item;
        const item = { ...make(), key };
        this.#kept.set(key, { sources, item });
        return item;
      },
    };
  }

  #earlier(attempt: TaskState, index: number, shelf: Shelf): Item {
    return shelf.keep(`attempt.${index}`, [attempt], () => ({
      kind: 'attempt',
      title: `Attempt ${index + 1}: ${attempt.status}${attempt.backend === null ? '' : ` at ${attempt.backend}`}`,
      items: attemptItems(attempt, {
        ...shelf,
        prefix: `${index}.`,
        isLatest: false,
        asks: asksWhom(attempt, shelf.state),
      }),
    }));
  }

  /** Why it stands where it stands. */
  #standing(task: TaskState, state: RunState, now: ConversationNow): readonly Item[] {
    return standingNotes(task, state, now).map(({ text, link }, index) => ({
      key: `note.${index}`,
      kind: 'note',
      text,
      link: link ?? null,
    }));
  }
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}

interface Note {
  readonly text: string;
  readonly link?: TaskLink;
}

function howToResume({ workspace }: RunState, now: ConversationNow): string {
  if (!isOutOfReach(now)) return 'Resume it to go on';
  return `It can be resumed ${workspace === '' ? 'in a window without a folder' : 'where its folder is open'}`;
}

function standingNotes(task: TaskState, state: RunState, now: ConversationNow): readonly Note[] {
  const because = (text: string, id: string): Note => {
    const link = linkTo(id, state, now);
    return link === undefined ? { text: `${text} ${id}` } : { text, link };
  };
  const isPending = task.status === 'pending' && task.spec !== null;
  const needs = isPending ? task.spec.dependsOn : [];
  const waits = needs.filter((id) => (state.tasks.get(id)?.status ?? 'completed') !== 'completed');
  return [
    ...(now.liveness === 'interrupted'
      ? [
          {
            text: `The run was interrupted: its process is gone. ${howToResume(state, now)}; nothing that finished is repeated.`,
          },
        ]
      : []),
    ...(isPending && state.phase === 'approving' ? [{ text: 'The plan waits for you: nothing of it has run.' }] : []),
    ...(state.phase === 'approving' ? [] : waits.map((id) => because('Waits for', id))),
    ...(task.retriedBecause === null ? [] : [because('Done anew, because this was:', task.retriedBecause)]),
    ...(task.skippedBecause === null
      ? []
      : [because('Not started, because this did not complete:', task.skippedBecause)]),
    ...(task.reusedFrom === null
      ? []
      : [
          {
            text: 'Reused: nothing it rests on has changed, so nothing was called and nothing was spent. From an earlier run:',
            link: { run: task.reusedFrom, task: task.id, title: task.title, status: 'completed' },
          },
        ]),
    ...toolNotes(task).map((text) => ({ text })),
    ...(task.isBudgetRefused ? [{ text: 'A limit kept one of its calls from being made.' }] : []),
  ];
}

function linkTo(id: string, state: RunState, view: View): TaskLink | undefined {
  const task = state.tasks.get(id);
  return task === undefined
    ? undefined
    : { run: state.run, task: id, title: task.title, status: statusOf(task, state, view).words };
}

/** In the product's words. */
const STATUS: Readonly<Record<TaskWord, { readonly icon: StatusIcon; readonly words: string }>> = {
  pending: { icon: 'pending', words: 'pending' },
  active: { icon: 'active', words: 'active' },
  waiting: { icon: 'waiting', words: 'waits for you' },
  completed: { icon: 'completed', words: 'completed' },
  failed: { icon: 'failed', words: 'failed' },
  interrupted: { icon: 'failed', words: 'interrupted' },
  cancelled: { icon: 'stopped', words: 'cancelled' },
  skipped: { icon: 'stopped', words: 'skipped' },
};

function statusOf(task: TaskState, state: RunState, view: View): (typeof STATUS)[TaskWord] {
  const word = taskWord(task, state, view);
  return word === 'active' ? { icon: 'active', words: waitWords(task, state) ?? word } : STATUS[word];
}

function headOf(task: TaskState, state: RunState, now: ConversationNow): Head {
  const { icon, words } = statusOf(task, state, now);
  return {
    run: state.run,
    task: task.id,
    title: task.title,
    request: runTitle(state),
    status: { icon, words: [words, ...qualities(task)].join(', ') },
    facts: factsOf(task),
    time: timeOf(task, state, now),
  };
}

function qualities(task: TaskState): readonly string[] {
  if (task.status !== 'completed') return [];
  return [
    ...(task.partial ? ['partial'] : []),
    ...(task.reusedFrom === null ? [] : ['reused']),
    ...(task.isKept ? ['kept'] : []),
    ...(task.isMarked ? ['done by you'] : []),
  ];
}

function factsOf(task: TaskState): readonly Fact[] {
  const backends = [
    ...new Set([...task.calls.map((call) => call.backend), ...(task.backend === null ? [] : [task.backend])]),
  ];
  const wanted = task.spec?.target === undefined ? 'not chosen yet' : task.spec.target;
  return [
    ...(task.spec === null ? [] : [{ name: 'Mode', value: task.spec.mode }]),
    ...(task.spec === null || task.spec.agent === undefined ? [] : [{ name: 'Agent', value: task.spec.agent }]),
    { name: 'Backend', value: backends.length === 0 ? wanted : backends.join(', ') },
    ...(task.spent.iterations === 0 || totalTokens(task.spent) === 0
      ? []
      : [{ name: 'Tokens', value: formatTokens(task.spent).replace(/ tokens?$/, '') }]),
    ...(task.spent.iterations === 0 ? [] : [{ name: 'Cost', value: formatUsd(task.spent) }]),
    ...(task.earlier.length === 0 ? [] : [{ name: 'Attempt', value: String(task.earlier.length + 1) }]),
  ];
}

function timeOf(task: TaskState, state: RunState, now: ConversationNow): Head['time'] {
  const open = now.liveness === 'running' ? task.stints.find(({ toMs }) => toMs === null) : undefined;
  if (open !== undefined) return { ms: workedMs(task, open.fromMs), sinceMs: open.fromMs };
  const ms = taskMs(task, state, now);
  return ms === undefined ? null : { ms, sinceMs: null };
}
