// crate → npm/gen/<build>/icelens_bg.wasm and its glue.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { moving, wasms } from './builds.mjs';
import { readDepInfo, readList, writeList } from './dep-info.mjs';
import { fingerprint, stamps, unlessFresh } from './fresh.mjs';
import { ask, Problem, root, run, say } from './run.mjs';
import { lockedVersion } from './tools.mjs';

const TARGET = 'wasm32-unknown-unknown';
/** Files that count for every build, whatever it reads; one that is not there counts when it comes. */
const settings = ['Cargo.toml', 'build.rs', '.cargo', 'wasm/Cargo.toml', 'wasm/build.rs', 'wasm/.cargo'].concat([
  'Cargo.lock',
  'rust-toolchain.toml',
  'node_modules/binaryen/package.json',
  'scripts/lib/dep-info.mjs',
  'scripts/lib/wasm.mjs',
  'scripts/lib/text.mjs',
]);
/** All that a build may read. */
const code = ['src', 'wasm'];

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
  else wrapGlue(glue);
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
  writeFileSync(glue, 'export const instantiate = (module) => new WebAssembly.Instance(module).exports;\n');
}

// Functions that read a caller's value and may run code of it: a getter, a proxy, a method such as `toString`.
const READING = ['in', 'jsval_loose_eq']
  .map((name) => `__wbindgen_${name}`)
  .concat([...['Number', 'String', 'done', 'get_unchecked', 'get_with_ref_key', 'isArray', 'length', 'value']]);
const READING_IMPORT = new RegExp(
  `^( *)(__wbg_(?:${READING.join('|')})_[0-9a-f]+: function\\([^)]*\\) \\{)\n([\\s\\S]*?)\n\\1\\},`,
  'gm',
);

const EXPORT = /^export (?=(?:class|function) (\w+))/gm;
// From here on wasm-bindgen loads the wasm, in ways that are not used.
const LOADING = 'let wasmModule, wasmInstance, wasm;';

/**
 * Makes a function of the glue, so that each instance has its own: what is left of an instance that trapped, such as an
 * object to be freed, never reaches the next one.
 */
