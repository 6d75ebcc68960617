/** Finds a text that must not be there, also where it was carried in another form. */
import { requestText, type RequestRecord } from '../servers/records.ts';

/** Holds characters that JSON, URLs and base64 each write in another way. */
export function canaryOf(name: string): string {
  return `Zwölf-${name}-"Käse"/7731+`;
}

export function hasCanary(record: RequestRecord, canary: string): boolean {
  return carries(requestText(record), canary);
}

/** As it is, escaped for JSON or a URL, in base64, and in up to three of these one around the other. */
export function carries(text: string, canary: string): boolean {
  for (const view of viewsOf(text, 3)) if (view.includes(canary)) return true;
  return false;
}

function* viewsOf(text: string, depth: number): Generator<string> {
  yield text;
  if (depth === 0) return;
  for (const decode of [fromJson, fromUrl, fromBase64]) {
    const view = decode(text);
    if (view !== '' && view !== text) yield* viewsOf(view, depth - 1);
  }
}

function fromJson(text: string): string {
  return text.replaceAll(/\\(?:u[\da-f]{4}|["\\/bfnrt])/gi, (escape) => String(JSON.parse(`"${escape}"`)));
}

function fromUrl(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}

/** Also where other letters stand right before it. */
function fromBase64(text: string): string {
  const runs = text.match(/[\w+/-]{24,}/g) ?? [];
  return runs
    .flatMap((run) => [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64').toString('utf8')))
    .join('\n');
}
