/** SHA-256 of a file, in a thread of its own. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Largest file hashed by the browser itself, which wants all of it at once but is many times faster, bytes. */
const WHOLE = 128 << 20;

/** As the browser has it: only where the page came over HTTPS or from this machine. */
async function native(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
}

async function inParts(file: Blob): Promise<Uint8Array> {
  const hash = sha256.create();
  const reader = file.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return hash.digest();
    hash.update(value);
  }
}

/** A file comes, its digest in hex goes; null when it can't be read. */
self.onmessage = async ({ data: file }: MessageEvent<Blob>) => {
  const way = file.size <= WHOLE && 'subtle' in crypto ? native : inParts;
  self.postMessage(await way(file).then(bytesToHex, () => null));
};
