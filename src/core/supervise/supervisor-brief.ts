/** What a supervisor is told before anything else. Files are named to it, not shown: reading is for its workers. */
import { unlessAborted } from '../../base/abort.ts';
import { estimateMessages } from '../agent/shortened.ts';
import { allowedEditor } from '../allowed-editor.ts';
import type { ChatMessage } from '../backend.ts';
import { outlineText } from '../plan/decompose.ts';
import { deliverableText } from '../deliverable/deliverable.ts';
import { menuOf } from '../plan/menu.ts';
import { supervisePrompt } from '../prompts/supervise.ts';
import type { EditorContext } from '../run-request.ts';
import { depthOf } from './family.ts';
import { MOST_DEPTH, MOST_WORKERS } from './limits.ts';
import { mostOf, type Supervisor } from './supervisor.ts';

const MOST_OUTLINE_FILES = 2_000;
const MOST_OUTLINE_CHARS = 12_000;

export class SupervisorBrief {
  readonly #supervisor: Supervisor;
  readonly #outline: string;
  readonly #editor: EditorContext | undefined;
  #messages: readonly ChatMessage[] = [];
  #tokens = 0;

  private constructor(supervisor: Supervisor, outline: string, editor: EditorContext | undefined) {
    this.#supervisor = supervisor;
    this.#outline = outline;
    this.#editor = editor;
    this.tell([]);
  }

  static async gather(supervisor: Supervisor): Promise<SupervisorBrief> {
    const { ctx, work } = supervisor;
    const { signal } = work.time;
    const { workspace } = ctx.deps;
    const { files, cut } = await unlessAborted(workspace.list({ limit: MOST_OUTLINE_FILES, signal }), signal, {
      files: [],
      cut: false,
    });
    const outline = outlineText(files, { maxChars: MOST_OUTLINE_CHARS, isCut: cut });
    return new SupervisorBrief(supervisor, outline, await allowedEditor(ctx));
  }

  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** What the user said before its first call. */
  tell(words: readonly string[]): void {
    const { ctx, work, talk } = this.#supervisor;
    const { id, objective, deliverable, inputs } = work.spec;
    const { delegation } = ctx.request;
    const depth = depthOf(ctx.state, id);
    const checks = depth === 1 ? delegation?.deliverable : undefined;
    this.#messages = supervisePrompt.render({
      intent: objective,
      texts: inputs.flatMap((input) => ('text' in input ? [input.text] : [])),
      ...(depth === 1 && this.#editor !== undefined ? { editor: this.#editor } : {}),
      deliverable: checks === undefined ? deliverable : deliverableText(checks),
      menu: menuOf(ctx),
      agents: ctx.agents,
      files: [
        ...(depth === 1 ? ctx.request.files : []),
        ...inputs.flatMap((input) => ('path' in input ? [input.path] : [])),
      ],
      outline: this.#outline,
      maxWorkers: mostOf(delegation?.maxWorkers, MOST_WORKERS),
      mayNest: depth < mostOf(delegation?.maxDepth, MOST_DEPTH),
      words,
      mayAsk: talk.mayAsk,
      mark: ctx.mark,
    });
    this.#tokens = estimateMessages(this.#messages);
  }
}
