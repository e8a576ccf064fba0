// npm run build: crate + npm/src → pkg/, the package that npm publishes.
import { builds } from './lib/builds.mjs';
import { fingerprint, unlessFresh } from './lib/fresh.mjs';
import { buildPackage } from './lib/package.mjs';
import { isMain, say, script } from './lib/run.mjs';
import { ensureBuildTools } from './lib/tools.mjs';
import { buildWasm } from './lib/wasm.mjs';

const sources = ['npm/src', 'npm/bin', 'npm/package.json', 'npm/tsconfig.json', 'scripts/build.mjs', 'scripts/lib'];
const inputs = [...sources, 'README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'package-lock.json'];

/** Builds the package; every step is skipped when what it is made of did not change. */
export async function build(env) {
  const names = Object.keys(builds);
  for (const name of names) await buildWasm(name, env);
  const outputs = [
    'pkg/package.json',
    'pkg/dist/index.js',
    'pkg/dist/index.d.ts',
    'pkg/bin/icelens.js',
    'node_modules/icelens',
  ];
  const ran = await unlessFresh(
    'package',
    fingerprint([...inputs, ...names.map((name) => `npm/gen/${name}`)]),
    outputs,
    () => buildPackage(names),
  );
  say(ran ? 'pkg/ is built' : 'pkg/ is up to date');
}

if (isMain(import.meta.url)) await script(async () => build(await ensureBuildTools()));
