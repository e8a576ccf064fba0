/** What a permalink holds, member by member; what is no such thing is left out, and told. */

/** Letters of a value that are told at most. */
const MAX_TOLD = 40;

export class LinkReader {
  /** Members that were not taken, each with its value. */
  readonly left: string[] = [];
  readonly #members: Record<string, unknown>;
  readonly #prefix: string;

  constructor(state: object, prefix = '') {
    this.#members = state as Record<string, unknown>;
    this.#prefix = prefix;
  }

  /** A member as `take` makes of it, or `otherwise` where the link has none or `take` gives undefined. */
  read<T>(name: string, take: (value: unknown) => T | undefined, otherwise: T): T {
    const value = Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
    if (value === undefined) return otherwise;
    const taken = take(value);
    if (taken !== undefined) return taken;
    this.leave(name, value);
    return otherwise;
  }

  leave(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    const told = text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text;
    this.left.push(`${this.#prefix}${name}: ${told}`);
  }
}

export const boolean = (value: unknown) => (typeof value === 'boolean' ? value : undefined);

export const oneOf =
  <T>(all: readonly T[]) =>
  (value: unknown): T | undefined =>
    all.find((one) => one === value);

/** A number from `least` to `most`. */
export const within =
  (least: number, most: number) =>
  (value: unknown): number | undefined =>
    typeof value === 'number' && value >= least && value <= most ? value : undefined;

/** A whole number from `least` to `most`. */
export const whole =
  (least: number, most: number) =>
  (value: unknown): number | undefined =>
    Number.isInteger(value) ? within(least, most)(value) : undefined;
