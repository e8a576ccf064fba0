// The wasm is the same wherever it is built: another folder and another cargo home give the same bytes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { wasms } from '../lib/builds.mjs';
import { repositoryOf } from '../lib/manifest.mjs';
import { linked } from '../lib/notices.mjs';
import { root, run } from '../lib/run.mjs';
import { ensureRust } from '../lib/tools.mjs';
import { anywhere, cargoArgs } from '../lib/wasm.mjs';

// The build with the fewest crates, not optimised, so that every place in their sources that can panic is named in it.
const BUILD = 'stun';
const QUICK = ['OPT_LEVEL=0', 'LTO=off', 'CODEGEN_UNITS=16'].map((setting) => setting.split('='));

/** Compiles in a folder; returns the wasm. */
async function compile(folder, target, env = {}) {
  const { profile = 'wasm' } = wasms[BUILD];
  const upper = profile.toUpperCase().replace('-', '_');
  const quick = Object.fromEntries(QUICK.map(([name, value]) => [`CARGO_PROFILE_${upper}_${name}`, value]));
  const flags = await anywhere(folder, env.CARGO_HOME);
  const options = { cwd: folder, capture: true, env: { ...env, ...flags, ...quick, CARGO_TARGET_DIR: target } };
  await run('cargo', cargoArgs(BUILD), options);
  return readFileSync(join(target, 'wasm32-unknown-unknown', profile, 'icelens_wasm.wasm'));
}

/** What both places are built in. It is kept, so that cargo compiles again only what changed. */
const folder = join(root, 'target/reproducible');

/** A copy of what is compiled, with the times of its files, and a cargo home of its own whose crates are those of the user's. */
function elsewhere() {
  const sources = join(folder, 'a/much/deeper/folder');
  for (const name of [
    'Cargo.toml',
    'Cargo.lock',
    'rust-toolchain.toml',
    'src',
    'wasm',
    'examples',
    'tests',
    'README.md',
  ]) {
    rmSync(join(sources, name), { recursive: true, force: true });
    cpSync(join(root, name), join(sources, name), { recursive: true, preserveTimestamps: true });
  }
  const home = join(folder, 'home');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home);
  const own = process.env.CARGO_HOME || join(homedir(), '.cargo');
  for (const name of readdirSync(own)) symlinkSync(join(own, name), join(home, name));
  return { sources, home };
}

test('two places, one wasm', async () => {
  await ensureRust();
  const { sources, home } = elsewhere();
  const here = await compile(root, join(folder, 'one'));
  const there = await compile(sources, join(sources, 'target'), { CARGO_HOME: home });
  const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
  assert.equal(hash(there), hash(here));
  assert.ok(here.includes(Buffer.from('/cargo/registry/')), 'the test sees paths of sources');
  for (const place of [root, homedir(), folder]) {
    assert.equal(here.includes(Buffer.from(place)) || there.includes(Buffer.from(place)), false, `${place} is in it`);
  }
});

test('the repository is what the build knows, and never made up', () => {
  const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'owner/name' };
  assert.equal(repositoryOf(github, null).url, 'git+https://github.com/owner/name.git');
  for (const remote of ['https://github.com/owner/name.git', 'git@github.com:owner/name.git']) {
    assert.equal(repositoryOf({}, remote).url, 'git+https://github.com/owner/name.git');
  }
  assert.equal(repositoryOf({}, null), null);
  assert.equal(repositoryOf({}, '/a/folder'), null);
  assert.equal(repositoryOf({}, 'https://user:secret@github.com/owner/name'), null);
});

test('the notices name what is linked, and neither macros nor tools', () => {
  const crate = (id, kind = 'lib', source = 'registry') => ({ id, name: id, source, targets: [{ kind: [kind] }] });
  const dep = (pkg, kind = null) => ({ pkg, dep_kinds: [{ kind }] });
  const packages = [
    crate('icelens-wasm', 'cdylib', null),
    crate('a'),
    crate('b'),
    crate('m', 'proc-macro'),
    crate('d'),
  ];
  const nodes = [
    { id: 'icelens-wasm', deps: [dep('a'), dep('m'), dep('d', 'dev')] },
    { id: 'a', deps: [dep('b'), dep('d', 'build')] },
    { id: 'm', deps: [dep('d')] },
  ];
  assert.deepEqual(
    linked({ packages, resolve: { nodes } }).map(({ name }) => name),
    ['a', 'b'],
  );
});
