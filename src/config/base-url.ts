import { err, ok, type Result } from '../base/result.ts';
import { hidden, looksLikeKey, show, type Fault } from './problem.ts';
import type { Level } from './raw-settings.ts';

/** Where a backend is called. */
export interface Endpoint {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** `https://host:port`; secrets are bound to it. */
  readonly origin: string;
  /** Host, and port where it is not the protocol's own. */
  readonly host: string;
  readonly isLoopback: boolean;
  /** True for `http:` to another machine, which only the user's own settings may ask for. */
  readonly isPlainHttp: boolean;
}

const EXPECTED = 'an address such as "https://api.example.com/v1"';

/**
 * Checks an address: https anywhere, http on this machine, and http to another machine only from the user's own
 * settings. Refuses what would hide where data goes (user names, fragments, control characters) and the link-local
 * addresses that cloud machines keep their credentials at. Names are not resolved. The guarded fetch of the backends
 * checks again before each connection; here the entry is refused with its place in the settings.
 */
export function checkBaseUrl(text: string, level: Level): Result<Endpoint, Fault> {
  if (hasUnfitCharacter(text))
    return err(faultOf(text, EXPECTED, 'Take the spaces, control characters and backslashes out of the address.'));
  if (!URL.canParse(text))
    return err(faultOf(text, EXPECTED, 'Write the whole address, beginning with https:// or http://.'));
  const url = new URL(text);
  const fault = faultOfForm(url, text) ?? faultOfHost(url, text) ?? faultOfPlainHttp(url, text, level);
  if (fault !== undefined) return err(fault);
  const isLoopback = isLoopbackHost(url.hostname);
  return ok({
    baseUrl: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    origin: url.origin,
    host: url.host,
    isLoopback,
    isPlainHttp: url.protocol === 'http:' && !isLoopback,
  });
}

/** Is this host name or address the machine itself? Names below `localhost` are not: a resolver may send them elsewhere. */
function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (addressOf(hostname)?.startsWith('127.') ?? false);
}

function hasUnfitCharacter(text: string): boolean {
  return /[\s\p{Cc}\\]/u.test(text);
}

function faultOfForm(url: URL, text: string): Fault | undefined {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return faultOf(text, EXPECTED, 'Use https://, or http:// for a server on this machine.');
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/]*@/.test(text)) {
    return {
      expected: 'an address without a user name or password',
      got: `one with credentials for ${show(url.host)} (not shown)`,
      whatToDo: 'Take the part before "@" out, and name the key in "apiKey" as "secret:NAME" or "env:NAME".',
    };
  }
  if (text.includes('?') || text.includes('#')) {
    return {
      expected: 'an address without "?" or "#"',
      got: `one for ${show(url.host)} with more behind it (not shown)`,
      whatToDo: 'Cut the address off before "?" or "#"; a key belongs into "apiKey" as "secret:NAME" or "env:NAME".',
    };
  }
  return undefined;
}

function faultOfHost(url: URL, text: string): Fault | undefined {
  const host = url.hostname;
  const address = addressOf(host) ?? host;
  if (/^0\./.test(address) || host === '[::]')
    return faultOf(text, 'an address that can be called', 'Write 127.0.0.1 for a server on this machine.');
  if (host.endsWith('.'))
    return faultOf(text, 'a host name without a dot at its end', 'Take the last dot of the host name away.');
  if (LINK_LOCAL.some((pattern) => pattern.test(address))) {
    return faultOf(
      text,
      'the address of a model server',
      'Name another address: this one belongs to link-local or cloud services that hold credentials.',
    );
  }
  if (/^(?:22[4-9]|2[3-5]\d)\./.test(address) || host.startsWith('[ff'))
    return faultOf(
      text,
      'the address of one machine',
      'Name another address: this one is reserved or reaches many machines.',
    );
  return undefined;
}

const LINK_LOCAL = [
  /^169\.254\./,
  /^\[fe[89ab][0-9a-f]:/,
  /^\[fd00:ec2:/,
  /^100\.100\.100\.200$/,
  /^192\.0\.0\.192$/,
  /^168\.63\.129\.16$/,
  /^metadata(?:\.google\.internal)?$/,
  /^instance-data(?:\.ec2\.internal)?$/,
];

/** The IPv4 address that a host is, also when it is written inside an IPv6 one (`[::ffff:7f00:1]`). */
function addressOf(hostname: string): string | undefined {
  if (/^\d+(?:\.\d+){3}$/.test(hostname)) return hostname;
  const mapped = /^\[::(?:ffff:(?:0:)?)?([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname);
  if (mapped === null) return undefined;
  const [high, low] = [mapped[1], mapped[2]].map((group) => Number.parseInt(group ?? '0', 16));
  return [(high ?? 0) >> 8, (high ?? 0) & 255, (low ?? 0) >> 8, (low ?? 0) & 255].join('.');
}

function faultOfPlainHttp(url: URL, text: string, level: Level): Fault | undefined {
  if (url.protocol === 'https:' || isLoopbackHost(url.hostname) || level === 'user') return undefined;
  return faultOf(
    text,
    'https, or http to this machine (127.0.0.1)',
    'Use https, or move this entry into your user settings: a workspace may not send text unencrypted.',
  );
}

function faultOf(text: string, expected: string, whatToDo: string): Fault {
  return { expected, got: text.includes('@') || looksLikeKey(text) ? hidden(text) : show(text), whatToDo };
}
