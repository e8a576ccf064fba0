/**
 * The address's hash holds the view and, after a slash, its state: JSON, deflated, base64url.
 * Language and theme are this machine's business and stay out.
 */

/** Longest hash written; browsers take more, mail and chat programs do not. */
export const MAX_HASH = 30_000;
/** Most text a hash may inflate to. */
export const MAX_STATE = 4 << 20;

export interface Place {
  view: string;
  /** The packed state, undecoded; null when the hash names the view only. */
  packed: string | null;
}

/** Splits a hash (with or without `#`): the letters it begins with, and what follows a slash. */
export function readHash(hash: string): Place {
  const match = /^#?([a-z]*)(?:\/(.+))?/s.exec(hash.slice(0, MAX_HASH + 64));
  return { view: match?.[1] ?? '', packed: match?.[2] ?? null };
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream, limit: number) {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new RangeError(`over ${limit} bytes`);
    }
    chunks.push(value);
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

/** A hash for a view and its state; null when it would be longer than `MAX_HASH`. */
export async function writeHash(view: string, state: unknown): Promise<string | null> {
  if (state === null || state === undefined) return `#${view}`;
  const json = new TextEncoder().encode(JSON.stringify(state));
  const packed = await through(json, new CompressionStream('deflate-raw'), MAX_STATE);
  const hash = `#${view}/${toBase64Url(packed)}`;
  return hash.length > MAX_HASH ? null : hash;
}

/** The state a hash holds; null when it is not one of ours. The reader still checks every field. */
export async function unpack(packed: string): Promise<unknown> {
  try {
    const bytes = await through(fromBase64Url(packed), new DecompressionStream('deflate-raw'), MAX_STATE);
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
