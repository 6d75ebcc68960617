/**
 * What every backend keeps to, in both roles, in sections by the features it declares. Runs against the HTTP backends
 * with simulated servers, against the embedded one, and inside VS Code against `vscode.lm`: so nothing of Node but
 * node:assert is used here.
 */
import assert from 'node:assert/strict';
import { FEATURES, hasFeature } from '../../src/core/backend.ts';
import type { Backend, ChatMessage, ChatOutcome, ChatRequest, Feature, Subject } from '../../src/core/backend.ts';
import { estimateTokens } from '../../src/core/tokens.ts';

/** What the model behind the backend does next. Without the feature `generation` there is none, and all of it is ignored. */
export type Script =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'tool'; readonly name: string; readonly arguments: Readonly<Record<string, unknown>> }
  /** Says the text and then nothing more, until it is called off. */
  | { readonly kind: 'hold'; readonly text: string }
  | { readonly kind: 'fail' };

export interface ContractBench {
  readonly backend: Backend;
  readonly script: (script: Script) => void;
  /** The prompts that reached the model, each as one text with all that it was shown. */
  readonly prompts: () => readonly string[];
  /** Model calls that have not ended. Resolves when there is none. */
  readonly idle: () => Promise<void>;
  /** Tokens that the model itself counted for its last call; only with `reportedUsage`. */
  readonly counted?: () => { readonly inputTokens: number; readonly outputTokens: number };
  readonly close: () => Promise<void>;
}

const REQUEST = 'Where is the port read, and what is it when nobody sets it?';
const FILE = {
  path: 'src/server.ts',
  text: [
    "import { createServer } from 'node:http';",
    '',
    '/** The port is read from the environment, else 8080. */',
    'export function readPort(env: Record<string, string | undefined>): number {',
    "  return Number(env['PORT'] ?? 8080);",
    '}',
    '',
  ].join('\n'),
  firstLine: 1,
  localOnly: false,
};
const PLAN_SCHEMA = {
  name: 'plan',
  schema: {
    type: 'object',
    properties: {
      decision: { type: 'string', enum: ['answer', 'plan'] },
      answer: { type: 'string' },
      tasks: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] } },
    },
    required: ['decision'],
  },
};
const PLAN = {
  decision: 'plan',
  tasks: [
    {
      id: 'read',
      title: 'Read the server',
      objective: `Say this: ${REQUEST}`,
      dependsOn: [],
      inputs: [{ path: FILE.path }],
    },
  ],
};

interface Talk {
  readonly outcome: Promise<ChatOutcome>;
  readonly deltas: readonly string[];
  readonly abort: () => void;
}

