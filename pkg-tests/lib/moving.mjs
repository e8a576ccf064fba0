// For `node --import`: puts the build whose areas move with every call in the place of the package's core, so that whoever
// keeps an address or a view of the wasm's memory reads nonsense.
import { readFileSync } from 'node:fs';

const file = new URL('../../npm/gen/moving/icelens_bg.wasm', import.meta.url);
const moving = new WebAssembly.Module(readFileSync(file));
const exportsOf = (module) => WebAssembly.Module.exports(module).map(({ name }) => name);
const names = exportsOf(moving).sort().join();

/** How often it was put in place. */
globalThis.icelensMoving = 0;

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, [module, imports]) {
    const isCore = exportsOf(module).sort().join() === names;
    if (isCore) globalThis.icelensMoving++;
    return new Instance(isCore ? moving : module, imports);
  },
});
