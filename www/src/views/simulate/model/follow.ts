/** A state that entries make one after the other, in the order of time. */
export interface Reading<E, S> {
  read(entry: E): void;
  /** The state so far, in an object of its own. */
  state(): S;
}

/**
 * The state at any time: reads on from where it was last, so that a playing run costs what is new in it; for an earlier
 * time it begins anew. The same object is given until something new is read.
 */
export function follow<E extends { time: number }, S>(
  entries: readonly E[],
  begin: () => Reading<E, S>,
): (time: number) => S {
  let reading = begin();
  let next = 0;
  let state: S | undefined;
  return (time) => {
    const last = entries[next - 1];
    if (last !== undefined && last.time > time) {
      reading = begin();
      next = 0;
      state = undefined;
    }
    for (let entry = entries[next]; entry !== undefined && entry.time <= time; entry = entries[++next]) {
      reading.read(entry);
      state = undefined;
    }
    state ??= reading.state();
    return state;
  };
}
