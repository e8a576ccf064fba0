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

/** A NAT as far as it is seen up to a time. When mappings end is not in it: the trace does not tell. */
export function natAt(trace: readonly Entry[], network: string, time: number): NatState {
  const mappings = new Map<string, Mapping>();
  const state: NatState = { mappings: [], last: null, dropped: 0 };
  for (const entry of trace) {
    if (entry.time > time) break;
    if (entry.kind === 'event' && entry.event.what === 'reboot' && entry.event.network === network) mappings.clear();
    if (entry.kind !== 'nat' || entry.network !== network) continue;
    state.last = entry;
    if (!entry.passes) {
      state.dropped += 1;
      continue;
    }
    note(mappings, entry);
  }
  state.mappings = [...mappings.values()].sort((a, b) => b.used - a.used);
  for (const mapping of state.mappings) mapping.sentTo.sort((a, b) => b.time - a.time);
  return state;
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
