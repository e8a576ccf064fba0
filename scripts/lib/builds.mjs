// The wasm builds and the entries of the package that each one carries.

/**
 * `features`: what cargo compiles, under `profile` of Cargo.toml (`wasm` unless given). `entries`: module of npm/src → variants.
 * `inline` carries the wasm as base64, `workerd` imports it statically, `none` leaves it to the caller.
 */
export const builds = {
  full: {
    features: 'stun,sdp,predict,ice,nat,sim,scan,std,wasm-objects,browser,responder',
    entries: {
      index: ['inline', 'workerd'],
      slim: ['none'],
      browser: ['inline'],
      node: ['inline'],
      'cli/main': ['inline'],
    },
  },
  stun: { features: 'stun,wasm,responder', profile: 'wasm-small', entries: { stun: ['inline', 'workerd'] } },
  sdp: { features: 'stun,sdp,ice,wasm,responder', profile: 'wasm-small', entries: { sdp: ['inline', 'workerd'] } },
};
