// The page and the worker, built when what they are made of changed.
import { join } from 'node:path';
import { fingerprint, unlessFresh } from './fresh.mjs';
import { root, run, say } from './run.mjs';

/** Folder of the built page. */
export const pageFolder = join(root, 'www/dist');

/** Builds the page and the worker; the package must be there. */
export async function buildProduct() {
  const pkg = ['pkg/dist', 'package-lock.json', 'scripts/lib/product.mjs'];
  const page = fingerprint(['www', ...pkg]);
  await unlessFresh('page', page, ['www/dist/index.html'], async () => {
    say('building the page');
    await run('npm', ['run', 'build', '--silent', '--workspace', 'www'], { capture: true });
  });
  const worker = fingerprint(['worker', ...pkg]);
  await unlessFresh('worker', worker, ['worker/dist/cloudflare.js', 'worker/dist/node.js'], async () => {
    say('building the worker');
    await run('node', ['worker/build.mjs']);
  });
}
