import { selectorText, type LmSelector } from './lm-selector.ts';
import { readBackend, type RosterEntry } from './read-backend.ts';

/** What was found on a machine whose user configured no backend. */
export interface Discovered {
  /** Models that `vscode.lm` offers; our own vendor's are left out here. */
  readonly lmModels: readonly LmSelector[];
  /** Names of the models of an Ollama that answered on its default port. */
  readonly ollamaModels: readonly string[];
}

const EMBEDDING_MODEL = /embed|minilm|(?:^|\/)bge-/i;

/** The roster where none is configured: what is there, and always the embedded backend, last. */
export function discoveredRoster(found: Discovered): readonly RosterEntry[] {
  const ids = new Set<string>();
  const raw = [
    ...found.lmModels.map((model) => ({ id: freeId(selectorText(model), ids), provider: 'vscode', model })),
    ...found.ollamaModels.map((model) => ({
      id: freeId(`ollama-${model}`, ids),
      provider: 'ollama',
      model,
      ...(EMBEDDING_MODEL.test(model) ? { goodAt: ['embeddings'] } : {}),
    })),
    { id: freeId('embedded', ids), provider: 'embedded' },
  ];
  return raw.flatMap((entry) => {
    const read = readBackend(entry, 'user');
    return read.ok ? [read.value] : [];
  });
}

/** A valid id that none of `taken` has, made from a name; it is added to them. */
function freeId(name: string, taken: Set<string>): string {
  const plain =
    name
      .replaceAll(/[^A-Za-z0-9_.]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 56)
      .replace(/-+$/, '') || 'model';
  for (let count = 1; ; count++) {
    const id = count === 1 ? plain : `${plain}-${count}`;
    if (taken.has(id.toLowerCase())) continue;
    taken.add(id.toLowerCase());
    return id;
  }
}
