// npm run build: crate + npm/src → pkg/, the package that npm publishes. With --product also the page and the worker.
import { wasms } from './lib/builds.mjs';
import { fingerprint, unlessFresh } from './lib/fresh.mjs';
import { buildPackage } from './lib/package.mjs';
import { buildProduct } from './lib/product.mjs';
import { isMain, say, script } from './lib/run.mjs';
import { checkSizes } from './lib/sizes.mjs';
import { ensureBuildTools } from './lib/tools.mjs';
import { buildWasm } from './lib/wasm.mjs';

const npm = ['src', 'bin', 'package.json', 'tsconfig.json', 'size-limits.json'].map((name) => `npm/${name}`);
const scripts = ['builds', 'package', 'sizes', 'text'].map((name) => `scripts/lib/${name}.mjs`);
const documents = ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE'];

/** Builds the package; every step is skipped when what it is made of did not change. */
export async function build(env) {
  const names = Object.keys(wasms);
  await Promise.all(names.map((name) => buildWasm(name, env)));
  const outputs = [
    'pkg/package.json',
    'pkg/bin/icelens.js',
    'pkg/dist/index.js',
    'pkg/dist/index.d.ts',
    'node_modules/icelens',
    'www/gen/reading/index.js',
    'www/gen/echo/index.js',
  ];
  const made = names.map((name) => `npm/gen/${name}`);
  const key = fingerprint([...npm, ...scripts, ...documents, ...made, 'package-lock.json']);
  const ran = await unlessFresh('package', key, outputs, async () => {
    await buildPackage();
    await checkSizes();
  });
  say(ran ? 'pkg/ is built' : 'pkg/ is up to date');
}

if (isMain(import.meta.url)) {
  await script(async (args) => {
    await build(await ensureBuildTools());
    if (args.includes('--product')) await buildProduct();
  });
}
