/** The one way in for what a socket reports. */

/**
 * A callback for a socket, a server or a timer that never throws into the process: no peer's bytes, address or timing may
 * end it. What goes wrong is given to `failed`, which ends the one connection, or nothing.
 */
export function guarded<A extends unknown[]>(
  take: (...args: A) => unknown,
  failed: (error: unknown) => unknown = () => {},
): (...args: A) => void {
  const fail = (error: unknown) => {
    try {
      failed(error);
    } catch {
      // The thing to be ended is gone already.
    }
  };
  return (...args) => {
    try {
      const result = take(...args);
      if (result instanceof Promise) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}
