/**
 * Everything of `icelens`, `icelens/turn` and `icelens/sim` without the wasm: the caller gives `init` or `initSync` what is
 * needed first. `icelens/core.wasm` is behind STUN, candidates, descriptions and check lists, `icelens/predict.wasm` behind
 * `predictCandidate` and `predictOffer`, `icelens/nat.wasm` behind `inferNat`, `predictTraversal`, `NatDiscovery` and
 * `StunServer`, `icelens/scan.wasm` behind `scan` and `analyze`,
 * `icelens/turn.wasm` and `icelens/sim.wasm` behind those entries.
 */
import { give, type WasmName } from './given.js';

export type { WasmName } from './given.js';
export * from './index.js';
export * from './sim.js';
export * from './turn.js';

/** Source of a wasm: its URL, a response that carries it, its bytes, or the compiled module. */
export type WasmSource = string | URL | Request | Response | Promise<Response> | BufferSource | WebAssembly.Module;

/** The wasm files that will be used. */
export type WasmSources = Named<WasmSource>;

type Named<T> = { readonly [name in WasmName]?: T };

const NAMES: readonly WasmName[] = ['core', 'predict', 'nat', 'scan', 'turn', 'sim'];

async function compiled(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const isPlace = typeof source === 'string' || source instanceof URL || source instanceof Request;
  const response = await (isPlace ? fetch(source) : source);
  if (!response.ok) throw new Error(`icelens/slim: ${response.url} answers ${response.status} ${response.statusText}`);
  // Streaming needs the type application/wasm, which not every server sends.
  const streams = response.headers.get('content-type') === 'application/wasm';
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

/** True for the names and what they stand for; false for a source alone, which is that of `core`. */
function isNamed<T>(sources: WasmSource | Named<T>): sources is Named<T> {
  return typeof sources === 'object' && NAMES.some((name) => Object.hasOwn(sources, name));
}

/** Loads the wasm: `icelens/core.wasm` alone, or several by name. Resolves when what they are behind may be called. */
export async function init(sources: WasmSource | WasmSources): Promise<void> {
  const named: WasmSources = isNamed<WasmSource>(sources) ? sources : { core: sources };
  const waiting = Object.entries(named).map(async ([name, source]) => give(name as WasmName, await compiled(source)));
  await Promise.all(waiting);
}

/** Takes bytes or compiled modules at once: `icelens/core.wasm` alone, or several by name. */
export function initSync(sources: BufferSource | WebAssembly.Module | Named<BufferSource | WebAssembly.Module>): void {
  const named = isNamed<BufferSource | WebAssembly.Module>(sources) ? sources : { core: sources };
  for (const [name, source] of Object.entries(named)) {
    give(name as WasmName, source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source));
  }
}
