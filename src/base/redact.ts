/** Takes a secret out of text, in every form in which a server could send it back. */

const MARK = '[redacted]';
/** Shorter ones would take ordinary words out of the text. */
const SHORTEST_SECRET = 4;

export interface Redactor {
  /** `text` with every form of every secret replaced. */
  redact(text: string): string;
  /** How many characters at the end of `text` may be the beginning of a secret: to be held back while more may come. */
  pendingLength(text: string): number;
}

const NO_SECRETS: Redactor = { redact: (text) => text, pendingLength: () => 0 };

export function createRedactor(secrets: readonly string[]): Redactor {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length);
  if (forms.length === 0) return NO_SECRETS;
  const longest = forms[0]?.length ?? 0;
  return {
    redact(text) {
      let clean = text;
      for (const form of forms) clean = clean.replaceAll(form, MARK);
      return clean;
    },
    pendingLength(text) {
      for (let length = Math.min(longest - 1, text.length); length > 0; length--) {
        const tail = text.slice(-length);
        if (forms.some((form) => form.startsWith(tail))) return length;
      }
      return 0;
    },
  };
}

function formsOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST_SECRET) return [];
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    json,
    json.replaceAll('/', '\\/'),
    encodeUri(secret),
    encodeUri(secret).replaceAll('%20', '+'),
    ...base64FormsOf(secret),
  ];
}

/** The secret inside a longer base64 text can stand at three offsets; the characters it shares with its neighbours are left out. */
function base64FormsOf(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  return [0, 1, 2].flatMap((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const text = btoa(String.fromCharCode(...padded)).replace(/=+$/, '');
    const first = offset === 0 ? 0 : offset + 1;
    const wholeGroups = Math.floor((padded.length * 8) / 6);
    const form = text.slice(first, wholeGroups);
    return form.length < SHORTEST_SECRET ? [] : [form, form.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function encodeUri(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