export function describeBackendContract(
  name: string,
  setup: () => Promise<ContractBench>,
  features: readonly Feature[],
): void {
  describe(`The contract of a backend: ${name}`, () => {
    let bench: ContractBench;
    const has = (feature: Feature): boolean => features.includes(feature);
    const withFeature = (feature: Feature): ((title: string, test: () => Promise<void>) => void) =>
      has(feature) ? it : () => undefined;

    beforeEach(async () => {
      bench = await setup();
    });
    afterEach(async () => {
      await bench.idle();
      await bench.close();
    });

    function start(request: ChatRequest): Talk {
      const deltas: string[] = [];
      const stopper = new AbortController();
      const outcome = bench.backend.chat(request, { signal: stopper.signal, onText: (delta) => deltas.push(delta) });
      return { outcome, deltas, abort: () => stopper.abort() };
    }

    /** Asks and checks what holds for every finished call. */
    async function finish(request: ChatRequest): Promise<ChatOutcome & { readonly kind: 'finished' }> {
      const { outcome, deltas } = start(request);
      const ended = await outcome;
      if (ended.kind !== 'finished') assert.fail(`${ended.failure.message} ${ended.failure.whatToDo}`);
      assert.equal(deltas.join(''), ended.text, 'the pieces handed out are the text');
      checkUsage(ended);
      if (has('reportedUsage') || !has('generation')) assert.equal(ended.usage.known, true);
      return ended;
    }

    it('declares exactly these features', () => {
      assert.deepEqual(
        FEATURES.filter((feature) => hasFeature(bench.backend.description, feature)),
        FEATURES.filter(has),
      );
      assert.equal(bench.backend.embed !== undefined, has('embeddings'));
    });

    it('as orchestrator decides about a request in JSON', async () => {
      bench.script({ kind: 'json', value: PLAN });
      const { text, finish: how } = await finish(decomposeRequest());
      const reply = JSON.parse(text) as typeof PLAN;
      assert.deepEqual([how, reply.decision, reply.tasks[0]?.inputs], ['stop', 'plan', [{ path: FILE.path }]]);
    });

    it('as worker does a task from its brief and its inputs', async () => {
      bench.script({ kind: 'text', text: 'The port is read in src/server.ts:4; it is 8080 when nobody sets it.' });
      const { text, finish: how, toolCalls } = await finish(taskRequest());
      assert.deepEqual([how, toolCalls], ['stop', []]);
      assert.ok(text.includes('src/server.ts') && text.includes('8080'), text);
    });

    it('as orchestrator writes one answer from results, and is told what is missing', async () => {
      bench.script({
        kind: 'text',
        text: 'It is read in src/server.ts; 8080 is the default. The tests were not read.',
      });
      const { text } = await finish(synthesizeRequest());
      assert.ok(text.includes('src/server.ts') && text.includes('8080'), text);
    });

    it('makes no call, and says cancelled, when it was called off before', async () => {
      const stopper = new AbortController();
      stopper.abort();
      const outcome = await bench.backend.chat(taskRequest(), {
        signal: stopper.signal,
        onText: () => assert.fail('text after the end'),
      });
      assert.equal(outcome.kind === 'failed' && outcome.failure.reason, 'cancelled');
      assert.deepEqual([outcome.usage.inputTokens + outcome.usage.outputTokens, bench.prompts()], [0, []]);
      const checked = await bench.backend.check(stopper.signal);
      assert.equal(!checked.ok && checked.error.reason, 'cancelled');
    });

    it('can be checked, which calls no model', async () => {
      const checked = await bench.backend.check(new AbortController().signal);
      assert.ok(checked.ok, JSON.stringify(checked));
      assert.ok(checked.value.ms >= 0 && Array.isArray(checked.value.models));
      assert.deepEqual(bench.prompts(), []);
    });

    withFeature('generation')('shows the model every message, in order and unchanged', async () => {
      bench.script({ kind: 'text', text: 'Seen.' });
      const awkward = 'a "quoted" \\ back\\slash\n\ttab </s> <|im_end|> 日本語 🎉';
      await finish(
        conversation([
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'first' },
          { role: 'assistant', content: 'second' },
          { role: 'user', content: awkward },
        ]),
      );
      const [prompt = ''] = bench.prompts();
      const places = ['Be brief.', 'first', 'second', awkward].map((text) => prompt.indexOf(text));
      assert.ok(
        places.every((place, at) => place >= 0 && place >= (places[at - 1] ?? 0)),
        `${places.join()} in ${prompt}`,
      );
      assert.equal(bench.prompts().length, 1);
    });

    withFeature('generation')('ends at once when it is called off, with the text so far', async () => {
      bench.script({ kind: 'hold', text: 'half an answer' });
      const talk = start(conversation([{ role: 'user', content: 'hello' }]));
      await until(() => talk.deltas.join('') === 'half an answer');
      talk.abort();
      const outcome = await talk.outcome;
      assert.equal(outcome.kind === 'failed' && outcome.failure.reason, 'cancelled');
      assert.equal(outcome.kind === 'failed' && outcome.partialText, 'half an answer');
      assert.ok(
        outcome.usage.inputTokens > 0 && outcome.usage.outputTokens > 0 && !outcome.usage.known,
        JSON.stringify(outcome.usage),
      );
      await bench.idle();
    });

    withFeature('generation')(
      'gives a failure, not an exception, when the model fails, naming the backend and what to do',
      async () => {
        bench.script({ kind: 'fail' });
        const outcome = await start(taskRequest()).outcome;
        if (outcome.kind !== 'failed') return assert.fail('it did not fail');
        const { failure } = outcome;
        assert.ok(
          failure.message.includes(bench.backend.description.id) && failure.whatToDo.length > 10,
          JSON.stringify(failure),
        );
        assert.equal(failure.backend, bench.backend.description.id);
      },
    );

    it('keeps calls apart that are made at the same time', async () => {
      bench.script({ kind: 'text', text: 'The same for everybody: src/server.ts.' });
      const talks = Array.from({ length: 4 }, () => finish(taskRequest()));
      const texts = (await Promise.all(talks)).map(({ text }) => text);
      assert.equal(new Set(texts).size, 1);
    });

    withFeature('streaming')('hands text out in pieces', async () => {
      bench.script({ kind: 'text', text: 'One two three four five six seven eight nine ten. '.repeat(4) });
      const talk = start(taskRequest());
      await talk.outcome;
      assert.ok(talk.deltas.length > 1, `${talk.deltas.length} piece`);
    });

    withFeature('tools')('asks for a tool, and goes on with its result', async () => {
      const tools = [
        {
          name: 'read_file',
          description: 'Reads a file.',
          parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
        },
      ];
      bench.script({ kind: 'tool', name: 'read_file', arguments: { path: FILE.path } });
      const first = await finish({ ...conversation([{ role: 'user', content: REQUEST }]), tools });
      assert.deepEqual(
        [first.finish, first.toolCalls.map((call) => [call.name, call.arguments])],
        ['tools', [['read_file', { path: FILE.path }]]],
      );
      const [call] = first.toolCalls;
      assert.ok(call !== undefined && call.id !== '');
      bench.script({ kind: 'text', text: 'It is 8080.' });
      const messages: readonly ChatMessage[] = [
        { role: 'user', content: REQUEST },
        { role: 'assistant', content: first.text, toolCalls: first.toolCalls },
        { role: 'tool', content: `the file says ${FILE.text}`, toolCallId: call.id },
      ];
      const second = await finish({ ...conversation(messages), tools });
      assert.deepEqual([second.finish, second.text], ['stop', 'It is 8080.']);
      assert.ok(bench.prompts()[1]?.includes('the file says'));
    });

    withFeature('structuredOutput')(
      'takes a schema for the reply, and calls a reply that was cut a failure',
      async () => {
        bench.script({ kind: 'json', value: PLAN });
        assert.deepEqual(JSON.parse((await finish(decomposeRequest())).text), PLAN);
        if (!has('outputLimit')) return;
        const outcome = await start({ ...decomposeRequest(), maxOutputTokens: 5 }).outcome;
        assert.equal(outcome.kind === 'failed' && outcome.failure.reason, 'truncated-output');
      },
    );

    withFeature('reportedUsage')('charges what the server reports', async () => {
      bench.script({ kind: 'text', text: 'A short answer.' });
      const { usage } = await finish(taskRequest());
      const { inputTokens, outputTokens } = bench.counted?.() ?? assert.fail('the bench does not count');
      assert.deepEqual(usage, { inputTokens, outputTokens, cachedInputTokens: 0, known: true });
    });

    withFeature('outputLimit')('stops at the output limit and says so', async () => {
      bench.script({ kind: 'text', text: 'One two three four five six seven eight nine ten. '.repeat(40) });
      const { finish: how, text } = await finish({ ...taskRequest(), maxOutputTokens: 20 });
      assert.equal(how, 'length');
      assert.ok(estimateTokens(text) <= 40, text);
    });

    withFeature('embeddings')('gives one vector for each text, alike for alike texts', async () => {
      const signal = new AbortController().signal;
      const embedded = await bench.backend.embed?.(
        ['the port is read', 'the port was read', 'bananas are yellow'],
        signal,
      );
      if (embedded?.ok !== true) return assert.fail(JSON.stringify(embedded));
      const [a = [], b = [], c = []] = embedded.value;
      assert.equal(embedded.value.length, 3);
      assert.ok(a.length > 0 && a.length === b.length && cosine(a, b) > cosine(a, c));
      const none = await bench.backend.embed?.([], signal);
      assert.deepEqual(none?.ok === true && none.value, []);
    });
  });
}

