/** Instantiates the inlined wasm while this module loads. No top-level await, so that `require` works too. */
import { initSync } from '#glue';
import base64 from '#wasm-base64';
import { attach } from './core.js';

// A plain loop: `Uint8Array.from(atob(…), f)` is 27 times slower.
function decode(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

attach(initSync({ module: decode(base64) }));
