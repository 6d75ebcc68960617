/**
 * Proposals as they are now, for the tree, the documents and the commands.
 *
 * 1. What was looked at is kept until the run's proposal changes or someone asks to look again: comparing a proposal with the
 *    disk reads every file of it.
 */
import * as vscode from 'vscode';
import type { OpenedOrchestrator } from '../../app/shell.ts';
import type { Result } from '../../base/result.ts';
import type { ReviewedProposal } from '../../core/edits/edit-review.ts';
import type { Failure } from '../../core/failure.ts';
import type { EngineHost, Proposals } from '../shell-deps.ts';

type Reviewed = Promise<Result<ReviewedProposal, Failure>>;

export class EditProposals implements Proposals, vscode.Disposable {
  readonly #engine: EngineHost;
  readonly #known = new Map<string, Reviewed>();
  readonly #didChange = new vscode.EventEmitter<string>();
  readonly #closing = new AbortController();
  readonly #subscriptions: vscode.Disposable[];
  /** The run whose proposal, or a decision about it, changed. */
  readonly onDidChange = this.#didChange.event;

  constructor(engine: EngineHost) {
    this.#engine = engine;
    this.#subscriptions = [this.#didChange, engine.onDidOpen((opened) => this.#follow(opened))];
  }

  open(run: string): Reviewed {
    const known = this.#known.get(run) ?? this.#read(run);
    this.#known.set(run, known);
    return known;
  }

  lookAgain(run?: string): void {
    if (run === undefined) this.#known.clear();
    else this.#known.delete(run);
  }

  dispose(): void {
    this.#closing.abort();
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  async #read(run: string): Reviewed {
    try {
      const { edits } = await this.#engine.open();
      const reviewed = await edits.open(run, this.#closing.signal);
      if (!reviewed.ok) this.#known.delete(run);
      return reviewed;
    } catch (error) {
      this.#known.delete(run);
      throw error;
    }
  }

  #follow({ orchestrator }: OpenedOrchestrator): void {
    this.#subscriptions.push(
      orchestrator.onEvent((event) => {
        if (!event.type.startsWith('proposal.')) return;
        this.#known.delete(event.run);
        this.#didChange.fire(event.run);
      }),
    );
  }
}