function wrapGlue(file) {
  const text = readFileSync(file, 'utf8');
  const end = text.indexOf(LOADING);
  const names = [...text.matchAll(EXPORT)].map(([, name]) => name);
  if (end < 0 || names.length === 0) throw new Problem('the glue of wasm-bindgen is not as it was: change wrapGlue');
  // Objects of an instance that trapped are collected too, and freeing them may trap again.
  const body = text
    .slice(0, end)
    .replaceAll(EXPORT, '')
    .replaceAll(
      /new FinalizationRegistry\((\w+) => (wasm\.[^;]+)\);/g,
      'new FinalizationRegistry($1 => { try { $2; } catch {} });',
    )
    // An error that passes through the wasm leaves its stack and its borrows as they were: like a trap, it ends the
    // instance. Describing a value, for an error's message, never throws.
    .replaceAll(
      READING_IMPORT,
      "$1$2\n$1try {\n$3\n$1} catch (cause) { throw new WebAssembly.RuntimeError('a value could not be read', { cause }); }\n$1},",
    )
    .replace(
      'function debugString(val) {',
      '$&\n    try { return describe(val); } catch { return typeof val; }\n}\nfunction describe(val) {',
    )
    // Anything else has no length, or one that is not that of its bytes: memory would be written to nowhere.
    .replace(
      'function passStringToWasm0(arg, malloc, realloc) {',
      "$&\n    if (typeof arg !== 'string') throw new TypeError('a string is expected');",
    )
    .replaceAll(
      /function passArray\w+ToWasm0\(arg, malloc\) \{/g,
      "$&\n    if (!ArrayBuffer.isView(arg) && !Array.isArray(arg)) throw new TypeError('an array is expected');",
    );
  const start = text.includes('__wbindgen_start') ? 'wasm.__wbindgen_start();' : '';
  writeFileSync(
    file,
    `export function instantiate(module) {
${body}
const wasm = new WebAssembly.Instance(module, __wbg_get_imports()).exports;
${start}
return { ${names.join(', ')} };
}
`,
  );
}

// Functions called from one place stay functions: what is left of large ones compresses 1.2 % better.
const INLINED = '--one-caller-inline-max-function-size=40';

// No feature flags: wasm-opt reads the module's own list, and --all-features makes files that Node 20 refuses. Engines do
// not read the list. -Oz makes no build more than 0.1 % smaller in brotli, and some 0.5 % larger: it is not tried.
async function optimise(file) {
  const args = ['node_modules/binaryen/bin/wasm-opt', '-O3', INLINED, '--strip-target-features', file, '-o', file];
  await run('node', args, { capture: true });
}

/**
 * Flags that keep the folders of cargo, the toolchain and the sources out of the wasm: the same sources give the same
 * bytes in any folder.
 * The flags hold for the wasm alone, not for what runs while compiling.
 */
export async function anywhere(folder = root, cargo = process.env.CARGO_HOME || join(homedir(), '.cargo')) {
  const sysroot = await ask('rustc', ['--print', 'sysroot']);
  const places = { '/icelens': folder.replace(/[\\/]$/, ''), '/cargo': cargo, '/rust': sysroot };
  const flags = Object.entries(places).map(([name, path]) => `--remap-path-prefix=${path}=${name}`);
  return { CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') };
}

const rowOf = (build) => ({ ...wasms, moving })[build];

/** Arguments with which cargo compiles a build. */
export function cargoArgs(build) {
  const { features, profile = 'wasm' } = rowOf(build);
  const what = ['-p', 'icelens-wasm', '--lib', '--crate-type', 'cdylib', '--profile', profile, '--target', TARGET];
  return ['rustc', '--locked', ...what, '--no-default-features', '--features', features];
}

const turns = new Map();

/** Runs `step` when those before it under the same key have ended. */
function inTurn(key, step) {
  const turn = (turns.get(key) ?? Promise.resolve()).then(step);
  turns.set(
    key,
    turn.catch(() => {}),
  );
  return turn;
}

/** The list of files that a build read when it was last compiled. */
export const sourcesOf = (build) => join(stamps, `wasm-${build}.sources`);

/** Paths whose change asks for a build to be made again: every source until it is known which of them it reads. */
export const inputsOf = (build) => [...settings, ...(readList(sourcesOf(build)) ?? code)];

let compiler;

async function keyOf(build) {
  const { features, profile = 'wasm' } = rowOf(build);
  compiler ??= ask('rustc', ['-vV']);
  return fingerprint(inputsOf(build), features, profile, await compiler, lockedVersion('wasm-bindgen'));
}

/** Compiles a build; returns what it is made of, null when a source changed meanwhile: it may have been read before. */
async function compile(build, profile, env) {
  const before = fingerprint(code);
  await run('cargo', cargoArgs(build), { env });
  writeList(sourcesOf(build), readDepInfo(join(root, `target/${TARGET}/${profile}/icelens_wasm.d`), root));
  const made = await keyOf(build);
  return { made: fingerprint(code) === before ? made : null, file: await bindgen(build, profile, env) };
}

/**
 * Compiles one build unless nothing it is made of changed. Several may be asked for at once: cargo compiles one of a
 * profile at a time and leaves it where it leaves the next, what follows the compiler goes on beside that.
 */
export async function buildWasm(build, env) {
  const { features, profile = 'wasm' } = rowOf(build);
  const out = `npm/gen/${build}`;
  const outputs = ['icelens_bg.wasm', 'icelens.js', 'icelens.txt'].map((file) => `${out}/${file}`);
  await unlessFresh(`wasm-${build}`, await keyOf(build), outputs, async () => {
    const flags = await anywhere();
    const { made, file } = await inTurn(profile, () => {
      say(`compiling the ${build} wasm (features ${features})`);
      return compile(build, profile, { ...env, ...flags });
    });
    await optimise(file);
    await run('node', ['scripts/lib/text.mjs', file, join(root, out, 'icelens.txt')]);
    return made;
  });
}
