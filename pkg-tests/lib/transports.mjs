// `IceTransport`s of a test: made here, they end with the file, as all that was opened does.
import { after } from 'node:test';
import { IceTransport } from 'icelens/node';

/** Options of a transport over loopback. */
export const LOCAL = { addresses: ['127.0.0.1'] };

/** What ends when the tests of the file have run. */
export const open = [];
after(() => {
  for (const end of open) end();
});

/** A transport that ends with the tests of the file. */
export function transport(options = LOCAL) {
  const made = new IceTransport(options);
  open.push(() => made.stop());
  return made;
}

/** Resolves once `fits` says so, asked now and at each of these events. */
export function until(target, type, fits) {
  return new Promise((resolve) => {
    const look = () => {
      if (!fits()) return;
      target.removeEventListener(type, look);
      resolve();
    };
    target.addEventListener(type, look);
    look();
  });
}
