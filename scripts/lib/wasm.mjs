// crate → npm/gen/<build>/icelens_bg.wasm and its glue.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { builds } from './builds.mjs';
import { fingerprint, unlessFresh } from './fresh.mjs';
import { ask, Problem, root, run, say } from './run.mjs';
import { lockedVersion } from './tools.mjs';

const TARGET = 'wasm32-unknown-unknown';
const inputs = ['src', 'wasm', 'Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'scripts/lib/wasm.mjs'];

async function bindgen(build, profile, env) {
  const out = `npm/gen/${build}`;
  rmSync(join(root, out), { recursive: true, force: true });
  await run(
    'wasm-bindgen',
    ['--target', 'web', '--omit-default-module-path', '--remove-name-section', '--remove-producers-section'].concat([
      '--out-dir',
      out,
      '--out-name',
      'icelens',
      `target/${TARGET}/${profile}/icelens_wasm.wasm`,
    ]),
    { env },
  );
  const [glue, file] = [join(root, out, 'icelens.js'), join(root, out, 'icelens_bg.wasm')];
  if (takesNumbers(file)) await dropGlue(file, glue);
  else patchGlue(glue);
  return file;
}

const TABLE = '__wbindgen_init_externref_table';

/** True when no export passes JavaScript values: all that the wasm imports then is what fills the table of such values. */
function takesNumbers(file) {
  return WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(file))).every(({ name }) => name === TABLE);
}

/** Takes out the table of JavaScript values, which nothing uses, and with it the glue that fills it. */
async function dropGlue(file, glue) {
  const names = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(file))).map(({ name }) => name);
  const used = names.filter((name) => !name.startsWith('__'));
  const nodes = used.map((name) => ({ name, export: name }));
  const graph = `${file}.json`;
  writeFileSync(graph, JSON.stringify([{ name: 'package', root: true, reaches: used }, ...nodes]));
  const tool = 'node_modules/binaryen/bin/wasm-metadce';
  await run('node', [tool, file, '--graph-file', graph, '-o', file], { capture: true });
  rmSync(graph);
  writeFileSync(
    glue,
    `export function initSync({ module }) {
  if (!(module instanceof WebAssembly.Module)) module = new WebAssembly.Module(module);
  return new WebAssembly.Instance(module).exports;
}
`,
  );
}

// Calls before `init()` (icelens/slim) should say what to do, and not that undefined has no __wbindgen_malloc.
const sayWhatToDo = [
  [
    'let wasmModule, wasmInstance, wasm;',
    `const missing = new Proxy({}, { get() { throw new Error('icelens/slim: call init() or initSync() before anything else'); } });
let wasmModule, wasmInstance, wasm = missing;`,
  ],
  ['if (wasm !== undefined) return wasm;', 'if (wasm !== missing) return wasm;'],
];

function patchGlue(file) {
  let text = readFileSync(file, 'utf8');
  for (const [from, to] of sayWhatToDo) {
    if (!text.includes(from)) throw new Problem(`the glue of wasm-bindgen no longer has "${from}": change sayWhatToDo`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(file, text);
}

// Speed and size levels each win on some code: keep the one that compresses better. No feature flags: wasm-opt reads
// the module's own list, and --all-features makes files that Node 20 refuses. Engines do not read the list.
async function optimise(file) {
  const levels = ['-O3', '-Oz'];
  const made = await Promise.all(
    levels.map(async (level) => {
      const out = `${file}${level}`;
      await run(
        'node',
        ['node_modules/binaryen/bin/wasm-opt', level, '--converge', '--strip-target-features', file, '-o', out],
        {
          capture: true,
        },
      );
      const bytes = readFileSync(out);
      rmSync(out);
      return { level, bytes, brotli: brotliCompressSync(bytes).length };
    }),
  );
  const best = made.reduce((a, b) => (b.brotli < a.brotli ? b : a));
  writeFileSync(file, best.bytes);
}

/**
 * Where cargo, the toolchain and the sources are is no part of the wasm: the same sources give the same bytes in any folder.
 * The flags hold for the wasm alone, not for what runs while compiling.
 */
export async function anywhere(folder = root, cargo = process.env.CARGO_HOME || join(homedir(), '.cargo')) {
  const sysroot = await ask('rustc', ['--print', 'sysroot']);
  const places = { '/icelens': folder.replace(/[\\/]$/, ''), '/cargo': cargo, '/rust': sysroot };
  const flags = Object.entries(places).map(([name, path]) => `--remap-path-prefix=${path}=${name}`);
  return { CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') };
}

/** What cargo is told to compile a build. */
export function cargoArgs(build) {
  const { features, profile = 'wasm' } = builds[build];
  const what = ['-p', 'icelens-wasm', '--lib', '--crate-type', 'cdylib', '--profile', profile, '--target', TARGET];
  return ['rustc', '--locked', ...what, '--no-default-features', '--features', features];
}

/** Compiles one build unless nothing it is made of changed. */
export async function buildWasm(build, env) {
  const { features, profile = 'wasm' } = builds[build];
  const key = fingerprint(inputs, features, profile, lockedVersion('wasm-bindgen'));
  const out = `npm/gen/${build}`;
  await unlessFresh(`wasm-${build}`, key, [`${out}/icelens_bg.wasm`, `${out}/icelens.js`], async () => {
    say(`compiling the ${build} wasm (features ${features})`);
    await run('cargo', cargoArgs(build), { env: { ...env, ...(await anywhere()) } });
    const file = await bindgen(build, profile, env);
    await optimise(file);
  });
}
