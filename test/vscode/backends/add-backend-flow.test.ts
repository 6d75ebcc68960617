import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { err, ok } from '../../../src/base/result.ts';
import { failure } from '../../../src/core/failure.ts';
import type { BoundSecret } from '../../../src/vscode/consent/secret-record.ts';
import { addBackend } from '../../../src/vscode/backends/add-backend-flow.ts';
import type { AddBackendPorts, Choice, RosterTarget } from '../../../src/vscode/backends/add-backend-ports.ts';
import { ScriptedBackend, type ScriptedReply } from '../../support/scripted-backend.ts';

/** What the user does at each dialog, in order; `undefined` leaves it. An answer picks the row whose label begins with it. */
type Move = string | readonly string[] | undefined;

interface Scene {
  readonly moves: readonly Move[];
  readonly ollama?: readonly string[];
  readonly reply?: (attempt: number) => ScriptedReply;
  readonly allow?: boolean;
  readonly roster?: readonly unknown[];
  readonly hasWorkspace?: boolean;
  readonly secrets?: Readonly<Record<string, BoundSecret>>;
  readonly models?: readonly string[];
}

interface Played {
  readonly result: unknown;
  readonly log: readonly string[];
  readonly secrets: ReadonlyMap<string, BoundSecret>;
}

async function play(scene: Scene): Promise<Played> {
  const log: string[] = [];
  const secrets = new Map(Object.entries(scene.secrets ?? {}));
  const result = await addBackend(portsOf(scene, log, secrets));
  return { result, log, secrets };
}

function portsOf(scene: Scene, log: string[], secrets: Map<string, BoundSecret>): AddBackendPorts {
  const moves = [...scene.moves];
  const next = (question: string): Move => {
    if (moves.length === 0) throw new Error(`No move for: ${question}`);
    const move = moves.shift();
    log.push(`${question} -> ${move === undefined ? 'left' : JSON.stringify(move)}`);
    return move;
  };
  const rowOf = <T>(rows: readonly Choice<T>[], label: string): T => {
    const row = rows.find((one) => one.label.startsWith(label));
    if (row === undefined) throw new Error(`No row ${label} in ${rows.map((one) => one.label).join(', ')}`);
    return row.value;
  };
  let calls = 0;
  return {
    ask: {
      pick: (question, rows) => {
        const move = next(`pick ${question.placeHolder}`);
        return Promise.resolve(typeof move === 'string' ? rowOf(rows, move) : undefined);
      },
      pickMany: (question, rows) => {
        const move = next(
          `many ${question.placeHolder} [${rows
            .filter((row) => row.picked)
            .map((row) => row.label)
            .join()}]`,
        );
        return Promise.resolve(typeof move === 'object' ? move.map((label) => rowOf(rows, label)) : undefined);
      },
      input: (question) => {
        const move = next(`input ${question.isSecret === true ? '(hidden)' : `(${question.value})`}`);
        if (typeof move !== 'string') return Promise.resolve(undefined);
        const text = move === '=' ? question.value : move;
        assert.equal(question.validate(text), undefined);
        return Promise.resolve(text);
      },
      busy: (title, work) => {
        log.push(`busy ${title}`);
        return work(new AbortController().signal);
      },
      warn: (message, buttons) => {
        const move = next(`warn ${message} [${buttons.join()}]`);
        return Promise.resolve(typeof move === 'string' ? move : undefined);
      },
      told: (message, buttons) => {
        const move = buttons.length === 0 ? undefined : next(`told [${buttons.join()}]`);
        log.push(`told ${message}`);
        return Promise.resolve(typeof move === 'string' ? move : undefined);
      },
    },
    trial: {
      backend: (entry) => {
        log.push(`try ${JSON.stringify(entry)}`);
        const host = JSON.stringify(entry).includes('https://') ? { host: 'api.example.com' } : {};
        const backend = new ScriptedBackend({ id: 'new', ...host }, () => scene.reply?.(++calls) ?? { text: 'ready' });
        return ok(
          Object.assign(backend, {
            check: () =>
              Promise.resolve(scene.models === undefined ? err(NO_LIST) : ok({ models: scene.models, ms: 1 })),
          }),
        );
      },
      ollamaModels: (baseUrl) => {
        log.push(`ollama ${baseUrl ?? 'default'}`);
        const isThere = scene.ollama !== undefined && (baseUrl === undefined || baseUrl.endsWith(':5555'));
        return Promise.resolve(
          isThere ? ok((scene.ollama ?? []).map((name) => ({ name, contextWindow: 8_192 }))) : err(DOWN),
        );
      },
    },
    roster: {
      entries: () => scene.roster ?? [],
      write: (target: RosterTarget, entries) => {
        log.push(`write ${target} ${JSON.stringify(entries)}`);
        return Promise.resolve();
      },
      ids: () =>
        (scene.roster ?? [])
          .map((entry) => JSON.stringify(entry))
          .flatMap((text) => /"id":"([^"]+)"/.exec(text)?.[1] ?? []),
      isConfigured: () => scene.roster !== undefined,
      hasWorkspace: () => scene.hasWorkspace ?? false,
      isApiAllowed: () => false,
      allowApi: () => {
        log.push('allow api');
        return Promise.resolve();
      },
    },
    secrets: {
      names: () => Promise.resolve([...secrets.keys()]),
      get: (name) => Promise.resolve(secrets.get(name)),
      store: (name, secret) => Promise.resolve(void secrets.set(name, secret)),
      delete: (name) => Promise.resolve(void secrets.delete(name)),
    },
    lmModels: () => Promise.resolve([{ vendor: 'copilot', family: 'gpt-4o', id: 'gpt-4o' }]),
    consent: (host) => {
      log.push(`consent ${host}`);
      return Promise.resolve(scene.allow ?? true);
    },
    nowMs: () => 0,
  };
}

