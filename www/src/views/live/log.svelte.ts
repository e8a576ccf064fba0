import type { Key, Values } from '../../i18n/index.svelte';

/** A line of the log: kept as key and values, so that it follows the language. */
export interface LogEntry {
  id: number;
  /** ms after start. */
  at: number;
  key: Key;
  values: Values;
  /** As `RFC 8445 §7.2.5`. */
  rfc: string | null;
  level: 'info' | 'good' | 'bad';
}

/** Most lines kept; the oldest go. */
export const MAX_LOG = 500;

export class Log {
  entries = $state.raw<readonly LogEntry[]>([]);
  #next = 0;

  add(at: number, key: Key, values: Values = {}, rfc: string | null = null, level: LogEntry['level'] = 'info') {
    const entry = { id: this.#next++, at, key, values, rfc, level };
    this.entries = [...this.entries, entry].slice(-MAX_LOG);
  }

  clear() {
    this.entries = [];
  }
}
