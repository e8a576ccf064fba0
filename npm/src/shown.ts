/** An object in Node's console: its name, which no minifier changes, and its content. */

type Inspect = (value: object, options: object) => string;

/** Shows what a class makes as `name`, with what `content` gives. To be called when the first is made. */
export function showAs<T extends object>(prototype: T, name: string, content: (one: T) => object): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: T, depth: number, options: object, inspect: Inspect): string {
      return depth < 0 ? `[${name}]` : `${name} ${inspect(content(this), options)}`;
    },
  });
}
