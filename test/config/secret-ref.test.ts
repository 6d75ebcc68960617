import assert from 'node:assert/strict';
import { loadConfig } from '../../src/config/load-config.ts';
import { parseSecretRef, resolveSecret, type SecretStore } from '../../src/config/secret-ref.ts';
import { fc, propertyOptions } from '../support/properties.ts';

const KEY = 'sk-canary-0123456789abcdef';
const BOUND = 'https://api.example.com';

function store(records: Readonly<Record<string, { readonly value: string; readonly origin: string }>>): SecretStore {
  return { get: (name) => Promise.resolve(records[name]) };
}

const secrets = store({ openai: { value: KEY, origin: BOUND } });

interface By {
  readonly level?: 'user' | 'workspace';
  readonly env?: Readonly<Record<string, string>>;
}

async function outcome(ref: string, origin: string, { level = 'user', env = {} }: By = {}): Promise<string> {
  const parsed = parseSecretRef(ref);
  if (parsed === undefined) return 'no reference';
  const resolved = await resolveSecret(parsed, origin, { secrets, env, level });
  if (!resolved.ok) assert.ok(!JSON.stringify(resolved.error).includes(KEY), 'a failure repeats the key');
  return resolved.ok ? (resolved.value?.value ?? 'none') : `${resolved.error.reason}: ${resolved.error.message}`;
}

describe('Keys', () => {
  it('are named, never written', () => {
    const texts = [
      'none',
      'secret:openai',
      'env:OPENAI_API_KEY',
      KEY,
      'secret:',
      'env:',
      'env:A-B',
      'secret:a b',
      'SECRET:a',
      'secret:../x',
      ' none',
      'none\n',
      '${env:X}',
    ];
    assert.deepEqual(
      texts.map((text) => parseSecretRef(text)?.kind ?? 'no reference'),
      ['none', 'secret', 'env', ...texts.slice(3).map(() => 'no reference')],
    );
  });

  it('go to the origin they were stored for', async () => {
    assert.equal(await outcome('secret:openai', BOUND), KEY);
    assert.equal(await outcome('secret:openai', `${BOUND}:443`), KEY);
    assert.equal(await outcome('secret:openai', BOUND, { level: 'workspace' }), KEY);
  });

  it('go nowhere else, and the refusal names both origins', async () => {
    assert.equal(
      await outcome('secret:openai', 'https://evil.example'),
      'secret-origin: The secret "openai" was stored for https://api.example.com and is not sent to https://evil.example.',
    );
    for (const origin of [
      'http://api.example.com',
      'https://api.example.com:8443',
      'https://api.example.com.evil.example',
      'https://api.example.com.',
      'not an origin',
    ]) {
      assert.match(await outcome('secret:openai', origin), /^secret-origin: /, origin);
    }
  });

  it('that were stored for something unreadable go nowhere', async () => {
    const resolved = await resolveSecret({ kind: 'secret', name: 'x' }, 'null', {
      secrets: store({ x: { value: KEY, origin: 'null' } }),
      env: {},
      level: 'user',
    });
    assert.equal(resolved.ok ? '' : resolved.error.reason, 'secret-origin');
  });

  it('that are not there are told from those that may not be used', async () => {
    assert.equal(await outcome('secret:other', BOUND), 'unauthorized: There is no secret "other" on this machine.');
    assert.equal(await outcome('env:NOT_SET', BOUND), 'unauthorized: The environment variable NOT_SET is not set.');
    assert.equal(
      await outcome('env:BLANK', BOUND, { env: { BLANK: ' ' } }),
      'unauthorized: The environment variable BLANK is not set.',
    );
    assert.equal(await outcome('none', BOUND), 'none');
  });

  it("in the environment are for the user's own entries", async () => {
    assert.equal(await outcome('env:K', BOUND, { env: { K: ` ${KEY}\n` } }), KEY);
    assert.equal(
      await outcome('env:K', BOUND, { level: 'workspace', env: { K: KEY } }),
      "secret-origin: The workspace's roster asks for the environment variable K.",
    );
  });

  it('stay unread when the store fails, and its words are not repeated', async () => {
    const broken: SecretStore = { get: () => Promise.reject(new Error(`locked; value ${KEY}`)) };
    const resolved = await resolveSecret({ kind: 'secret', name: 'x' }, BOUND, {
      secrets: broken,
      env: {},
      level: 'user',
    });
    assert.deepEqual(
      resolved.ok || resolved.error.message,
      'The secret "x" could not be read from the secret storage.',
    );
  });

  it('go to no address that a workspace makes look like the bound one', async () => {
    const mutation = fc.constantFrom(
      ...[
        'https://api.example.com@evil.example',
        'https://api.example.com.evil.example',
        'https://evil.example#@api.example.com',
        'https://api.example.com\\@evil.example',
        'https://api.example.com%2eevil.example',
      ],
      ...[
        'http://api.example.com',
        'https://api.example.com:444',
        'https://API.EXAMPLE.COM',
        'https://api.example.com.',
        'https://аpi.example.com',
        'https://api.exam\tple.com',
        'https://[::ffff:127.0.0.1]',
        'https://2130706433',
        'https:api.example.com',
        'https:\\\\api.example.com',
      ],
    );
    const run = fc.asyncProperty(
      mutation,
      fc.constantFrom('', '/', '/v1', '//evil.example', '/../..', '?a', '@evil.example', ':443', ':80', '\n'),
      async (start, end) => {
        const { roster } = loadConfig(
          {
            'orchestrator.roster': {
              workspace: [{ id: 'x', provider: 'openai', model: 'm', baseUrl: start + end, apiKey: 'secret:openai' }],
            },
          },
          { isTrusted: true, insideVsCode: true },
        );
        for (const { secretRef, origin, baseUrl, level } of roster) {
          const resolved = await resolveSecret(secretRef, origin ?? '', { secrets, env: {}, level });
          if (resolved.ok && resolved.value !== undefined) assert.equal(new URL(baseUrl ?? '').origin, BOUND);
        }
      },
    );
    await fc.assert(run, propertyOptions('addresses that look alike'));
  });
});
