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
import { bundles } from './builds.mjs';
import { manifest } from './manifest.mjs';
import { notices } from './notices.mjs';
import { Problem, root, run } from './run.mjs';

const source = join(root, 'npm/src');
const dist = join(root, 'pkg/dist');
/** The part of the package that the page alone has. */
const pageDist = join(root, 'www/gen');
const generated = (build, file) => join(root, 'npm/gen', build, file);

const suffix = { inline: '', workerd: '.workerd', none: '' };

/** Source of `#wasm/NAME` by the variant of a bundle. */
const wasmModule = {
  inline: ({ build }) => `
import { instantiate as glue } from 'glue:${build}';
import { compiled } from 'wasm-module:${build}';
export const instantiate = () => glue(compiled());`,
  workerd: ({ build }) => `
import { instantiate as glue } from 'glue:${build}';
import module from './${build}.wasm';
export const instantiate = () => glue(module);`,
  none: ({ build, name }) => `
import { instantiate as glue } from 'glue:${build}';
import { given } from './given.js';
export const instantiate = () => glue(given('${name}'));`,
};

/** A module is compiled once, for all that need it, and instantiated again after a trap. */
const compiled = (build) => `
import text from 'wasm-text:${build}';
import { decode } from './embedded.js';
let module;
export const compiled = () => (module ??= new WebAssembly.Module(decode(text)));`;

const NUMBERS_ALONE =
  /^function (\w+)\([^)]*\) \{\n +(?:const ret = )?wasm\.\1\([^)]*\);\n(?: +return ret(?: >>> 0)?;\n)?\}\n/gm;

/**
 * The glue of a build in which some exports take numbers alone and others objects: those of numbers are called as they
 * are, like those of a build that has no others.
 */
function mixedGlue(build) {
  const text = readFileSync(generated(build, 'icelens.js'), 'utf8');
  const plain = [...text.matchAll(NUMBERS_ALONE)].map(([, name]) => name);
  if (!plain.includes('area_places')) return text;
  return text.replaceAll(NUMBERS_ALONE, '').replace(/^return \{ (.*) \};$/m, (_, names) => {
    const others = names.split(', ').filter((name) => !plain.includes(name));
    return `return { ...wasm, ${others.join(', ')} };`;
  });
}

const TYPES = { Host: 'host', ServerReflexive: 'srflx', PeerReflexive: 'prflx', Relayed: 'relay' };

/** Source of `#preferences`: the type preferences that the crate has. */
function preferences() {
  const text = readFileSync(join(root, 'src/candidate/priority.rs'), 'utf8');
  const found = [...text.matchAll(/CandidateType::(\w+) => (\d+),/g)].map(([, type, number]) => [
    TYPES[type],
    Number(number),
  ]);
  if (found.length !== 4) throw new Problem('src/candidate/priority.rs is not as it was: change preferences()');
  return `export const typePreferences = ${JSON.stringify(Object.fromEntries(found))};`;
}

/** Sources of `#dumps`: in the bundle; or in a file of its own, which bundlers of the package's users may not be set up for. */
const dumpsWithin = `
import { adviseCapture, adviseDump, readDump } from './scan/dumps.js';
export const dumps = () => ({ adviseCapture, adviseDump, readDump });`;
const dumpsBeside = "export const dumps = () => import('./scan/dumps.js');";

