// Modules that `scripts/lib/package.mjs` supplies for each bundle of `scripts/lib/builds.mjs`.

/** `diagnostics-table.ts`, or what the build has instead of it. */
declare module '#diagnostics' {
  export const table: string;
}

/** `scan/dumps.ts`, in the bundle or beside it. */
declare module '#dumps' {
  type Dumps = Pick<typeof import('./scan/dumps.js'), 'readDump' | 'adviseCapture' | 'adviseDump'>;
  export function dumps(): Dumps | Promise<Dumps>;
}

/** `type_preference` of `src/candidate/priority.rs`. */
declare module '#preferences' {
  export const typePreferences: Readonly<Record<'host' | 'srflx' | 'prflx' | 'relay', number>>;
}

/** STUN, candidates, descriptions and check lists, or the part of them that an entry has: numbers alone. */
declare module '#wasm/core' {
  export function instantiate(): WebAssembly.Exports;
}

/** Predictions for candidates and offers: numbers alone. */
declare module '#wasm/predict' {
  export function instantiate(): WebAssembly.Exports;
}

/** NAT inference and forecast, the NAT procedures and the STUN server. */
declare module '#wasm/nat' {
  export function instantiate(): typeof import('#glue/nat');
}

/** The ICE agent. */
declare module '#wasm/agent' {
  export function instantiate(): typeof import('#glue/agent');
}

/** Findings. */
declare module '#wasm/scan' {
  export function instantiate(): typeof import('#glue/scan');
}

/** The TURN client and server. */
declare module '#wasm/turn' {
  export function instantiate(): typeof import('#glue/turn');
}

/** The simulator. */
declare module '#wasm/sim' {
  export function instantiate(): typeof import('#glue/sim');
}

/** The glue to RTCPeerConnection. */
declare module '#wasm/browser' {
  export function instantiate(): typeof import('#glue/browser');
}
