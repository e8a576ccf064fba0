/** Memory of the wasm that is freed with the object that holds it, and earlier by `free` or `using`. */

// If the caller's TypeScript has `Symbol.dispose`, `using` takes these objects; older ones need not know it.
type DisposeKey = SymbolConstructor extends { readonly dispose: infer Key extends symbol } ? Key : never;

/** Objects that `using` takes. */
export type Disposal = { [key in DisposeKey]: () => void };