/** Resolves the virtual modules of npm/src for one bundle. */
function virtualModules({ wasm, variant, page, diagnostics = 'diagnostics-table.ts' }) {
  return {
    name: 'icelens',
    setup(bundle) {
      bundle.onResolve({ filter: /^#wasm\/\w+$/ }, ({ path }) => ({ path: path.slice(6), namespace: 'wasm' }));
      bundle.onLoad({ filter: /.*/, namespace: 'wasm' }, ({ path: name }) => ({
        contents: wasmModule[variant]({ name, build: wasm[name] }),
        resolveDir: source,
        loader: 'ts',
      }));
      bundle.onResolve({ filter: /^#diagnostics$/ }, () => ({ path: join(source, diagnostics) }));
      bundle.onResolve({ filter: /^#preferences$/ }, ({ path }) => ({ path, namespace: 'preferences' }));
      bundle.onLoad({ filter: /.*/, namespace: 'preferences' }, () => ({ contents: preferences(), loader: 'js' }));
      bundle.onResolve({ filter: /^#dumps$/ }, ({ path }) => ({ path, namespace: 'dumps' }));
      bundle.onLoad({ filter: /.*/, namespace: 'dumps' }, () => ({
        contents: page ? dumpsBeside : dumpsWithin,
        resolveDir: source,
      }));
      bundle.onResolve({ filter: /^glue:/ }, ({ path }) => ({ path: path.slice(5), namespace: 'glue' }));
      bundle.onLoad({ filter: /.*/, namespace: 'glue' }, ({ path }) => ({ contents: mixedGlue(path), loader: 'js' }));
      bundle.onResolve({ filter: /^wasm-module:/ }, ({ path }) => ({ path: path.slice(12), namespace: 'wasm-module' }));
      bundle.onLoad({ filter: /.*/, namespace: 'wasm-module' }, ({ path: build }) => ({
        contents: compiled(build),
        resolveDir: source,
        loader: 'ts',
      }));
      bundle.onResolve({ filter: /^\.\/\w+\.wasm$/ }, ({ path }) => ({ path, external: true }));
      bundle.onResolve({ filter: /^wasm-text:/ }, ({ path }) => ({ path: path.slice(10), namespace: 'wasm-text' }));
      bundle.onLoad({ filter: /.*/, namespace: 'wasm-text' }, ({ path: build }) => ({
        contents: readFileSync(generated(build, 'icelens.txt')),
        loader: 'text',
      }));
    },
  };
}

async function bundle(name) {
  const esbuild = await import('esbuild');
  const { entries, variant, wasm, page } = bundles[name];
  const entryPoints = entries.map((entry) => ({ in: join(source, `${entry}.ts`), out: `${entry}${suffix[variant]}` }));
  // A file of its own for each import of a wasm: what a bundler does not need of it, it drops with its import.
  if (variant === 'workerd') {
    for (const [need, build] of Object.entries(wasm))
      entryPoints.push({ in: `#wasm/${need}`, out: `wasm-${build}.workerd` });
  }
  const { warnings } = await esbuild.build({
    entryPoints,
    outdir: page ? join(pageDist, name) : dist,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    // Fields that only have types need no code.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    // The package runs anywhere; Node's own modules are met only in the command line and `icelens/node`.
    platform: 'neutral',
    external: ['node:*'],
    chunkNames: `${name}-[hash]`,
    // With its white space the output keeps the marks by which a bundler of its users drops what they don't call.
    minifyIdentifiers: true,
    minifySyntax: true,
    legalComments: 'none',
    plugins: [virtualModules(bundles[name])],
    logLevel: 'warning',
  });
  if (warnings.length > 0) throw new Problem('the package must bundle without warnings');
}

/** Copies the declarations that the entries reach, leaving out those of internals: for modules, and for CommonJS. */
function copyDeclarations(types) {
  const seen = new Set();
  const queue = Object.values(bundles).flatMap(({ entries }) => entries.map((entry) => join(types, `${entry}.d.ts`)));
  while (queue.length > 0) {
    const file = queue.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    const imports = /((?:from|import)\s*\(?['"])(\.[^'"]+)\.js(['"])/g;
    for (const [, , path] of text.matchAll(imports)) queue.push(resolve(dirname(file), `${path}.d.ts`));
    const target = join(dist, relative(types, file));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    // A file named .d.cts in which imports name .cjs: TypeScript lets CommonJS import no module (TS1479).
    writeFileSync(target.replace(/\.d\.ts$/, '.d.cts'), text.replace(imports, '$1$2.cjs$3'));
  }
}

/** Entries for `require`: Node loads the module itself, so that both ways give the same classes. */
function writeRequired({ exports }) {
  for (const { default: main } of Object.values(exports)) {
    if (main === undefined) continue;
    const file = main.replace('./dist/', '');
    const text = `'use strict';\nmodule.exports = require('./${file}');\n`;
    writeFileSync(join(dist, file.replace(/\.js$/, '.cjs')), text);
  }
}

/** A folder for each entry, for those who don't read `exports`: Parcel, and TypeScript with `moduleResolution` `node10`. */
function writeFolders({ exports }) {
  for (const [path, { default: main }] of Object.entries(exports)) {
    if (path === '.' || main === undefined) continue;
    const to = (file) => file.replace('./', '../');
    const folder = join(root, 'pkg', path);
    mkdirSync(folder, { recursive: true });
    const stub = { type: 'module', main: to(main), types: to(main.replace(/\.js$/, '.d.ts')), sideEffects: false };
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(stub, null, 2)}\n`);
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

/** Writes pkg/ from npm/src and the wasm builds. */
export async function buildPackage() {
  for (const folder of [dist, pageDist]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const types = join(root, 'npm/gen/types');
  rmSync(types, { recursive: true, force: true });
  await Promise.all([
    run('node', ['node_modules/typescript/bin/tsc', '-p', 'npm']),
    ...Object.keys(bundles).map(bundle),
  ]);
  copyDeclarations(types);
  const files = new Set(
    Object.values(bundles).flatMap(({ variant, wasm }) => (variant === 'inline' ? [] : Object.values(wasm))),
  );
  for (const name of files) copyFileSync(generated(name, 'icelens_bg.wasm'), join(dist, `${name}.wasm`));
  const written = await manifest();
  writeFileSync(join(root, 'pkg/package.json'), written);
  writeFolders(JSON.parse(written));
  writeRequired(JSON.parse(written));
  writeFileSync(join(root, 'pkg/THIRD-PARTY-NOTICES.md'), await notices());
  cpSync(join(root, 'npm/bin'), join(root, 'pkg/bin'), { recursive: true });
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) {
    if (existsSync(join(root, file))) copyFileSync(join(root, file), join(root, 'pkg', file));
  }
  linkPackage();
}
