// Suites that `npm test` runs, and how many of them side by side.
import { join } from 'node:path';
import { root } from './lib/run.mjs';
import { nodeTest, nodeTests, testFiles } from './lib/suites.mjs';
import { hasProgram } from './lib/tools.mjs';

const bin = (name) => `node_modules/.bin/${name}`;
const folder = (name) => join(root, name);
const check = (...command) => ({ kind: 'check', command });

const wasmClippy = ['cargo', 'clippy', '-p', 'icelens-wasm', '--target', 'wasm32-unknown-unknown'];

// Not all features: `moving` moves the areas whose place a test asks for.
const wasmPack = ['wasm-pack', 'test', '--headless', '--chrome', '--mode', 'no-install', 'wasm'];

const noChromium = () => {
  const missing = ['chromium', 'chromedriver'].filter((name) => !hasProgram(name));
  return missing.length === 0 ? null : `${missing.join(' and ')} not found`;
};

/**
 * In the order in which they begin: the longest first, but for those that wait for the build or for each other's cargo.
 * `built`: needs pkg/. `wasm`: builds that no bundle has. `needs`: why it can't run here, or null. `steps`: commands, each with the way it is counted.
 */
export const suites = [
  {
    name: 'page',
    built: true,
    steps: () => [
      { kind: 'vitest', command: ['../node_modules/.bin/vitest', 'run'], cwd: folder('www') },
      // One after the other: each starts a worker and a browser, and looks at times.
      nodeTests('www/tests/page', '--test-concurrency=1'),
    ],
  },
  { name: 'package', built: true, steps: () => [nodeTests('pkg-tests')] },
  {
    name: 'crate',
    steps: () => [{ kind: 'cargo', command: ['cargo', 'test', '--no-fail-fast'] }],
  },
  {
    name: 'features',
    steps: () => [
      nodeTests('tests/outside'),
      { ...check('cargo', 'doc', '--no-deps', '--workspace', '--quiet'), env: { RUSTDOCFLAGS: '-D warnings' } },
      check('cargo', 'package', '-p', 'icelens', '--allow-dirty', '--quiet'),
    ],
  },
  { name: 'lab', built: true, steps: () => [nodeTests('pkg-tests/lab')] },
  {
    name: 'lint',
    steps: () => [
      check('cargo', 'clippy', '--all-targets', '--', '-D', 'warnings'),
      check(...wasmClippy, '--all-targets', '--all-features', '--', '-D', 'warnings'),
      // Every member has a doc comment, and docs/api is what they say.
      check('node', 'scripts/docs.mjs', '--check'),
      check('node', 'scripts/crates.mjs'),
    ],
  },
  { name: 'start', built: true, steps: () => [nodeTests('scripts/test')] },
  // In the core whose areas move with every call: pkg-tests/lib/moving.mjs. What a scan takes in time and memory is measured
  // above; `icelens` as a program of its own has no such core.
  {
    name: 'moving',
    built: true,
    wasm: ['moving'],
    steps: () => [
      {
        kind: 'node',
        env: { ICELENS_MOVING: '1' },
        command: [...nodeTest, '--import', './pkg-tests/lib/moving.mjs'].concat(
          testFiles('pkg-tests').filter(
            (file) =>
              /(stun|sdp|scan|nat|memory|moving)[\w-]*\.test\.mjs$/.test(file) &&
              !/scan-(speed|windows|cli)\.test\.mjs$/.test(file),
          ),
        ),
      },
    ],
  },
  {
    name: 'wasm',
    needs: noChromium,
    steps: () => [
      {
        kind: 'cargo',
        // Seconds, in place of 20 for the tests and 5 for the driver: short beside other suites.
        env: { WASM_BINDGEN_TEST_TIMEOUT: '200', WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '60' },
        command: [...wasmPack, '--features', 'browser,stun,sdp,ice'],
      },
    ],
  },
  { name: 'worker', built: true, steps: () => [nodeTests('worker/test')] },
  {
    name: 'types',
    built: true,
    steps: () => [
      check(bin('tsc'), '-p', 'worker'),
      { ...check('../node_modules/.bin/svelte-check', '--fail-on-warnings', '--output', 'human'), cwd: folder('www') },
    ],
  },
  {
    name: 'format',
    steps: () => [check('cargo', 'fmt', '--all', '--check'), check(bin('biome'), 'ci', '--colors=off', '.')],
  },
];

/**
 * How many suites `npm test` runs at once; the build is one of them while it lasts. Three for two cores: `page` and `lab`
 * wait for half of their time, for answers that do not come and for browsers.
 */
export const AT_ONCE = 3;
