import type { Entry, Host, Scenario } from './types';

/** A host or the NAT of a network: what a lifeline of the ladder and a box of the drawing stand for. */
export interface Lane {
  /** `host:` or `nat:` and the name. */
  id: string;
  name: string;
  kind: 'host' | 'nat' | 'server';
  /** 0 the caller's side, 1 in between, 2 the other side. */
  side: 0 | 1 | 2;
}

export const hostLane = (name: string) => `host:${name}`;
export const natLane = (name: string) => `nat:${name}`;

const MAX_DEPTH = 16;

/** Networks from a host outwards, the internet left out. */
export function chainOf(scenario: Scenario, network: string | undefined): string[] {
  const out: string[] = [];
  let at = network;
  while (at && at !== 'internet' && !out.includes(at) && out.length < MAX_DEPTH) {
    out.push(at);
    at = scenario.networks?.find(({ name }) => name === at)?.within;
  }
  return out;
}

/** The two ends of the first call. */
export function ends(scenario: Scenario): [string, string] | null {
  const call = scenario.calls?.[0];
  return call ? [call.from, call.to] : null;
}

/** Networks a host is in, at first or after it moved, each with those around it. */
function networksOf(scenario: Scenario, host: Host | undefined): string[] {
  const moves = (scenario.events ?? []).filter((event) => event.what === 'move' && event.host === host?.name);
  const chains = [host?.network, ...moves.map((event) => event.network)].map((it) => chainOf(scenario, it));
  return [...new Set(chains.flat())];
}

/** Every lane, from the caller to the called: caller, its NATs, what is in between, the other's NATs, the other. */
export function lanesOf(scenario: Scenario): Lane[] {
  const hosts = scenario.hosts ?? [];
  const [from, to] = ends(scenario) ?? [hosts[0]?.name, undefined];
  const host = (name: string | undefined) => hosts.find((it) => it.name === name);
  const left = networksOf(scenario, host(from));
  const right = networksOf(scenario, host(to)).filter((name) => !left.includes(name));
  const others = (scenario.networks ?? [])
    .map(({ name }) => name)
    .filter((n) => !left.includes(n) && !right.includes(n));
  const nat =
    (side: Lane['side']) =>
    (name: string): Lane => ({ id: natLane(name), name, kind: 'nat', side });
  const end = (name: string | undefined, side: Lane['side']): Lane[] =>
    name === undefined ? [] : [{ id: hostLane(name), name, kind: 'host', side }];
  const between = hosts.filter(({ name }) => name !== from && name !== to);
  return [
    ...end(from, 0),
    ...left.map(nat(0)),
    ...between.map(({ name }): Lane => ({ id: hostLane(name), name, kind: 'server', side: 1 })),
    ...others.map(nat(1)),
    ...right.reverse().map(nat(2)),
    ...end(to, 2),
  ];
}

/** The lanes that something passes in this trace. */
export function usedLanes(lanes: readonly Lane[], trace: readonly Entry[]): Lane[] {
  const used = new Set<string>();
  for (const entry of trace) {
    if (entry.kind === 'sent' || entry.kind === 'received') used.add(hostLane(entry.host));
    else if (entry.kind === 'nat') used.add(natLane(entry.network));
    else if (entry.kind === 'signal') used.add(hostLane(entry.from)).add(hostLane(entry.to));
  }
  return lanes.filter(({ id }) => used.has(id));
}
