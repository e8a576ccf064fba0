// Fetches and builds the peers that are not programs of the system, once.
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ask, root, run, say } from '../../scripts/lib/run.mjs';
import { hasProgram } from '../../scripts/lib/tools.mjs';

export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'icelens', 'interop');
export const PEER = join(root, 'interop/peers/target/release/peer');
export const BENCH = join(root, 'interop/peers/target/release/bench');
export const PION = join(cache, 'pion-peer');
export const TURN_SERVER = join(root, 'target/debug/examples/turn_server');

const AIOICE = 'aioice==0.13.0';
const WERIFT = 'werift@0.24.4';
/** Folder in which Debian keeps the sources of Go packages. */
const GO_SOURCES = '/usr/share/gocode';

/** The version of a Debian package; null when it is not installed. */
export async function packageVersion(name) {
  return (await ask('dpkg-query', ['-W', name]))?.split('\t')[1] ?? null;
}

async function aioice() {
  const venv = join(cache, 'venv');
  if (existsSync(join(venv, 'bin/python')) || !hasProgram('python3')) return;
  say(`installing ${AIOICE}`);
  const made = await run('python3', ['-m', 'venv', venv], { mayFail: true });
  if (made.code === 0) await run(join(venv, 'bin/pip'), ['install', '--quiet', AIOICE], { mayFail: true });
}

async function werift() {
  const folder = join(cache, 'npm');
  if (existsSync(join(folder, 'node_modules/werift'))) return;
  say(`installing ${WERIFT}`);
  mkdirSync(folder, { recursive: true });
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, WERIFT], { mayFail: true });
}

async function pion() {
  const there = existsSync(join(GO_SOURCES, 'src/github.com/pion/ice')) && hasProgram('go');
  if (!there) return;
  const env = { GO111MODULE: 'off', GOPATH: GO_SOURCES };
  await run('go', ['build', '-o', PION, '.'], { cwd: join(root, 'interop/others/pion'), env });
}

/** Everything that is fetched or built; what can't be had is missing in the table, with the reason. */
export async function prepare() {
  mkdirSync(cache, { recursive: true });
  await run('cargo', ['build', '--release', '--quiet'], { cwd: join(root, 'interop/peers') });
  await run('cargo', ['build', '--quiet', '--example', 'turn_server']);
  await aioice();
  await werift();
  await pion();
}
