/** `diagnostics-table.ts`, or what the build has instead of it. */
declare module '#diagnostics' {
  export const table: string;
}

/** The wasm of the build that is being bundled, as base64 (inline entries). Supplied by `scripts/lib/package.mjs`. */
declare module '#wasm-base64' {
  const base64: string;
  export default base64;
}

/** The wasm of the build that is being bundled, compiled by the runtime (workerd entries). */
declare module '#wasm-module' {
  const module: WebAssembly.Module;
  export default module;
}

/** True in the bundle that has `icelens/slim`: the bundler puts the value in its place. */
declare var icelensSlim: boolean;
