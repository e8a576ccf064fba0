// npm/src + npm/gen → pkg/: one bundle per entry and variant, declarations from tsc, the manifest.
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { builds } from './builds.mjs';
import { manifest } from './manifest.mjs';
import { notices } from './notices.mjs';
import { Problem, root, run } from './run.mjs';

const source = join(root, 'npm/src');
const dist = join(root, 'pkg/dist');

const suffix = { inline: '', workerd: '.workerd', none: '' };

/** Resolves the virtual modules of npm/src for one build, and the entries themselves. */
function virtualModules(build) {
  const gen = join(root, 'npm/gen', build);
  return {
    name: 'icelens',
    setup(bundle) {
      bundle.onResolve({ filter: /^entry:/ }, ({ path }) => ({
        path: path.slice('entry:'.length),
        namespace: 'entry',
      }));
      bundle.onLoad({ filter: /.*/, namespace: 'entry' }, ({ path }) => {
        const [variant, module] = path.split(':');
        const init = variant === 'none' ? '' : `import './init-${variant}.js';\n`;
        return { contents: `${init}export * from './${module}.js';\n`, resolveDir: source, loader: 'ts' };
      });
      // The manifest's sideEffects speaks of dist/, and would let the bundler drop the initialisation.
      bundle.onResolve({ filter: /^\.\/init-\w+\.js$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path.replace(/\.js$/, '.ts')),
        sideEffects: true,
      }));
      bundle.onResolve({ filter: /^#glue$/ }, () => ({ path: join(gen, 'icelens.js') }));
      bundle.onResolve({ filter: /^#diagnostics$/ }, () => ({ path: join(source, builds[build].diagnostics) }));
      bundle.onResolve({ filter: /^#wasm-module$/ }, () => ({ path: `./${build}.wasm`, external: true }));
      bundle.onResolve({ filter: /^#wasm-base64$/ }, () => ({ path: 'wasm', namespace: 'base64' }));
      bundle.onLoad({ filter: /.*/, namespace: 'base64' }, () => ({
        contents: readFileSync(join(gen, 'icelens_bg.wasm')).toString('base64'),
        loader: 'text',
      }));
    },
  };
}

async function bundle(build) {
  const esbuild = await import('esbuild');
  const { entries } = builds[build];
  const entryPoints = Object.entries(entries).flatMap(([module, variants]) =>
    variants.map((variant) => ({ in: `entry:${variant}:${module}`, out: `${module}${suffix[variant]}` })),
  );
  const { warnings } = await esbuild.build({
    entryPoints,
    outdir: dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    // Fields that only have types need no code.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    // Only that entry can be called before there is a wasm.
    define: { 'globalThis.icelensSlim': String('slim' in entries) },
    // The package runs anywhere; Node's own modules are met only in the command line.
    platform: 'neutral',
    external: ['node:*'],
    chunkNames: `${build}-[hash]`,
    minify: true,
    legalComments: 'none',
    plugins: [virtualModules(build)],
    logLevel: 'warning',
  });
  if (warnings.length > 0) throw new Problem('the package must bundle without warnings');
}

/** Copies the declarations that the entries reach, leaving out those of internals. */
function copyDeclarations(types) {
  const seen = new Set();
  const queue = Object.values(builds).flatMap(({ entries }) =>
    Object.keys(entries).map((e) => join(types, `${e}.d.ts`)),
  );
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, path] of text.matchAll(/(?:from|import)\s*\(?['"](\.[^'"]+)\.js['"]/g)) {
      queue.push(resolve(dirname(file), `${path}.d.ts`));
    }
    const target = join(dist, relative(types, file));
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(file, target);
  }
}

/** `icelens` resolves to pkg/ for the page, the worker and the tests, as it does for users. */
function linkPackage() {
  const link = join(root, 'node_modules/icelens');
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there?.isSymbolicLink()) return;
  if (there) rmSync(link, { recursive: true });
  symlinkSync(join(root, 'pkg'), link, 'junction');
}

/** Writes pkg/ from the wasm builds named. */
export async function buildPackage(names) {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const types = join(root, 'npm/gen/types');
  rmSync(types, { recursive: true, force: true });
  await Promise.all([run('node', ['node_modules/typescript/bin/tsc', '-p', 'npm']), ...names.map(bundle)]);
  copyDeclarations(types);
  for (const name of names) copyFileSync(join(root, 'npm/gen', name, 'icelens_bg.wasm'), join(dist, `${name}.wasm`));
  writeFileSync(join(root, 'pkg/package.json'), await manifest());
  writeFileSync(join(root, 'pkg/THIRD-PARTY-NOTICES.md'), await notices());
  cpSync(join(root, 'npm/bin'), join(root, 'pkg/bin'), { recursive: true });
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) {
    if (existsSync(join(root, file))) copyFileSync(join(root, file), join(root, 'pkg', file));
  }
  linkPackage();
}
