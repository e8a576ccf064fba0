// worker/src → worker/dist: one module and the wasm beside it, as deployed and as tested.
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');

// The package imports its wasm for the runtime to compile: leave the import, and put the file where it then points.
const keepWasm = {
  name: 'keep-wasm',
  setup(bundle) {
    bundle.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
      copyFileSync(join(resolveDir, path), join(dist, basename(path)));
      return { path: `./${basename(path)}`, external: true };
    });
  },
};

const common = { bundle: true, format: 'esm', target: 'es2022', outdir: dist, logLevel: 'warning' };

/** Bundles the worker, and the same handler for Node. */
export async function buildWorker() {
  mkdirSync(dist, { recursive: true });
  await build({
    ...common,
    entryPoints: [join(here, 'src/cloudflare.ts')],
    conditions: ['workerd'],
    plugins: [keepWasm],
  });
  await build({ ...common, entryPoints: [join(here, 'src/node.ts')], platform: 'node', external: ['ws'] });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWorker();
