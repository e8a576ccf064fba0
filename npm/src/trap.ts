/**
 * Wasm instances that trap: after an `unreachable`, a failed allocation or an overflow of the stack, the memory of an
 * instance is in no state that can be relied on, so it is given up.
 */

type Export = (...numbers: number[]) => number;

// One for each number of parameters: a rest parameter would make an array of them with every call.
const guards: readonly ((call: Export, lost: () => void) => Export)[] = [
  (call, lost) => () => {
    try {
      return call();
    } catch (error) {
      lost();
      throw error;
    }
  },
  (call, lost) => (a) => {
    try {
      return call(a as number);
    } catch (error) {
      lost();
      throw error;
    }
  },
  (call, lost) => (a, b) => {
    try {
      return call(a as number, b as number);
    } catch (error) {
      lost();
      throw error;
    }
  },
  (call, lost) => (a, b, c) => {
    try {
      return call(a as number, b as number, c as number);
    } catch (error) {
      lost();
      throw error;
    }
  },
  (call, lost) => (a, b, c, d) => {
    try {
      return call(a as number, b as number, c as number, d as number);
    } catch (error) {
      lost();
      throw error;
    }
  },
  (call, lost) => (a, b, c, d, e) => {
    try {
      return call(a as number, b as number, c as number, d as number, e as number);
    } catch (error) {
      lost();
      throw error;
    }
  },
];

/** The exports of a build that takes numbers alone: each calls `lost` when it traps, and the error goes on. */
export function guarded<T extends object>(exports: T, lost: () => void): T {
  const all: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(exports)) {
    const guard = typeof value === 'function' ? guards[value.length] : undefined;
    all[name] = guard ? guard(value as Export, lost) : value;
  }
  return all as T;
}

/** Whether a call ended in a trap, and not in an error that the wasm returned. */
export function isTrap(error: unknown): boolean {
  // An overflow of the stack is a RangeError in V8, and an InternalError in SpiderMonkey.
  return (
    error instanceof WebAssembly.RuntimeError ||
    (error instanceof Error && error.name === 'InternalError') ||
    (error instanceof RangeError && /call stack/i.test(error.message))
  );
}

/** Runs `call`; what the wasm refuses is the caller's mistake, and becomes a `TypeError`. */
export function asTypeError<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof TypeError || isTrap(error)) throw error;
    throw new TypeError(error instanceof Error ? error.message : String(error));
  }
}

/** One wasm with objects for exports: instantiated by the first call, and by the first after a trap. */
export class Instance<E extends object> {
  readonly #instantiate: () => E;
  #exports: E | null = null;

  constructor(instantiate: () => E) {
    this.#instantiate = instantiate;
  }

  /** Whether these are the exports of the instance in use. */
  holds(exports: E): boolean {
    return this.#exports === exports;
  }

  /** Runs `work` on the exports. */
  call<R>(work: (exports: E) => R): R {
    this.#exports ??= this.#instantiate();
    const exports = this.#exports;
    try {
      return work(exports);
    } catch (error) {
      this.threw(exports, error);
      throw error;
    }
  }

  /** To be called with what a call on these exports threw: after a trap they are used no more. */
  threw(exports: E, error: unknown): void {
    if (isTrap(error) && this.#exports === exports) this.#exports = null;
  }
}

/** An object that lives in an instance. When a call traps, every object of that instance is lost, and says so. */
export class Machine<E extends object, M extends { free(): void }> {
  readonly #instance: Instance<E>;
  readonly #name: string;
  #exports: E | null = null;
  #machine: M | null;

  /** `name` is what a user calls it. */
  constructor(instance: Instance<E>, name: string, make: (exports: E) => M) {
    this.#instance = instance;
    this.#name = name;
    this.#machine = instance.call((exports) => {
      this.#exports = exports;
      return make(exports);
    });
  }

  /** Frees the object; it can't be used afterwards. Nothing where it is gone already. */
  free(): void {
    const machine = this.#held();
    this.#machine = null;
    if (machine !== null) this.#instance.call(() => machine.free());
  }

  /** Runs `work` on the object. */
  call<R>(work: (machine: M) => R): R {
    const machine = this.use();
    return this.#instance.call(() => work(machine));
  }

  /** The object, for one call without a closure; what that call throws goes to `threw`. */
  use(): M {
    const machine = this.#held();
    if (machine === null)
      throw new Error(`this ${this.#name} is gone: it was freed, or an earlier call failed in the wasm`);
    return machine;
  }

  /** To be called with what a call on `use()` threw: a trap ends the instance. */
  threw(error: unknown): void {
    if (this.#exports !== null) this.#instance.threw(this.#exports, error);
  }

  /** The object, while its instance is in use. */
  #held(): M | null {
    return this.#exports !== null && this.#instance.holds(this.#exports) ? this.#machine : null;
  }
}
