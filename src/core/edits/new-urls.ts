const MOST_URLS = 20;
const LONGEST_URL = 200;
/** JSON may write a slash as `\/`. */
const URL = /\bhttps?:(?:\\?\/){2}[^\s"'`<>(){}[\]|^\\,;]+(?:\\\/[^\s"'`<>(){}[\]|^\\,;]+)*/gi;

/**
 * Addresses that the new text names and the text before did not: at most 20, each cut at 200 characters. Hosts are compared
 * without case; another path or query on a known host is a new address, because an address can carry data out.
 */
export function newUrls(before: string | null, after: string | null): readonly string[] {
  const known = new Set(urlsIn(before ?? ''));
  const found = new Set<string>();
  for (const url of urlsIn(after ?? '')) {
    if (found.size === MOST_URLS) break;
    if (!known.has(url)) found.add(url.length > LONGEST_URL ? `${url.slice(0, LONGEST_URL - 1)}…` : url);
  }
  return [...found];
}

function* urlsIn(text: string): Generator<string> {
  for (const [found] of text.matchAll(URL)) {
    const url = found.replaceAll('\\/', '/').replace(/[.:!?*_~]+$/, '');
    const [, scheme = '', host = '', rest = ''] = /^(https?:\/\/)([^/?#]*)(.*)$/is.exec(url) ?? [];
    if (host !== '') yield `${scheme.toLowerCase()}${host.toLowerCase()}${rest}`;
  }
}
