/** Which URLs a backend may have. What no roster entry can allow is refused here, before a socket is opened. */
import type { Result } from '../base/result.ts';
import { err, ok } from '../base/result.ts';

export interface EndpointRules {
  /** Set only when the user's own settings say so; plain http is otherwise for this machine alone. */
  readonly allowPlainHttp: boolean;
}

/** `why` completes the sentence "The URL …". */
export interface EndpointRefusal {
  readonly why: string;
}

/**
 * Parses with the same parser that opens the connection, so the two cannot disagree about the host. Names are not
 * resolved: a DNS name that points to an address refused here is not found out.
 */
export function checkEndpoint(text: string, rules: EndpointRules): Result<URL, EndpointRefusal> {
  if (hasControlCharacter(text)) return refuse('has a control character in it');
  if (!URL.canParse(text)) return refuse('is not an absolute URL like https://host/v1');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse(`begins with ${url.protocol} where only https: and http: are possible`);
  if (url.username !== '' || url.password !== '' || /^[^/?#\\]*[/\\]*[^/?#\\]*@/.test(text))
    return refuse('has a user name or password in it; store a key as a secret instead');
  const forbidden = whyForbidden(url.hostname);
  if (forbidden !== undefined) return refuse(forbidden);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !rules.allowPlainHttp) {
    return refuse(
      `is plain http to ${url.host}, which is not this machine; use https, or allow it in your user settings`,
    );
  }
  return ok(url);
}

/** Host and port without credentials or path, for messages; works for any text. */
export function hostOf(text: string): string {
  return URL.canParse(text) ? new URL(text).host : 'an unreadable URL';
}

export function isLoopback(hostname: string): boolean {
  const name = plainName(hostname);
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata.google.internal',
  'metadata',
  'instance-data',
  'instance-data.ec2.internal',
]);
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(['100.100.100.200', '192.0.0.192', '168.63.129.16']);

function whyForbidden(hostname: string): string | undefined {
  const name = plainName(hostname);
  if (name === '') return 'has no host';
  if (METADATA_NAMES.has(name)) return 'names a cloud metadata service';
  const address = ipv4Of(name) ?? name;
  if (METADATA_ADDRESSES.has(address) || /^\[fd00:ec2:/.test(name)) return 'names a cloud metadata service';
  if (/^169\.254\./.test(address) || /^\[fe[89ab]/.test(name))
    return 'names a link-local address, where cloud metadata services are';
  if (/^0\./.test(address) || name === '[::]') return 'names no particular machine; write 127.0.0.1 for this one';
  if (/^(22[4-9]|2[3-5]\d)\./.test(address) || /^\[ff/.test(name))
    return 'names a multicast, broadcast or reserved address';
  return undefined;
}

function plainName(hostname: string): string {
  return hostname.toLowerCase().replace(/\.+$/, '');
}

/** The IPv4 address itself, or the one inside `[::ffff:a.b.c.d]`, which the parser writes as two hex groups. */
function ipv4Of(name: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return name;
  const mapped = /^\[::(?:ffff:(?:0:)?)?([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(name);
  if (mapped === null) return undefined;
  const high = Number.parseInt(mapped[1] ?? '0', 16);
  const low = Number.parseInt(mapped[2] ?? '0', 16);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}

function refuse(why: string): Result<never, EndpointRefusal> {
  return err({ why });
}
