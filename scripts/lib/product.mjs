// The page and the worker, built when what they are made of changed.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, unlessFresh } from './fresh.mjs';
import { root, run, say } from './run.mjs';

/** Folder of the built page. */
export const pageFolder = join(root, 'www/dist');

/** What the page is made of: an edited test is no reason to build it anew. */
const pageSources = () =>
  readdirSync(join(root, 'www'))
    .filter((name) => !['tests', 'dist', 'node_modules'].includes(name))
    .map((name) => `www/${name}`);

/** Builds the page and the worker; the package must be there. */
export async function buildProduct() {
  const pkg = ['pkg/dist', 'package-lock.json', 'scripts/lib/product.mjs'];
  const page = fingerprint([...pageSources(), ...pkg]);
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
