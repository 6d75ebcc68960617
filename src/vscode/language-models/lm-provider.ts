/** The roster as language models of VS Code: "Orchestrator (auto)" always, and each backend once the engine is open. */
import * as vscode from 'vscode';
import type { BackendDescription, ChatMessage } from '../../core/backend.ts';
import { describeFailure, type Failure } from '../../core/failure.ts';
import { estimateTokens } from '../../core/tokens.ts';
import { abortSignalOf } from '../abort-signal.ts';
import { LM_VENDOR } from '../ids.ts';
import { toolInput } from './lm-api.ts';
import { converse, type FinishedChat } from './lm-conversation.ts';
import { fromReceivedMessages, textOfMessage, usageJson, USAGE_MIME } from './lm-messages.ts';
import type { ShellDeps } from '../shell-deps.ts';

/** Model id of "Orchestrator (auto)". */
const AUTO_MODEL = 'auto';
const DEFAULT_CONTEXT = 128_000;
const DEFAULT_OUTPUT = 4_096;
const MUST_CALL = 'Answer this turn by calling one of the tools.';

export function registerLmProvider(context: vscode.ExtensionContext, deps: ShellDeps): void {
  const provider = new LmProvider(deps);
  context.subscriptions.push(provider, vscode.lm.registerLanguageModelChatProvider(LM_VENDOR, provider));
  // Providers are asked lazily, and without a selected model VS Code runs no participant: this makes it ask now.
  vscode.lm
    .selectChatModels({ vendor: LM_VENDOR })
    .then(undefined, (error: unknown) => deps.log.error('VS Code did not take our language models.', error));
}

interface Asked {
  readonly messages: readonly vscode.LanguageModelChatRequestMessage[];
  readonly options: vscode.ProvideLanguageModelChatResponseOptions;
  readonly signal: AbortSignal;
  readonly report: (part: vscode.LanguageModelTextPart) => void;
}

class LmProvider implements vscode.LanguageModelChatProvider, vscode.Disposable {
  readonly #deps: ShellDeps;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeLanguageModelChatInformation = this.#changed.event;
  readonly #subscriptions: { dispose(): void }[];
  #conversations = 0;

  constructor(deps: ShellDeps) {
    this.#deps = deps;
    this.#subscriptions = [
      deps.engine.onDidOpen((opened) => {
        this.#subscriptions.push(opened.onRosterChange(() => this.#changed.fire()));
        this.#changed.fire();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }

  provideLanguageModelChatInformation(): vscode.LanguageModelChatInformation[] {
    const backends = this.#deps.engine.opened()?.roster.backends() ?? [];
    const descriptions = backends.map((backend) => backend.description).filter((description) => description.enabled);
    return [autoModel(descriptions), ...descriptions.filter(isPublished).map(backendModel)];
  }

  // oxlint-disable-next-line max-params -- the signature is VS Code's
  async provideLanguageModelChatResponse(
    model: vscode.LanguageModelChatInformation,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const aborting = abortSignalOf(token);
    try {
      const done = await this.#converse(model, {
        messages,
        options,
        signal: aborting.signal,
        report: (part) => progress.report(part),
      });
      for (const call of done.toolCalls)
        progress.report(new vscode.LanguageModelToolCallPart(call.id, call.name, toolInput(call.arguments)));
      const usage = new TextEncoder().encode(JSON.stringify(usageJson(done.usage)));
      progress.report(new vscode.LanguageModelDataPart(usage, USAGE_MIME));
    } finally {
      aborting.dispose();
    }
  }

  async #converse(model: vscode.LanguageModelChatInformation, asked: Asked): Promise<FinishedChat> {
    const engine = await this.#deps.engine.open();
    const { messages, options, signal, report } = asked;
    const mustCall: readonly ChatMessage[] =
      options.toolMode === vscode.LanguageModelChatToolMode.Required ? [{ role: 'system', content: MUST_CALL }] : [];
    const tools = (options.tools ?? []).map(({ name, description, inputSchema }) => ({
      name,
      description,
      parameters: { type: 'object', ...inputSchema },
    }));
    this.#conversations += 1;
    const done = await converse(
      {
        number: this.#conversations,
        target: model.id === AUTO_MODEL ? undefined : model.id,
        messages: [...fromReceivedMessages(messages), ...mustCall],
        tools,
      },
      {
        engine,
        consent: this.#deps.consent,
        signal,
        onText: (delta) => report(new vscode.LanguageModelTextPart(delta)),
      },
    );
    if (!done.ok) throw errorOf(done.error);
    return done.value;
  }

  /** Asked thousands of times per request of VS Code's agent: arithmetic only. */
  async provideTokenCount(
    _model: vscode.LanguageModelChatInformation,
    text: string | vscode.LanguageModelChatRequestMessage,
  ): Promise<number> {
    return estimateTokens(typeof text === 'string' ? text : textOfMessage(text));
  }
}

/** Models that VS Code offers itself stand in its picker already. */
function isPublished(description: BackendDescription): boolean {
  return description.provider !== 'vscode' && (description.canOrchestrate || description.canDelegate);
}

function autoModel(descriptions: readonly BackendDescription[]): vscode.LanguageModelChatInformation {
  const windows = descriptions
    .filter((description) => description.canOrchestrate)
    .map((description) => description.contextWindow ?? 0);
  return {
    id: AUTO_MODEL,
    name: 'Orchestrator (auto)',
    family: 'orchestrator',
    version: '1',
    detail: 'The best fit of your roster',
    tooltip: 'Each request goes to the backend of your roster that fits it best.',
    maxInputTokens: Math.max(...windows, 0) || DEFAULT_CONTEXT,
    maxOutputTokens: DEFAULT_OUTPUT,
    // VS Code's agent hides models without it.
    capabilities: { toolCalling: true },
  };
}

function backendModel(description: BackendDescription): vscode.LanguageModelChatInformation {
  const output = description.maxOutputTokens ?? DEFAULT_OUTPUT;
  const context = description.contextWindow ?? DEFAULT_CONTEXT;
  return {
    id: description.id,
    name: `Orchestrator: ${description.id}`,
    family: description.model,
    version: '1',
    detail: [description.tier, ...description.goodAt].join(', '),
    tooltip: `${description.model} (${description.provider})`,
    maxInputTokens: Math.max(1_024, context - output),
    maxOutputTokens: output,
    capabilities: { toolCalling: description.features.includes('tools') },
  };
}

function errorOf(failed: Failure): Error {
  const message = describeFailure(failed);
  switch (failed.reason) {
    case 'cancelled':
      return new vscode.CancellationError();
    case 'no-consent':
    case 'unauthorized':
      return vscode.LanguageModelError.NoPermissions(message);
    case 'rate-limited':
    case 'budget':
      return vscode.LanguageModelError.Blocked(message);
    case 'no-fit':
      return vscode.LanguageModelError.NotFound(message);
    default:
      return new Error(message);
  }
}
