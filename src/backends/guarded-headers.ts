export interface BoundSecret {
  readonly value: string;
  /** How it is sent: `Authorization: Bearer …`, or alone in a header of that name. */
  readonly scheme: 'bearer' | { readonly header: string };
}

/** All that a client library may say for itself; everything else it sets is dropped, keys from the environment too. */
const FROM_CLIENT = ['content-type', 'accept'] as const;

/** These say how the message travels, which is not a setting. */
const NOT_FROM_USER =
  /^(host|content-length|content-type|accept|user-agent|transfer-encoding|connection|keep-alive|upgrade|te|trailer|expect|proxy-.*)$/i;

const USER_AGENT = 'orchestrator';

export interface HeaderSources {
  /** What the client library asked for. */
  readonly client: Headers;
  /** `headers` of the roster entry. */
  readonly user: Readonly<Record<string, string>>;
  readonly secret?: BoundSecret;
}

/** Builds the headers anew. An unusable one is named and nothing is sent; its value is not repeated, it may be a key. */
export function buildHeaders(sources: HeaderSources): { readonly headers: Headers } | { readonly badHeader: string } {
  const headers = new Headers({ 'user-agent': USER_AGENT });
  for (const name of FROM_CLIENT) {
    const value = sources.client.get(name);
    if (value !== null) headers.set(name, value);
  }
  for (const [name, value] of Object.entries(sources.user)) {
    if (NOT_FROM_USER.test(name)) continue;
    if (!trySet(headers, name, value)) return { badHeader: name };
  }
  const { secret } = sources;
  if (secret === undefined) return { headers };
  const name = secret.scheme === 'bearer' ? 'authorization' : secret.scheme.header;
  const value = secret.scheme === 'bearer' ? `Bearer ${secret.value}` : secret.value;
  return trySet(headers, name, value) ? { headers } : { badHeader: name };
}

function trySet(headers: Headers, name: string, value: string): boolean {
  try {
    headers.set(name, value);
    return true;
  } catch {
    return false;
  }
}
