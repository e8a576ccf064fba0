import type { Entry, Scenario } from './types';

/** A host or the NAT of a network: what a lifeline of the ladder and a box of the drawing stand for. */
export interface Lane {
  /** `host:` or `nat:` and the name. */
  id: string;
  name: string;
  kind: 'host' | 'nat' | 'server';
  /** 0 the caller's side, 1 in between, 2 the other side. */
  side: 0 | 1 | 2;
  /** Networks between it and the host of its side: 0 for the one that the host is in. */
  step?: number;
  /** Row among the alternatives of a host that moves, the middle one for what they have in common; -0.5, 0.5 for two. */
  row?: number;
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

/** Networks that a host is in from a time on (milliseconds), from the innermost outwards. */
export interface Stay {
  since: number;
  networks: string[];
}

/** Where a host is at first, and after each of its moves. */
export function staysOf(scenario: Scenario, name: string | undefined): Stay[] {
  const host = scenario.hosts?.find((it) => it.name === name);
  const moves = (scenario.events ?? []).filter((event) => event.what === 'move' && event.host === name);
  const places = [{ at: 0, network: host?.network }, ...moves.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))];
  return places.map(({ at, network }) => ({ since: at ?? 0, networks: chainOf(scenario, network) }));
}

/** The NATs of a host, those of each stay in a row of their own. */
function natsOf(scenario: Scenario, name: string | undefined, side: Lane['side']): Lane[] {
  const chains = staysOf(scenario, name).map(({ networks }) => networks);
  const rows = [...new Map(chains.map((chain) => [chain.join('\n'), chain])).values()].filter(
    ({ length }) => length > 0,
  );
  return [...new Set(rows.flat())].map((network) => {
    const at = rows.flatMap((chain, row) => (chain.includes(network) ? [row] : []));
    const step = Math.max(...rows.map((chain) => chain.indexOf(network)));
    const row = at.reduce((sum, it) => sum + it, 0) / at.length - (rows.length - 1) / 2;
    return { id: natLane(network), name: network, kind: 'nat', side, step, row };
  });
}

/** Every lane, from the caller to the called: caller, its NATs, what is in between, the other's NATs, the other. */
export function lanesOf(scenario: Scenario): Lane[] {
  const hosts = scenario.hosts ?? [];
  const [from, to] = ends(scenario) ?? [hosts[0]?.name, undefined];
  const left = natsOf(scenario, from, 0);
  const right = natsOf(scenario, to, 2).filter(({ name }) => !left.some((it) => it.name === name));
  const others = (scenario.networks ?? [])
    .map(({ name }) => name)
    .filter((n) => ![...left, ...right].some(({ name }) => name === n));
  const beyond = Math.max(0, ...left.map(({ step }) => (step ?? 0) + 1));
  const nat = (name: string, index: number): Lane => ({
    id: natLane(name),
    name,
    kind: 'nat',
    side: 1,
    step: beyond + index,
  });
  const end = (name: string | undefined, side: Lane['side']): Lane[] =>
    name === undefined ? [] : [{ id: hostLane(name), name, kind: 'host', side }];
  const between = hosts.filter(({ name }) => name !== from && name !== to);
  return [
    ...end(from, 0),
    ...left,
    ...between.map(({ name }): Lane => ({ id: hostLane(name), name, kind: 'server', side: 1 })),
    ...others.map(nat),
    ...right.reverse(),
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
