import type { Values } from '../../i18n/index.svelte';
import type { LiveKey } from './messages';

/** A line of the log: kept as key and values, so that it follows the language. */
export interface LogEntry {
  id: number;
  /** ms after start. */
  at: number;
  key: LiveKey;
  values: Values;
  /** As `RFC 8445 §7.2.5`. */
  rfc: string | null;
  level: 'info' | 'good' | 'bad';
  /** 1 until ICE restarts; times begin anew with each. */
  generation: number;
  /** Seen by asking: it happened at `at` or before. */
  atMost: boolean;
}

/** Members that an entry may have besides its words. */
export type LogDetails = Partial<Pick<LogEntry, 'rfc' | 'level' | 'generation' | 'atMost'>>;

/** Order of causes, for entries of one time. */
const CAUSES: readonly LiveKey[] = [
  'log.prflx',
  'log.prflxNamed',
  'log.succeeded',
  'log.nominated',
  'log.selected',
  'log.connected',
  'log.channel',
];

/** Oldest first, and causes before what they cause. */
export function inOrder(entries: readonly LogEntry[]): LogEntry[] {
  return [...entries].sort(
    (a, b) =>
      a.generation - b.generation || a.at - b.at || CAUSES.indexOf(a.key) - CAUSES.indexOf(b.key) || a.id - b.id,
  );
}

/** Most lines kept; the oldest go. */
export const MAX_LOG = 500;

export class Log {
  entries = $state.raw<readonly LogEntry[]>([]);
  #next = 0;

  add(at: number, key: LiveKey, values: Values = {}, details: LogDetails = {}) {
    const entry = {
      rfc: null,
      level: 'info',
      generation: 1,
      atMost: false,
      ...details,
      id: this.#next++,
      at,
      key,
      values,
    };
    this.entries = inOrder([...this.entries, entry as LogEntry]).slice(-MAX_LOG);
  }

  /** As `add`, in place of the entry of the same key and the same `of`, whose count goes up. */
  again(at: number, key: LiveKey, of: string, values: Values, details: LogDetails = {}) {
    const last = this.entries.find((e) => e.key === key && e.values.of === of && e.generation === details.generation);
    this.entries = this.entries.filter((e) => e !== last);
    this.add(at, key, { ...values, of, n: Number(last?.values.n ?? 0) + 1 }, details);
  }

  clear() {
    this.entries = [];
  }
}
