import { err, ok, type Result } from '../base/result.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { Level } from './raw-settings.ts';

/** How a roster entry names its key. The key itself never stands in the settings. */
export type SecretRef =
  | { readonly kind: 'none' }
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'env'; readonly name: string };

/** `secret:NAME`, `env:NAME` or `none`. */
export const SECRET_REF_PATTERN = /^(?:none|secret:[A-Za-z0-9][\w.-]{0,63}|env:[A-Za-z_]\w{0,127})$/;

/** Stored secrets. A secret belongs to the origin (`https://host:port`) that it was stored for. */
export interface SecretStore {
  /** Undefined when there is no such secret. */
  get(name: string): Promise<{ readonly value: string; readonly origin: string } | undefined>;
}

/** Undefined when `text` is no reference, for example a raw key. */
export function parseSecretRef(text: string): SecretRef | undefined {
  if (!SECRET_REF_PATTERN.test(text)) return undefined;
  if (text === 'none') return { kind: 'none' };
  const colon = text.indexOf(':');
  const name = text.slice(colon + 1);
  return text.startsWith('env:') ? { kind: 'env', name } : { kind: 'secret', name };
}

export interface SecretSources {
  readonly secrets: SecretStore;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Who wrote the entry: only the user's own may name environment variables. */
  readonly level: Level;
}

/**
 * The key behind a reference, for requests to `origin` and no other. Undefined when the backend needs none. Fails with
 * `secret-origin` when the secret was stored for another origin, and with `unauthorized` when there is no such key;
 * no message holds the key. Call it before a socket is opened.
 */
export async function resolveSecret(
  ref: SecretRef,
  origin: string,
  sources: SecretSources,
): Promise<Result<{ readonly value: string } | undefined, Failure>> {
  switch (ref.kind) {
    case 'none':
      return ok(undefined);
    case 'env':
      return resolveEnv(ref.name, sources);
    case 'secret':
      return resolveStored(ref.name, origin, sources.secrets);
  }
}

function resolveEnv(name: string, sources: SecretSources): Result<{ readonly value: string }, Failure> {
  if (sources.level !== 'user') {
    return err(
      failure('secret-origin', `The workspace's roster asks for the environment variable ${name}.`, {
        whatToDo: 'Move the entry into your user settings, or use "secret:NAME".',
      }),
    );
  }
  const value = sources.env[name]?.trim();
  if (value !== undefined && value !== '') return ok({ value });
  return err(
    failure('unauthorized', `The environment variable ${name} is not set.`, {
      whatToDo: `Set ${name} before the program starts, or change "apiKey" of the backend.`,
    }),
  );
}

async function resolveStored(
  name: string,
  origin: string,
  secrets: SecretStore,
): Promise<Result<{ readonly value: string }, Failure>> {
  const record = await readSecret(name, secrets);
  if (!record.ok) return record;
  const stored = originOf(record.value.origin);
  if (stored === undefined || stored !== originOf(origin)) {
    return err(
      failure(
        'secret-origin',
        `The secret "${name}" was stored for ${stored ?? 'an address that cannot be read'} and is not sent to ${origin}.`,
        {
          whatToDo: `Run "Orchestrator: Add a Backend" to store a key for ${origin} under another name, and name that in "apiKey".`,
        },
      ),
    );
  }
  return ok({ value: record.value.value });
}

async function readSecret(
  name: string,
  secrets: SecretStore,
): Promise<Result<{ readonly value: string; readonly origin: string }, Failure>> {
  try {
    const record = await secrets.get(name);
    if (record !== undefined && record.value !== '') return ok(record);
  } catch {
    // What the store says is left out: it may quote what it holds.
    return err(
      failure('unauthorized', `The secret "${name}" could not be read from the secret storage.`, {
        whatToDo: 'Unlock the keyring of this machine, or run "Orchestrator: Add a Backend" to store the key again.',
      }),
    );
  }
  return err(
    failure('unauthorized', `There is no secret "${name}" on this machine.`, {
      whatToDo: 'Run "Orchestrator: Add a Backend" to store the key.',
    }),
  );
}

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
