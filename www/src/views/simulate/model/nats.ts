import { follow, type Reading } from './follow';
import type { Entry, NatEntry } from './types';

/** A mapping of a NAT, as the packets that passed tell. */
export interface Mapping {
  inside: string;
  outside: string;
  /** When a packet last used it. */
  used: number;
  /** Addresses it was used to send to, and when last: what a filter may remember. The latest first. */
  sentTo: { address: string; time: number }[];
}

export interface NatState {
  /** The latest used first. */
  mappings: Mapping[];
  /** Its last decision. */
  last: NatEntry | null;
  dropped: number;
}

class Reader implements Reading<Entry, NatState> {
  readonly #mappings = new Map<string, Mapping>();
  #last: NatEntry | null = null;
  #dropped = 0;

  read(entry: Entry): void {
    if (entry.kind === 'event') this.#mappings.clear();
    if (entry.kind !== 'nat') return;
    this.#last = entry;
    if (entry.passes) note(this.#mappings, entry);
    else this.#dropped += 1;
  }

  state(): NatState {
    const latest = <T>(list: Iterable<T>, time: (one: T) => number) => [...list].sort((a, b) => time(b) - time(a));
    const mappings = latest(this.#mappings.values(), ({ used }) => used).map((mapping) => ({
      ...mapping,
      sentTo: latest(mapping.sentTo, ({ time }) => time).map((one) => ({ ...one })),
    }));
    return { mappings, last: this.#last, dropped: this.#dropped };
  }
}

/** A NAT as far as it is seen up to a time. When mappings end is not in it: the trace does not tell. */
export function natOf(trace: readonly Entry[], network: string): (time: number) => NatState {
  const own = trace.filter((entry) =>
    entry.kind === 'event'
      ? entry.event.what === 'reboot' && entry.event.network === network
      : entry.kind === 'nat' && entry.network === network,
  );
  return follow(own, () => new Reader());
}

function note(mappings: Map<string, Mapping>, entry: NatEntry) {
  const { source, destination, newSource, newDestination, time } = entry;
  if (entry.direction === 'in') {
    const found = mappings.get(`${newDestination} ${destination}`);
    if (found) found.used = time;
    return;
  }
  if (newSource === undefined) return;
  const key = `${source} ${newSource}`;
  const found = mappings.get(key) ?? { inside: source, outside: newSource, used: time, sentTo: [] };
  mappings.set(key, found);
  found.used = time;
  const known = found.sentTo.find(({ address }) => address === destination);
  if (known) known.time = time;
  else found.sentTo.push({ address: destination, time });
}

/** Packets that NATs dropped, counted by network and rule; the most first. */
export function drops(trace: readonly Entry[]): { network: string; rule: string; why: string; count: number }[] {
  const counts = new Map<string, { network: string; rule: string; why: string; count: number }>();
  for (const entry of trace) {
    if (entry.kind !== 'nat' || entry.passes) continue;
    const key = `${entry.network}\n${entry.rule}`;
    const found = counts.get(key) ?? { network: entry.network, rule: entry.rule, why: entry.why, count: 0 };
    counts.set(key, { ...found, count: found.count + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
