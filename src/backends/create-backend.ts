import { unreachable } from '../base/assert.ts';
import type { Backend, Feature, Provider } from '../core/backend.ts';
import { EMBEDDED_FEATURES, EmbeddedBackend } from './embedded/backend.ts';
import { OLLAMA_FEATURES, OllamaBackend } from './ollama-backend.ts';
import { OPENAI_FEATURES, OpenAiBackend } from './openai-backend.ts';
import type { HttpBackendOptions } from './transport.ts';

/** What a provider's backends can do; the settings do not say. The shell that makes `vscode` backends declares theirs. */
export function featuresOf(provider: Exclude<Provider, 'vscode'>): readonly Feature[] {
  return { openai: OPENAI_FEATURES, ollama: OLLAMA_FEATURES, embedded: EMBEDDED_FEATURES }[provider];
}

/**
 * The backend of a roster entry. Cheap: the client libraries are loaded by the first call. `vscode` backends are made
 * by the shell that has `vscode.lm`.
 */
export function createBackend(options: HttpBackendOptions): Backend {
  const { provider } = options.description;
  switch (provider) {
    case 'openai':
      return new OpenAiBackend(options);
    case 'ollama':
      return new OllamaBackend(options);
    case 'embedded':
      return new EmbeddedBackend(options.description, options.clock);
    case 'vscode':
      throw new Error(
        `Backend "${options.description.id}" has provider vscode, which only the extension's shell can make`,
      );
    default:
      return unreachable(provider);
  }
}
