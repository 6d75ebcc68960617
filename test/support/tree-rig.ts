/** The model of the task tree over an engine and a journal that a test writes. */
import assert from 'node:assert/strict';
import { createRunFeed, type RunFeed } from '../../src/app/run-feed.ts';
import { unreachable } from '../../src/base/assert.ts';
import { Emitter } from '../../src/base/emitter.ts';
import { ok } from '../../src/base/result.ts';
import type { RunPage, RunSummary } from '../../src/core/ports.ts';
import type { RunEvent } from '../../src/core/run-event.ts';
import { applyEvent } from '../../src/core/run-fold.ts';
import { emptyRunState, type RunState } from '../../src/core/run-state.ts';
import { NO_SPEND } from '../../src/core/spend.ts';
import { TaskTreeModel, type TreeSource } from '../../src/vscode/tree/task-tree-model.ts';
import type { Changed, TreeNode } from '../../src/vscode/tree/tree-nodes.ts';
import { Folders } from './folders.ts';
import { ManualClock } from './manual-clock.ts';
import { journaled, RUN, SAMPLE, START_MS } from './sample-run.ts';

const events = journaled(SAMPLE);

export function summaryOf(run: string, more: Partial<RunSummary> = {}): RunSummary {
  return {
    run,
    request: `request of ${run}`,
    startedAtMs: START_MS - 1,
    liveness: 'finished',
    outcome: 'answered',
    spent: NO_SPEND,
    tasks: 0,
    completed: 0,
    from: null,
    workspace: '/w',
    waitsForUser: false,
    ...more,
  };
}

/** An engine that folds what the test emits, and a journal with what the test put in. */
export class TreeRig {
  readonly emitter = new Emitter<RunEvent>((error) => assert.fail(String(error)));
  readonly states = new Map<string, RunState>();
  readonly reads: string[] = [];
  summaries: readonly RunSummary[] = [];
  recorded: readonly RunEvent[] = [];
  changes: string[] = [];
  readonly model = new TaskTreeModel((changed) => this.changes.push(changed.map(nameOf).join(' ')));
  readonly clock = new ManualClock();
  /** Runs of `/other` worked on another folder. */
  readonly folders = new Folders('/other');
  readonly pages: RunPage[] = [];
  readonly #orchestrator: TreeSource['orchestrator'] = {
    runs: () => [...this.states.values()],
    state: (run) => this.states.get(run),
    handle: (run) => (this.isOwned(run) ? { run, finished: this.forever, cancel: () => undefined } : undefined),
    onEvent: (listener) => this.emitter.subscribe(listener),
  };
  readonly #journal: TreeSource['journal'] = {
    listRuns: async (page) => {
      this.pages.push(page);
      const { before, limit } = page;
      const from = before === undefined ? 0 : this.summaries.findIndex(({ run }) => run === before.run) + 1;
      return ok(this.summaries.slice(from, from + limit));
    },
    readRun: async (run, { afterSeq = 0 }) => {
      this.reads.push(run);
      return ok(this.recorded.filter((event) => event.run === run && event.seq > afterSeq));
    },
    summary: async (run) => ok(this.summaries.find((one) => one.run === run)),
  };
  readonly feed: RunFeed = createRunFeed({
    orchestrator: this.#orchestrator,
    journal: this.#journal,
    folders: this.folders,
    clock: this.clock,
  });
  readonly source: TreeSource = {
    orchestrator: this.#orchestrator,
    journal: this.#journal,
    feed: this.feed,
    folders: this.folders,
  };
  readonly forever = new Promise<never>(() => undefined);
  /** The engine stopped it here: it keeps the fold, and holds the run no more. */
  stopped = new Set<string>();

  isOwned(run: string): boolean {
    return this.states.has(run) && this.states.get(run)?.phase !== 'finished' && !this.stopped.has(run);
  }

  emit(count: number, of = events): void {
    const from = this.states.get(RUN)?.lastSeq ?? 0;
    for (const event of of.slice(from, from + count)) {
      this.states.set(RUN, applyEvent(this.states.get(RUN) ?? emptyRunState(RUN), event));
      this.emitter.emit(event);
    }
  }

  async outline(node?: TreeNode, depth = 0): Promise<string> {
    const children: readonly TreeNode[] = node === undefined ? this.model.runs() : await this.childrenOf(node);
    const lines = await Promise.all(
      children.map(async (child) => `${'  '.repeat(depth)}${nameOf(child)}\n${await this.outline(child, depth + 1)}`),
    );
    return lines.join('');
  }

  async childrenOf(node: TreeNode): Promise<readonly TreeNode[]> {
    const children = await this.model.children(node);
    assert.ok(children.ok);
    return children.value;
  }
}

export function nameOf(changed: Changed): string {
  if (changed === 'root') return 'root';
  switch (changed.kind) {
    case 'more':
      return 'more';
    case 'run':
      return changed.run;
    case 'task':
      return changed.task;
    case 'edits':
      return `${changed.run}/edits`;
    case 'edit':
      return changed.path;
    default:
      return unreachable(changed);
  }
}
