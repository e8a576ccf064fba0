import { settings } from '../app/settings.svelte';
import { fill, type Piece, plain, type Values } from './format';
import { en, type Key, zh } from './tables';

export type { Values } from './format';
export type { Key } from './tables';

/** The message in the chosen language, as text. */
export function t(key: Key, values?: Values): string {
  return plain(pieces(key, values));
}

/** The message in the chosen language, in pieces, for `T.svelte`. */
export function pieces(key: Key, values?: Values): Piece[] {
  return fill((settings.language === 'zh' ? zh : en)[key], values);
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
