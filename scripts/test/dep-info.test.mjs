// A wasm is made again when a file changed that its build read, and not for others: by what cargo says that it read.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { moving, wasms } from '../lib/builds.mjs';
import { readDepInfo, readList } from '../lib/dep-info.mjs';
import { run } from '../lib/run.mjs';
import { inputsOf, sourcesOf } from '../lib/wasm.mjs';

// A crate like icelens: a workspace, modules by feature, a text made part of the code, a build script.
const CRATE = {
  'Cargo.toml': `[package]
name = "below"
version = "0.1.0"
edition = "2024"
build = "made.rs"
[features]
more = []
[workspace]
members = ["above"]
`,
  'made.rs': 'fn main() { println!("cargo:rerun-if-changed=asked for.txt"); }',
  'asked for.txt': '',
  'src/lib.rs': '#[cfg(feature = "more")]\npub mod more;\npub mod folder;\n#[cfg(test)]\nmod tests;',
  'src/more.rs': 'pub const TEXT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/a text.json"));',
  'src/folder/mod.rs': '#[path = "elsewhere.rs"]\npub mod inner;',
  'src/folder/elsewhere.rs': '',
  'src/tests.rs': '',
  'src/unused.rs': '',
  'a text.json': '{}',
  'above/Cargo.toml': `[package]
name = "above"
version = "0.1.0"
edition = "2024"
[features]
more = ["below/more"]
[dependencies]
below = { path = ".." }
`,
  'above/src/lib.rs': 'pub use below::*;',
};

function crate(t) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'icelens dep-info-')));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(CRATE)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function readBy(folder, ...features) {
  const args = ['build', '--offline', '--lib', '-p', 'above', ...features];
  const env = { CARGO_TARGET_DIR: join(folder, 'target') };
  await run('cargo', args, { cwd: folder, env, capture: true, limit: 120 });
  return readDepInfo(join(folder, 'target/debug/libabove.d'), folder).sort();
}

test('cargo names every file that a build reads, of the crates below it too, and no other', async (t) => {
  const folder = crate(t);
  const always = [
    'above/src/lib.rs',
    'asked for.txt',
    'src/folder/elsewhere.rs',
    'src/folder/mod.rs',
    'src/lib.rs',
    'made.rs',
  ];
  assert.deepEqual(await readBy(folder), always.sort());
  assert.deepEqual(await readBy(folder, '--features', 'more'), [...always, 'a text.json', 'src/more.rs'].sort());
  // Of the features that were built last, also when cargo had nothing to do.
  assert.deepEqual(await readBy(folder), always.sort());
});

test('each build that was made here counts what it reads, and always what decides for all', () => {
  for (const build of Object.keys(wasms))
    assert.ok(readList(sourcesOf(build)), `${build} was made by \`npm run build\``);
  const known = Object.keys({ ...wasms, moving }).filter((build) => readList(sourcesOf(build)) !== null);
  for (const build of known) {
    const inputs = inputsOf(build);
    for (const path of ['Cargo.toml', 'Cargo.lock', 'wasm/Cargo.toml', 'rust-toolchain.toml', 'build.rs', '.cargo']) {
      assert.ok(inputs.includes(path), `${build}: ${path}`);
    }
    for (const path of ['src/lib.rs', 'wasm/src/lib.rs']) assert.ok(inputs.includes(path), `${build}: ${path}`);
    const simulates = inputs.includes('src/sim/scenario/builtin.rs');
    assert.equal(simulates, build === 'sim', build);
    assert.equal(
      inputs.some((path) => path.startsWith('src/sim/scenarios/')),
      build === 'sim',
      build,
    );
  }
});
