import { sha256 as hashNow } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** Longer texts are hashed in another thread. */
const AT_ONCE_CHARS = 64 * 1024;

/** SHA-256 of the bytes, hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))));
}

/** SHA-256 of the UTF-8 text, hex. A short text costs no turn of the event loop. */
export async function sha256OfText(text: string): Promise<string> {
  const bytes = utf8ToBytes(text);
  return text.length <= AT_ONCE_CHARS ? bytesToHex(hashNow(bytes)) : sha256(bytes);
}
