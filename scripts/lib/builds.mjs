// The wasm builds, and the bundles of entries that carry them. A new part of the library is a row in `wasms`, the part's
// name in `wasm` of the bundles that have it, and a module of npm/src that imports `#wasm/NAME`.

/**
 * Builds by need: the `features` of `wasm/Cargo.toml` under a `profile` of Cargo.toml (`wasm` unless
 * given). A build whose exports take numbers alone has no glue; one with objects has what wasm-bindgen writes.
 */
export const wasms = {
  core: { features: 'stun,sdp,lint,ice,responder,tables' },
  predict: { features: 'predict', profile: 'wasm-small' },
  nat: { features: 'nat,discovery' },
  scan: { features: 'scan', profile: 'wasm-small' },
  turn: { features: 'turn' },
  agent: { features: 'agent' },
  browser: { features: 'browser', profile: 'wasm-small' },
  sim: { features: 'sim' },
  stun: { features: 'stun,responder' },
  sdp: { features: 'stun,sdp,responder' },
  candidate: { features: 'sdp', profile: 'wasm-small' },
  // The parts of `core` that Inspect needs, and `scan`: one file with both is a tenth smaller than the two.
  reading: { features: 'stun,sdp,lint,ice,tables,scan', profile: 'wasm-small' },
  // The part of `core` that Echo needs, a fifth of it: it is unpacked while the view is drawn.
  echo: { features: 'stun,responder,tables', profile: 'wasm-small' },
};

/** The core whose areas move with every call: the package's tests run in it too, and it is in no bundle. */
export const moving = { features: `${wasms.core.features},moving` };

/** The build behind each `#wasm/NAME` of `icelens`, `icelens/turn` and `icelens/sim`. */
const main = {
  core: 'core',
  predict: 'predict',
  nat: 'nat',
  scan: 'scan',
  turn: 'turn',
  sim: 'sim',
};

/**
 * The entries bundled together, which share chunks and so classes and wasm instances.
 * `entries`: modules of npm/src. `wasm`: the build behind each `#wasm/NAME`. `variant`: `inline` carries the wasm as text,
 * `workerd` imports the file, `none` leaves it to the caller. `diagnostics`: the module of npm/src with what is said about
 * diagnostics. `page`: for the page alone, into a folder of www/gen, with what dumps and captures alone need in a file of its own.
 */
export const bundles = {
  main: {
    entries: ['index', 'turn', 'sim', 'node', 'cli/main'],
    wasm: { ...main, agent: 'agent' },
    variant: 'inline',
  },
  'main-workerd': { entries: ['index', 'turn', 'sim'], wasm: main, variant: 'workerd' },
  // Run by Inspect's reading thread; a bundler leaves out the rest.
  reading: { entries: ['index'], wasm: { ...main, core: 'reading', scan: 'reading' }, variant: 'inline', page: true },
  // Run by Echo, likewise.
  echo: { entries: ['index'], wasm: { ...main, core: 'echo' }, variant: 'inline', page: true },
  slim: { entries: ['slim'], wasm: main, variant: 'none' },
  // Apart: nothing of a page's connection needs the sentences about descriptions.
  browser: {
    entries: ['browser'],
    wasm: { core: 'candidate', browser: 'browser' },
    variant: 'inline',
    diagnostics: 'diagnostics-codes.ts',
  },
  // Apart, so that `icelens` does not grow by it.
  agent: { entries: ['agent'], wasm: { core: 'core', agent: 'agent' }, variant: 'inline' },
  stun: { entries: ['stun'], wasm: { core: 'stun' }, variant: 'inline' },
  'stun-workerd': { entries: ['stun'], wasm: { core: 'stun' }, variant: 'workerd' },
  sdp: { entries: ['sdp'], wasm: { core: 'sdp' }, variant: 'inline', diagnostics: 'diagnostics-codes.ts' },
  'sdp-workerd': { entries: ['sdp'], wasm: { core: 'sdp' }, variant: 'workerd', diagnostics: 'diagnostics-codes.ts' },
};
