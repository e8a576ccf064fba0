// Tools that the builds need: each function installs what is missing, or says what to install.
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fingerprint, unlessFresh } from './fresh.mjs';
import { ask, Problem, root, run, say } from './run.mjs';

const WASM_TARGET = 'wasm32-unknown-unknown';
const WASM_PACK = '0.15.1';

/** Node as old as `engines` says is refused with a sentence. */
export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Problem(`Node ${process.versions.node} is too old: install Node 20.19 or newer from https://nodejs.org`);
}

/** Rust with the wasm target. */
export async function ensureRust() {
  // With rustup alone this also installs the toolchain that rust-toolchain.toml names.
  const sysroot = await ask('rustc', ['--print', 'sysroot']);
  if (sysroot !== null && existsSync(join(sysroot, 'lib', 'rustlib', WASM_TARGET))) return;
  if ((await ask('rustup', ['--version'])) === null) {
    throw new Problem(
      `Rust with the target ${WASM_TARGET} is missing: install rustup from https://rustup.rs and run this again`,
    );
  }
  say(`installing the Rust toolchain and its target ${WASM_TARGET}`);
  await run('rustup', ['target', 'add', WASM_TARGET]);
}

/** The version of a crate in Cargo.lock. */
export function lockedVersion(crate) {
  const lock = readFileSync(join(root, 'Cargo.lock'), 'utf8');
  const found = lock.match(new RegExp(`name = "${crate}"\\r?\\nversion = "([^"]+)"`));
  if (found === null) throw new Problem(`Cargo.lock does not name ${crate}`);
  return found[1];
}

function toolDir(crate, version) {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'icelens', `${crate}-${version}`);
}

/** A tool runs for seconds and is compiled for minutes: optimised less, it is there sooner. */
const QUICKLY = { CARGO_PROFILE_RELEASE_OPT_LEVEL: '1' };

/** Installs one version of a crate's binaries into the user's cache; returns the folder they are in. */
async function cargoTool(crate, version, binary, ...flags) {
  const folder = toolDir(crate, version);
  const bin = join(folder, 'bin');
  const file = join(bin, process.platform === 'win32' ? `${binary}.exe` : binary);
  if (existsSync(file)) return bin;
  say(`installing ${crate} ${version} into ${folder} (once; some minutes)`);
  const install = ['install', crate, '--version', `=${version}`, '--root', folder, ...flags];
  const how = { cwd: homedir(), env: QUICKLY };
  // With the versions that its authors tested; wasm-bindgen-cli 0.2.130 locks a dependency that some compilers refuse.
  const { code } = await run('cargo', [...install, '--locked'], { ...how, mayFail: true });
  if (code === 0) return bin;
  say(`${crate} ${version} does not build with the versions it locks: building it with the newest that fit`);
  await run('cargo', install, how);
  return bin;
}

/** The folder of `wasm-bindgen` and `wasm-bindgen-test-runner` of exactly the version in Cargo.lock; '' when they are on PATH. */
export async function ensureWasmBindgen() {
  const version = lockedVersion('wasm-bindgen');
  const runner = await ask('wasm-bindgen-test-runner', ['--version']);
  const onPath = await ask('wasm-bindgen', ['--version']);
  if (onPath === `wasm-bindgen ${version}` && runner?.endsWith(` ${version}`)) return '';
  // The features are TLS, for a browser's driver on another machine.
  return cargoTool('wasm-bindgen-cli', version, 'wasm-bindgen', '--no-default-features');
}

/** npm packages as package-lock.json says. */
export async function ensurePackages() {
  const manifests = [
    'package.json',
    'package-lock.json',
    'www/package.json',
    'worker/package.json',
    'pkg-tests/package.json',
  ];
  await unlessFresh('npm-install', fingerprint(manifests), ['node_modules/.package-lock.json'], async () => {
    say('installing npm packages');
    // `ci` and not `install`, which rewrites the lock for the platform it runs on.
    await run('npm', ['ci', '--loglevel=error']);
  });
}

/** Everything a build needs. Returns the environment to build in. */
export async function ensureBuildTools() {
  checkNode();
  await ensureRust();
  const [bin] = await Promise.all([ensureWasmBindgen(), ensurePackages()]);
  return toolEnv(bin);
}

// Programs the tests drive: Debian package → the binary that shows it is there.
const debianTools = {
  chromium: 'chromium',
  'chromium-headless-shell': 'chromium-headless-shell',
  'chromium-driver': 'chromedriver',
  'firefox-esr': 'firefox-esr',
  coturn: 'turnserver',
  'stun-client': 'stun',
  tshark: 'tshark',
  nftables: 'nft',
  iproute2: 'ip',
  'netcat-openbsd': 'nc',
};

/** Whether a program is on PATH, or in the folders of system tools that a user's PATH may leave out. */
export function hasProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/games'];
  return folders.some((folder) => existsSync(join(folder, name)));
}

async function installDebianTools() {
  const missing = Object.keys(debianTools).filter((name) => !hasProgram(debianTools[name]));
  if (missing.length === 0) return;
  if (!hasProgram('apt-get') || process.getuid?.() !== 0) {
    say(
      `not here: ${missing.join(', ')}. Tests that need them are skipped. On Debian: sudo apt-get install ${missing.join(' ')}`,
    );
    return;
  }
  say(`installing ${missing.join(', ')} with apt-get`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env, capture: true, mayFail: true });
  const install = (...names) =>
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], { env, capture: true, mayFail: true });
  if ((await install(...missing)).code === 0) return;
  // One package that a release does not have must not keep the others away.
  for (const name of missing) {
    if ((await install(name)).code !== 0) say(`apt-get could not install ${name}: tests that need it are skipped`);
  }
}

/** The folder of `wasm-pack`; '' when it is on PATH. */
const ensureWasmPack = async () => (hasProgram('wasm-pack') ? '' : cargoTool('wasm-pack', WASM_PACK, 'wasm-pack'));

/** Everything the tests need where it can be had. Returns the environment to test in. */
export async function ensureTestTools() {
  checkNode();
  await ensureRust();
  const [env, bin] = await Promise.all([ensureBuildTools(), ensureWasmPack(), installDebianTools()]);
  return { PATH: [bin, env.PATH].filter(Boolean).join(delimiter) };
}

/** PATH with tool folders in front. */
export function toolEnv(...folders) {
  return { PATH: [...folders.filter(Boolean), process.env.PATH].join(delimiter) };
}
