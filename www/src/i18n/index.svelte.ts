import { settings } from '../app/settings.svelte';
import { languageOf } from '../languages';
import type { ViewId } from '../views/parts';
import { fill, type Piece, plain, type Values } from './format';
import { common, type Key, type Table } from './tables';

export type { Values } from './format';
export type { Key } from './tables';

/** The words that are there, by language; those of a view come with it. */
let words = $state.raw<Readonly<Record<string, Table>>>(common);

/** Fetches the words of a view in a language, the chosen one unless told. */
export async function loadWords(view: ViewId, language: string = settings.language): Promise<void> {
  const table = await languageOf(language).views[view]();
  words = { ...words, [language]: { ...words[language], ...table } };
}

/** The words of the chosen language alone; `null` while they are not there. */
export function translated(key: string): string | null {
  return words[settings.language]?.[key] ?? null;
}

/** The words of the chosen language, those of another one until they are there: English if it is. */
function template(key: string): string | undefined {
  const other = () => Object.values(words).find((table) => Object.hasOwn(table, key))?.[key];
  return translated(key) ?? words.en?.[key] ?? other();
}

/** The key of that name when there is one among the words that are there. */
export function known(name: string): Key | null {
  return template(name) === undefined ? null : (name as Key);
}

/** The message in the chosen language, as text. */
export function t(key: Key, values?: Values): string {
  return plain(pieces(key, values));
}

/** The message in the chosen language, in pieces, for `T.svelte`. */
export function pieces(key: Key, values?: Values): Piece[] {
  return fill(template(key) ?? key, values);
}

/** Milliseconds with one decimal and the unit; whole seconds' tenths from a second up. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '…';
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Bytes with a unit a person reads: B, kB, MB. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 1_000_000) return `${(count / 1000).toFixed(1)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}
