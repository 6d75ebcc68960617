/** A stored secret as text: its value with the origin it may be sent to. Pure. */
export interface BoundSecret {
  readonly value: string;
  /** `https://host:port` */
  readonly origin: string;
}

const PREFIX = 'orchestrator.secret.';

export function storageKey(name: string): string {
  return PREFIX + name;
}

/** Undefined for what others keep in the same storage. */
export function nameOfKey(key: string): string | undefined {
  return key.startsWith(PREFIX) && key.length > PREFIX.length ? key.slice(PREFIX.length) : undefined;
}

export function writeSecret({ value, origin }: BoundSecret): string {
  return JSON.stringify({ value, origin });
}

/** Undefined when it is no such record: a secret without an origin is sent nowhere. */
export function readSecret(text: string): BoundSecret | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || !('value' in json) || !('origin' in json)) return undefined;
  const { value, origin } = json;
  return typeof value === 'string' && value !== '' && typeof origin === 'string' && originOf(origin) === origin
    ? { value, origin }
    : undefined;
}

/** `https://host:port` of an address, without the port where it is the protocol's own; undefined when it has none. */
function originOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { origin, protocol } = new URL(address);
  return protocol === 'https:' || protocol === 'http:' ? origin : undefined;
}

/** A key as it was pasted, without the blanks and line breaks around it; undefined when that leaves no usable one. */
export function cleanKey(pasted: string): string | undefined {
  const key = pasted.trim();
  return /^[\u0021-\u007e]{1,4096}$/.test(key) ? key : undefined;
}
