// The wasm builds and the entries of the package that each one carries.

/**
 * `features`: what cargo compiles, under `profile` of Cargo.toml (`wasm` unless given). `entries`: module of npm/src → variants.
 * `diagnostics`: the module of npm/src with what it says about diagnostics, where it has any.
 * `inline` carries the wasm as base64, `workerd` imports it statically, `none` leaves it to the caller.
 */
export const builds = {
  full: {
    diagnostics: 'diagnostics-table.ts',
    features: 'std,stun,sdp,lint,predict,ice,nat,scan,browser,responder',
    entries: {
      index: ['inline', 'workerd'],
      slim: ['none'],
      browser: ['inline'],
      node: ['inline'],
      'cli/main': ['inline'],
    },
  },
  stun: { features: 'stun,responder', profile: 'wasm-small', entries: { stun: ['inline', 'workerd'] } },
  sdp: {
    features: 'stun,sdp,responder',
    profile: 'wasm-small',
    diagnostics: 'diagnostics-codes.ts',
    entries: { sdp: ['inline', 'workerd'] },
  },
};
