import { en as devices } from '../devices';
import type { Host, NatChoice, Scenario } from './types';

/** The behaviours, by their short names. */
export const BEHAVIOURS = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const;
export const SHORT = ['EI', 'AD', 'APD'] as const;

/** Classic names that a NAT may be chosen by. */
export const CLASSIC = [
  'open',
  'full cone',
  'restricted cone',
  'port restricted cone',
  'symmetric',
  'symmetric firewall',
  'blocked',
] as const;

/** Every device whose behaviour the engine knows, most used first. */
export const PRESETS = Object.keys(devices).map((key) => key.slice('sim.preset.'.length));

/** The nine kinds of the matrix: mapping by filtering. */
export const KINDS: readonly NatChoice[] = BEHAVIOURS.flatMap((mapping) =>
  BEHAVIOURS.map((filtering) => ({ mapping, filtering })),
);

/** Nothing is translated there, so the host has a public address. */
const UNTRANSLATED = new Set(['open', 'symmetric firewall', 'ipv6-home']);

export interface TwoNats {
  a: NatChoice;
  b: NatChoice;
  /** A TURN server is asked over UDP. */
  relay: boolean;
  /** A TURN server is asked over TCP. */
  relayTcp?: boolean;
  seed: number;
  profileA?: string;
  profileB?: string;
  loss?: number;
  filterScope?: string;
}

/** Two hosts behind these NATs, a STUN server and, if asked for, a TURN server: the scenario of a cell of the matrix. */
export function twoNats(two: TwoNats): Scenario {
  const { a, b, relay, relayTcp = false, seed, filterScope, profileA = '', profileB = '', loss = 0 } = two;
  const server = (name: string, address: string, kind: 'stun' | 'turn'): Host => ({
    ...{ name, addresses: [address], run: { kind } },
  });
  const servers = ['stun', ...(relay ? ['turn'] : []), ...(relayTcp ? ['turn:443?transport=tcp'] : [])];
  const side = (name: string, last: number, nat: NatChoice, profile: string): Host => ({
    name,
    network: `network ${name}`,
    addresses: [UNTRANSLATED.has(nat.classic ?? nat.preset ?? '') ? `203.0.113.${last}` : `10.${last}.0.2`],
    run: { kind: 'ice', profile, servers },
  });
  const network = (name: string, nat: NatChoice) => ({
    name: `network ${name}`,
    nat: { ...nat, filterScope: nat.filterScope ?? filterScope ?? null },
    ...(loss > 0 ? { link: { loss } } : {}),
  });
  return {
    title: `${natName(a)} × ${natName(b)}`,
    seed,
    networks: [network('A', a), network('B', b)],
    hosts: [
      server('stun', '198.51.100.1', 'stun'),
      ...(relay || relayTcp ? [server('turn', '198.51.100.2', 'turn')] : []),
      side('A', 1, a, profileA),
      side('B', 2, b, profileB),
    ],
    calls: [{ from: 'A', to: 'B' }],
  };
}

const short = (name: string | null | undefined) => SHORT[BEHAVIOURS.indexOf(name as never)] ?? '?';

/** `EI / APD`. */
export function axes(nat: NatChoice): string | null {
  return nat.mapping || nat.filtering ? `${short(nat.mapping)} / ${short(nat.filtering)}` : null;
}

/** A short name: the classic one, the preset, or the two behaviours. */
export function natName(nat: NatChoice | undefined): string {
  return nat?.classic ?? nat?.preset ?? (nat ? axes(nat) : null) ?? 'RFC 4787';
}

/** A choice as the value of a select. */
export const choiceValue = (nat: NatChoice) =>
  JSON.stringify([nat.classic ?? nat.preset ?? [nat.mapping, nat.filtering]]);

/** Mapping and filtering of the devices offered as tiles; a test holds them to the engine's own. */
export const TILES: readonly { nat: NatChoice; axes: readonly [0 | 1 | 2, 0 | 1 | 2] | null }[] = [
  { nat: { classic: 'open' }, axes: null },
  { nat: { preset: 'home' }, axes: [0, 2] },
  { nat: { preset: 'linux-masquerade' }, axes: [2, 2] },
  { nat: { preset: 'linux-full-cone' }, axes: [0, 0] },
  { nat: { preset: 'carrier-grade' }, axes: [0, 0] },
  { nat: { preset: 'mobile-hard' }, axes: [2, 2] },
  { nat: { preset: 'corporate' }, axes: [2, 2] },
  { nat: { preset: 'udp-blocked' }, axes: [2, 2] },
];

const CLASSIC_AXES: Readonly<Record<string, readonly [0 | 1 | 2, 0 | 1 | 2]>> = {
  'full cone': [0, 0],
  'restricted cone': [0, 1],
  'port restricted cone': [0, 2],
  symmetric: [2, 2],
  blocked: [0, 2],
};

/** Mapping and filtering of a choice, as indexes into `BEHAVIOURS`; null where nothing is translated or it is not known. */
export function axesOf(nat: NatChoice): readonly [number, number] | null {
  if (UNTRANSLATED.has(nat.classic ?? nat.preset ?? '')) return null;
  const base = nat.classic
    ? CLASSIC_AXES[nat.classic]
    : nat.preset
      ? TILES.find((tile) => tile.nat.preset === nat.preset)?.axes
      : [0, 2];
  const own = [nat.mapping, nat.filtering].map((it) => BEHAVIOURS.indexOf(it as never));
  const mapping = own[0] === -1 ? base?.[0] : own[0];
  const filtering = own[1] === -1 ? base?.[1] : own[1];
  return mapping === undefined || filtering === undefined ? null : [mapping, filtering];
}

/** The choice with another mapping or filtering: what it was before is its base, unless it had neither. */
export function withAxis(nat: NatChoice, axis: 'mapping' | 'filtering', value: number): NatChoice {
  const kept = axesOf(nat);
  const [mapping, filtering] = kept ?? [0, 2];
  const base: NatChoice = kept ? nat : { mapping: BEHAVIOURS[mapping], filtering: BEHAVIOURS[filtering] };
  return { ...base, [axis]: BEHAVIOURS[value] };
}