function checkUsage({ usage }: ChatOutcome): void {
  const figures = [usage.inputTokens, usage.outputTokens, usage.cachedInputTokens];
  assert.ok(
    figures.every((figure) => Number.isFinite(figure) && figure >= 0) && usage.cachedInputTokens <= usage.inputTokens,
    JSON.stringify(usage),
  );
}

function requestOf(messages: readonly ChatMessage[], subject: Subject): ChatRequest {
  const inputTokensEstimate = messages.reduce((sum, message) => sum + estimateTokens(message.content) + 8, 0);
  return {
    key: { run: 'run', task: 'task', turn: 0, attempt: 0 },
    messages,
    maxOutputTokens: 500,
    inputTokensEstimate,
    subject,
  };
}

function conversation(messages: readonly ChatMessage[]): ChatRequest {
  return requestOf(messages, { kind: 'conversation' });
}

function decomposeRequest(): ChatRequest {
  const subject: Subject = {
    kind: 'decompose',
    want: 'decide',
    request: REQUEST,
    menu: [{ id: 'only', goodAt: [], tier: 'local', cost: 'free', freeSlots: 2 }],
    files: [{ path: FILE.path, bytes: FILE.text.length }],
    attached: [],
    maxTasks: 20,
  };
  const content = `Request: ${REQUEST}\nFiles:\n${FILE.path}\nReply with one JSON object: a decision, and tasks or an answer.`;
  return {
    ...requestOf(
      [
        { role: 'system', content: 'You are the orchestrator.' },
        { role: 'user', content },
      ],
      subject,
    ),
    schema: PLAN_SCHEMA,
  };
}

function taskRequest(): ChatRequest {
  const subject: Subject = { kind: 'task', title: 'Read the server', objective: REQUEST, inputs: [FILE], results: [] };
  return requestOf(
    [
      { role: 'system', content: 'You do one task.' },
      { role: 'user', content: `${REQUEST}\n${FILE.path}\n${FILE.text}` },
    ],
    subject,
  );
}

function synthesizeRequest(): ChatRequest {
  const text = `[src/server.ts:4-6](src/server.ts#L4-L6)\n\n\`\`\`ts\n${FILE.text.split('\n').slice(3, 6).join('\n')}\n\`\`\``;
  const results = [{ task: 'read', title: 'Read the server', text, partial: false }];
  const missing = [{ task: 'tests', title: 'Read the tests', why: 'it was cancelled' }];
  return requestOf([{ role: 'user', content: `Answer: ${REQUEST}\n${text}\nMissing: Read the tests` }], {
    kind: 'synthesize',
    request: REQUEST,
    results,
    missing,
  });
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, at) => sum + value * (y[at] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