const DOWN = failure('connection', 'Nothing answers there.', { whatToDo: 'Start Ollama.' });
const NO_LIST = failure('rejected', 'It has no list of models.', { whatToDo: 'Type the name.' });
const REFUSED = failure('unauthorized', 'The key was refused.', { whatToDo: 'Check the key.' });

describe('Add a Backend', () => {
  it('lists the models of a running Ollama, tries the one that was picked, and writes it with the embedded backend beside it', async () => {
    const { log, result } = await play({
      moves: ['Ollama', 'qwen2.5-coder:7b', ['code'], '='],
      ollama: ['llama3', 'qwen2.5-coder:7b'],
    });
    const entry = {
      id: 'qwen2.5-coder-7b',
      provider: 'ollama',
      model: 'qwen2.5-coder:7b',
      goodAt: ['code'],
      contextWindow: 8192,
    };
    assert.deepEqual(result, entry);
    assert.deepEqual(log, [
      'pick How is the model reached? -> "Ollama"',
      'busy Looking for Ollama',
      'ollama default',
      'pick Which model? -> "qwen2.5-coder:7b"',
      'many What is it good at? Tasks that need it go there [code,grunt] -> ["code"]',
      'input (qwen2.5-coder-7b) -> "="',
      'busy Trying out qwen2.5-coder-7b',
      `try ${JSON.stringify(entry)}`,
      `write user ${JSON.stringify([entry, { id: 'embedded', provider: 'embedded' }])}`,
      'told qwen2.5-coder-7b was added to your user settings. It answered "ready" in 0 ms. The roster now holds what you add and the built-in extraction; models that were found by themselves are left out until you add them.',
    ]);
  });

  it('asks for another address when no Ollama answers', async () => {
    const { result, log } = await play({
      moves: ['Ollama', 'Another', 'http://127.0.0.1:5555/', 'm', [], '='],
      ollama: ['m'],
      roster: [],
    });
    assert.deepEqual(result, {
      id: 'm',
      provider: 'ollama',
      model: 'm',
      baseUrl: 'http://127.0.0.1:5555',
      contextWindow: 8192,
    });
    assert.equal(
      log.some((line) => line.startsWith('consent')),
      false,
    );
    const none = await play({ moves: ['Ollama', undefined] });
    assert.deepEqual(
      [none.result, none.log.at(-1)],
      [
        undefined,
        'warn No Ollama answered at http://127.0.0.1:11434. Nothing answers there. Start Ollama. [Another Address] -> left',
      ],
    );
  });

  it('stores a key bound to its origin, asks consent before the first byte, and offers to allow metered backends', async () => {
    const { result, log, secrets } = await play({
      moves: [
        'OpenAI',
        'Another',
        'https://api.example.com/v1',
        'Enter',
        ' sk-secret ',
        'gpt-5',
        ['reasoning'],
        '2, 8',
        '=',
        'Workspace',
        'Allow API Backends',
      ],
      models: ['gpt-5', 'gpt-5-mini'],
      roster: [{ id: 'old' }],
      hasWorkspace: true,
    });
    const entry = {
      id: 'gpt-5',
      provider: 'openai',
      model: 'gpt-5',
      baseUrl: 'https://api.example.com/v1',
      apiKey: 'secret:example',
      goodAt: ['reasoning'],
      cost: { input: 2, output: 8 },
    };
    assert.deepEqual(result, entry);
    assert.deepEqual([...secrets], [['example', { value: 'sk-secret', origin: 'https://api.example.com' }]]);
    assert.ok(log.indexOf('consent api.example.com') < log.findIndex((line) => line.startsWith('try ')));
    assert.equal(
      log.find((line) => line.startsWith('write')),
      `write workspace ${JSON.stringify([{ id: 'old' }, entry])}`,
    );
    assert.equal(log.at(-1), 'allow api');
    assert.equal(
      log
        .filter((line) => !line.startsWith('input (hidden)'))
        .join('\n')
        .includes('sk-secret'),
      false,
    );
  });

  it('sends nothing to a host the user does not allow', async () => {
    const { result, log, secrets } = await play({
      moves: ['OpenAI', 'OpenRouter', 'Enter', 'sk-1', undefined],
      allow: false,
    });
    assert.equal(result, undefined);
    assert.equal(
      log.at(-1),
      "warn You did not allow sending data to openrouter.ai. You can type the model's name. [Type a Model Name] -> left",
    );
    assert.deepEqual([log.some((line) => line.startsWith('try')), secrets.size], [false, 0]);
  });

  it('lets the user change what did not work, and deletes the key that is not used', async () => {
    const { result, secrets, log } = await play({
      moves: [
        'OpenAI',
        'OpenAI',
        'Enter',
        'sk-wrong',
        'm',
        [],
        '',
        '=',
        'Change It',
        'OpenAI',
        'OpenAI',
        'Enter',
        'sk-right',
        'm',
        [],
        '',
        '=',
        undefined,
      ],
      models: ['m'],
      roster: [],
      reply: (attempt) => (attempt === 1 ? { failure: REFUSED } : { text: 'ready' }),
    });
    assert.deepEqual(result, {
      id: 'm',
      provider: 'openai',
      model: 'm',
      baseUrl: 'https://api.openai.com/v1',
      apiKey: 'secret:openai-2',
    });
    assert.deepEqual([...secrets.keys()], ['openai-2']);
    assert.ok(
      log.includes('warn m did not answer. The key was refused. Check the key. [Change It,Save Anyway] -> "Change It"'),
    );
  });

  it('saves anyway, or gives up and leaves no key behind', async () => {
    const scene: Scene = {
      moves: ['OpenAI', 'LM Studio', 'No key', 'Type a Model Name', 'm', [], '=', 'Save Anyway'],
      roster: [],
      reply: () => ({ failure: REFUSED }),
    };
    const saved = await play(scene);
    assert.equal(
      saved.log.at(-1),
      'told m was added to your user settings. It was saved although it did not answer; the Backends view shows when it does.',
    );
    const given = await play({
      ...scene,
      moves: ['OpenAI', 'LiteLLM', 'Enter', 'sk-1', 'Type a Model Name', 'm', [], '=', undefined],
    });
    assert.deepEqual(
      [given.result, given.secrets.size, given.log.some((line) => line.startsWith('write'))],
      [undefined, 0, false],
    );
  });

  it("writes what only the user may say into the user's settings without a question", async () => {
    const env = await play({
      moves: ['OpenAI', 'OpenAI', 'A key in', 'MY_KEY', 'm', [], '', '=', undefined],
      models: ['m'],
      roster: [],
      hasWorkspace: true,
    });
    assert.deepEqual(env.result, {
      id: 'm',
      provider: 'openai',
      model: 'm',
      baseUrl: 'https://api.openai.com/v1',
      apiKey: 'env:MY_KEY',
    });
    const plain = await play({
      moves: ['OpenAI', 'Another', 'http://box.lan:8000/v1', 'No key', 'm', [], '', '=', undefined],
      models: ['m'],
      roster: [],
      hasWorkspace: true,
    });
    assert.deepEqual(
      [env, plain].map(({ log }) => log.find((line) => line.startsWith('write'))?.slice(0, 10)),
      ['write user', 'write user'],
    );
  });

  it('takes a model that VS Code offers, and a key that is stored for the same origin only', async () => {
    const lm = await play({ moves: ['A model', 'gpt-4o', [], '='], roster: [] });
    assert.deepEqual(lm.result, {
      id: 'gpt-4o',
      provider: 'vscode',
      model: { vendor: 'copilot', family: 'gpt-4o', id: 'gpt-4o' },
    });
    const secrets = {
      mine: { value: 'k', origin: 'https://api.openai.com' },
      other: { value: 'k', origin: 'https://api.openai.com:8443' },
    };
    const stored = await play({
      moves: ['OpenAI', 'OpenAI', 'The stored key "mine"', 'm', [], '', '=', undefined],
      models: ['m'],
      roster: [],
      secrets,
    });
    assert.deepEqual(
      [(stored.result as { apiKey?: string } | undefined)?.apiKey, stored.secrets.size],
      ['secret:mine', 2],
    );
    await assert.rejects(
      play({ moves: ['OpenAI', 'OpenAI', 'The stored key "other"'], secrets }),
      /No row The stored key "other"/,
    );
  });

  it('gives up at any dialog without writing anything or keeping a key', async () => {
    const moves: readonly Move[] = ['OpenAI', 'OpenAI', 'Enter', 'sk-1', 'm', [], '', '=', 'Workspace'];
    for (let count = 0; count < moves.length; count++) {
      const { result, secrets, log } = await play({
        moves: [...moves.slice(0, count), undefined],
        models: ['m'],
        roster: [],
        hasWorkspace: true,
      });
      assert.deepEqual(
        [result, secrets.size, log.some((line) => line.startsWith('write'))],
        [undefined, 0, false],
        `left at dialog ${count}`,
      );
    }
  });
});
