// The peers: how each is started, its version, and what it can't do.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { find } from '../../pkg-tests/lab/network.mjs';
import { ask, root } from '../../scripts/lib/run.mjs';
import { BrowserPeer } from './browser-peer.mjs';
import { COTURN } from './conditions.mjs';
import { cache, PEER, PION, packageVersion } from './prepare.mjs';
import { ProcessPeer } from './process-peer.mjs';

const other = (file) => join(root, 'interop/others', file);
const python = join(cache, 'venv/bin/python');

/** The version of a crate in the lock of the Rust peers. */
function crateVersion(name) {
  const lock = readFileSync(join(root, 'interop/peers/Cargo.lock'), 'utf8');
  return lock.match(new RegExp(`name = "${name}"\\nversion = "([^"]+)"`))?.[1] ?? null;
}

function crate(name, cannot = {}) {
  return {
    name,
    version: () => crateVersion(name),
    missing: () => (existsSync(PEER) ? null : 'interop/peers is not built'),
    start: (config) => new ProcessPeer(PEER, [name, JSON.stringify(config)]),
    cannot,
  };
}

function browser(name, programs, cannot = {}) {
  const program = programs.map(find).find((path) => path !== null) ?? null;
  return {
    name,
    browser: true,
    version: async () => (await ask(program, ['--version']))?.match(/\d+\.[\d.]+\w*/)?.[0],
    missing: () => (program === null ? `${name} is not installed` : null),
    start: async (config, browsers) => new BrowserPeer(await browsers.page(name, program), config),
    cannot: { 'peer lite': 'it has no lite mode', ...cannot },
  };
}

const noConflict =
  'pion drops a request in its own role without a 487, and ignores a 487 (`handleInbound` of its agent.go): it connects only when icelens is the one to change its role';
const noTurn = 'only icelens relays: TURN is the caller’s affair there';

/** `cannot`: by condition, why a cell is not run. `notes`: by condition, how it differs. */
export const peers = [
  browser('Chromium', ['chromium', 'chromium-browser', 'google-chrome-stable']),
  // Its `role` stays what it was before a conflict.
  { ...browser('Firefox', ['firefox-esr', 'firefox']), tellsRole: false },
  {
    name: 'aioice',
    version: () => ask(python, ['-c', 'import importlib.metadata as m; print(m.version("aioice"))']),
    missing: () => (existsSync(python) ? null : 'python3 with venv is needed'),
    start: (config) => new ProcessPeer(python, [other('aioice_peer.py'), JSON.stringify(config)]),
    cannot: { 'peer lite': 'it has no lite mode' },
  },
  {
    name: 'werift',
    version: () => JSON.parse(readFileSync(join(cache, 'npm/node_modules/werift/package.json'), 'utf8')).version,
    missing: () => (existsSync(join(cache, 'npm/node_modules/werift')) ? null : 'npm could not install it'),
    start: (config) =>
      new ProcessPeer(process.execPath, [
        other('werift_peer.mjs'),
        JSON.stringify({ ...config, stun: COTURN.address }),
        join(cache, 'npm'),
      ]),
    cannot: {},
  },
  {
    name: 'libnice',
    version: () => packageVersion('libnice10'),
    missing: async () =>
      (await packageVersion('gir1.2-nice-0.1')) && (await packageVersion('python3-gi'))
        ? null
        : 'apt-get install gir1.2-nice-0.1 python3-gi',
    start: (config) => new ProcessPeer('/usr/bin/python3', [other('nice_peer.py'), JSON.stringify(config)]),
    cannot: {},
  },
  {
    name: 'pion',
    version: () => packageVersion('golang-github-pion-ice.v2-dev'),
    missing: () => (existsSync(PION) ? null : 'apt-get install golang-go golang-github-pion-webrtc.v3-dev'),
    start: (config) => new ProcessPeer(PION, [JSON.stringify(config)]),
    cannot: {},
    faults: { 'both controlling': noConflict, 'both controlled': noConflict },
  },
  { ...crate('is'), notes: { 'relay, coturn': noTurn, 'relay, icelens': noTurn } },
  crate('rice-proto', { 'peer lite': 'it has no lite mode', restart: 'it has no restart' }),
  { ...crate('rtc-ice'), notes: { 'relay, coturn': noTurn, 'relay, icelens': noTurn } },
];
