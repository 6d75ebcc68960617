/** What a code task is told before anything else, cut to what a backend takes. */
import { hasFeature, type BackendDescription, type ChatMessage, type Subject, type ToolSpec } from '../backend.ts';
import { codePrompt, type CodeValues } from '../prompts/code.ts';
import type { RunContext } from '../run-context.ts';
import type { MissingTool, WithheldFile } from '../run-event.ts';
import type { InputText, TaskResult } from '../subject.ts';
import { fitInputs, tokensOf } from '../task-inputs.ts';
import { dependencyResults, taskKind, taskSubject, type TaskWork } from '../task-work.ts';
import { takeTokens } from '../tokens.ts';
import { ASK_USER_SPEC } from './ask-user.ts';
import { estimateMessages, estimateTools } from './shortened.ts';
import { specsOf, type TaskTools } from './task-tools.ts';

/** Inputs take at most this share of a window, so that there is room for what the tools show. */
const INPUT_SHARE = 0.5;
const LEAST_INPUT_TOKENS = 1_000;
/** The names of inputs that are left out whole. */
const NAMES_TOKENS = 300;
const LEFT_OUT_TOKENS = NAMES_TOKENS + 100;

export class Brief {
  readonly #mark: string;
  readonly #work: TaskWork;
  readonly #results: readonly TaskResult[];
  readonly #tools: readonly ToolSpec[];
  readonly #mayAsk: boolean;
  readonly #given: TaskTools;
  #words: readonly string[] = [];
  #fixedTokens = 0;
  readonly toolTokens: number;

  constructor(ctx: RunContext, work: TaskWork, given: { readonly tools: TaskTools; readonly mayAsk: boolean }) {
    const { mayAsk } = given;
    this.#mark = ctx.mark;
    this.#work = work;
    this.#mayAsk = mayAsk;
    this.#results = dependencyResults(ctx, work.spec);
    const tools = specsOf(given.tools);
    this.#given = given.tools;
    this.#tools = mayAsk ? [...tools, ASK_USER_SPEC] : tools;
    this.toolTokens = estimateTools(this.#tools);
    this.tell([]);
  }

  /** Tokens of the prompt without inputs, and of the tools. */
  get fixedTokens(): number {
    return this.#fixedTokens;
  }

  /** What the user said before the first call. */
  tell(words: readonly string[]): void {
    this.#words = words;
    const bare = (hasTools: boolean): number =>
      estimateMessages(this.#render([], { hasTools, withheld: this.#work.read.withheld }));
    this.#fixedTokens = Math.max(bare(true), bare(false)) + this.toolTokens;
  }

  /** None where the backend has no use for them. */
  toolsFor(description: BackendDescription): readonly ToolSpec[] {
    return hasFeature(description, 'tools') ? this.#tools : [];
  }

  /** The opening messages, with as much of the inputs as `maxTokens` leave beside `fixedTokens`. */
  open(
    description: BackendDescription,
    options: { readonly hasTools: boolean; readonly maxTokens: number },
  ): { readonly messages: readonly ChatMessage[]; readonly subject: Subject } {
    const { spec } = this.#work;
    const { hasTools } = options;
    const window = description.contextWindow ?? Number.POSITIVE_INFINITY;
    const share = hasTools ? Math.max(LEAST_INPUT_TOKENS, window * INPUT_SHARE - this.fixedTokens) : window;
    const most = Math.max(0, Math.floor(Math.min(options.maxTokens - this.fixedTokens, share)));
    const { inputs, messages } = this.#fit(most, hasTools);
    return { messages, subject: taskSubject(spec, { inputs, results: this.#results, words: this.#words }) };
  }

  /** Measured as rendered: notes in place of hidden characters may take more than those. */
  #fit(
    most: number,
    hasTools: boolean,
  ): { readonly inputs: readonly InputText[]; readonly messages: readonly ChatMessage[] } {
    const { read } = this.#work;
    for (let room = most; ; room = Math.floor(room / 2)) {
      const { inputs, leftOut } = fitAll(read.inputs, room, hasTools);
      const messages = this.#render(inputs, { hasTools, withheld: [...read.withheld, ...leftOut] });
      if (room < LEFT_OUT_TOKENS || estimateMessages(messages) <= this.fixedTokens - this.toolTokens + most)
        return { inputs, messages };
    }
  }

  #render(
    inputs: readonly InputText[],
    { hasTools, withheld }: { readonly hasTools: boolean; readonly withheld: readonly WithheldFile[] },
  ): readonly ChatMessage[] {
    const { title, objective, deliverable, conversation } = this.#work.spec;
    const values: CodeValues = {
      title,
      objective,
      ...(deliverable === undefined ? {} : { deliverable }),
      inputs,
      results: this.#results,
      withheld: hasTools ? withheld : [...withheld, ...this.#given.missing.map(withheldTool)],
      ...(conversation === undefined ? {} : { conversation }),
      words: this.#words,
      mayAsk: this.#mayAsk,
      ...(this.#work.agent === undefined ? {} : { personality: this.#work.agent.personality }),
      mark: this.#mark,
      hasTools,
      mayEdit: taskKind(this.#work.spec) === 'code',
      outside: this.#given.outside.map(({ spec }) => spec.name),
      missing: this.#given.missing,
    };
    return codePrompt.render(values);
  }
}

/** Why it could not be had may quote a program, and is for the user. */
function withheldTool({ name }: MissingTool): WithheldFile {
  return { path: `the tool ${name}`, why: 'it could not be had' };
}

/** Inputs of which nothing fits are named instead: each frame takes room, and there may be thousands. */
function fitAll(
  all: readonly InputText[],
  room: number,
  hasTools: boolean,
): { readonly inputs: readonly InputText[]; readonly leftOut: readonly WithheldFile[] } {
  const whole = fitInputs(all, room);
  if (whole === all) return { inputs: all, leftOut: [] };
  const cut = fitInputs(all, Math.max(0, room - LEFT_OUT_TOKENS));
  const inputs = cut.filter((input) => input.text !== '' || input.cut === undefined);
  const names = cut.filter((input) => !inputs.includes(input)).map((input) => input.path ?? 'a text');
  // Empty files have frames, too.
  if (tokensOf(inputs) + LEFT_OUT_TOKENS > room)
    return {
      inputs: [],
      leftOut: [
        leftOutNote(
          all.map((input) => input.path ?? 'a text'),
          hasTools,
        ),
      ],
    };
  return { inputs, leftOut: names.length === 0 ? [] : [leftOutNote(names, hasTools)] };
}

function leftOutNote(names: readonly string[], hasTools: boolean): WithheldFile {
  const list = names.join(', ');
  const told = takeTokens(list, NAMES_TOKENS);
  return {
    path: told === list ? list : `${told}…, ${names.length} inputs in all`,
    why: hasTools ? 'they did not fit here: read them with your tools' : 'they did not fit',
  };
}
