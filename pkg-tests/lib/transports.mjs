// `IceTransport`s of a test: made here, they end with the file.
import { IceTransport } from 'icelens/node';
import { open } from './ends.mjs';

/** Options of a transport over loopback. */
export const LOCAL = { addresses: ['127.0.0.1'] };

/** A transport that ends with the tests of the file. */
export function transport(options = LOCAL) {
  const made = new IceTransport(options);
  open.push(() => made.stop());
  return made;
}
