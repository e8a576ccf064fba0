/** Wasm that `icelens/slim` was given: the compiled module behind each `#wasm/NAME`. */

/** The wasm files of the package, by what they are for. */
export type WasmName = 'core' | 'predict' | 'nat' | 'scan' | 'turn' | 'sim';

const modules = /* @__PURE__ */ new Map<string, WebAssembly.Module>();

/** Puts a module in place. */
export function give(name: WasmName, module: WebAssembly.Module): void {
  modules.set(name, module);
}

/** The module; throws where the user has to give it first. */
export function given(name: string): WebAssembly.Module {
  const module = modules.get(name);
  if (module === undefined) {
    throw new Error(`icelens/slim: call init() or initSync() with icelens/${name}.wasm before this`);
  }
  return module;
}
