/** NAT inference and forecast. The reasoning is in `src/nat`; this module gives it names and types. */
import { requireArray, requireObject, requireString } from './argument.js';
import { natWasm } from './nat-wasm.js';
import { asTypeError } from './trap.js';

/** How a NAT chooses the external address for a destination (RFC 4787 §4.1). */
export type Mapping = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';
/** Which sources a NAT lets in (RFC 4787 §5). */
export type Filtering = Mapping;

/** One answer of a report. */
export interface Axis<T> {
  /** The value, or why there is none. */
  value: T | 'unknown' | 'ambiguous' | 'inconsistent' | 'not-applicable';
  /** The values left when `ambiguous`. */
  left?: T[];
  /** Probability that the value is right; 0 where there is none. */
  confidence: number;
  /** Indexes into `observations`. */
  evidence: number[];
  /** Stable code of the sentence, for translations. */
  code: string;
  /** Observation and conclusion, as an English sentence. */
  why: string;
}

/** Kind of request in an observation. */
export type NatTest =
  /** A plain Binding request. The default. */
  | 'binding'
  /** CHANGE-REQUEST for the other address and port. */
  | 'change-ip-port'
  /** CHANGE-REQUEST for the other port. */
  | 'change-port'
  /** A packet was sent to the mapping from `expected`, unasked for; `destination` is what opened the mapping. */
  | 'unsolicited'
  /** A packet to the own mapped address. */
  | 'hairpin'
  /** Whether the mapping was there after `idle` seconds of silence. */
  | 'lifetime'
  /** `mapped` is the peer-reflexive address that a peer saw; see `conditions`. */
  | 'peer'
  /** `mapped` is what the gateway says of itself. */
  | 'gateway'
  /** A TCP connection to `destination`. */
  | 'tcp'
  /** A request longer than the MTU. */
  | 'fragments';

/** One request and what became of it. Addresses are written `192.0.2.1:3478`, `[2001:db8::1]:3478`. */
export interface Observation {
  /** The local address the request left from; requests of one socket share it. A name such as `x.local:5000` where the address is hidden. */
  base: string;
  /** Destination of the request: an address, a name with port, or a `stun:` or `turn:` URL. */
  destination: string;
  /** Source of the answer. */
  from?: string;
  /** The mapped address of the answer; `null` when nothing came; absent when the browser dropped the candidate as equal to another. */
  mapped?: string | null;
  /** Kind of request; any other name is read as that of a plain request, with a warning. */
  test?: NatTest | (string & {});
  /** Observer of the mapped address: `stun`, `srflx`, `relay`, `peer`, `turn-loopback` or anything else. */
  source: string;
  /** When, in milliseconds of any clock. The order of the observations counts where one has none. */
  time?: number;
  /** How often the request was sent. */
  sends?: number;
  /** Address that should answer a test of filtering. */
  expected?: string;
  /** Code of a STUN error answer. */
  error?: number;
  /** Why the test was not made, such as `no-other-address`. */
  untestable?: string;
  /** MAPPED-ADDRESS, when the answer had it next to XOR-MAPPED-ADDRESS. */
  plain?: string;
  /** Seconds of silence before a `lifetime` test. */
  idle?: number;
  /** Requests of one socket with the same number left at the same moment; where there are any, only these are compared for mapping. */
  burst?: number;
  /** The mapped address came in MAPPED-ADDRESS alone, which an ALG may have rewritten. */
  plainOnly?: boolean;
  /** Name of the network interface of `base`. */
  interface?: string;
  /** For `peer`: what must hold before the address says anything on mapping. */
  conditions?: {
    /** All candidates of the sender had been signalled and processed. */
    allSignalled: boolean;
    /** The check came from the base compared with (the low 24 bits of PRIORITY match). */
    sameBase: boolean;
    /** That base is not a relay. */
    notRelay: boolean;
    /** No ICE restart or network change in between. */
    sameGeneration: boolean;
  };
}

/** The names of RFC 3489, derived from the axes. */
export type ClassicNat =
  | 'open'
  | 'full cone'
  | 'restricted cone'
  | 'port restricted cone'
  | 'symmetric'
  | 'symmetric firewall'
  | 'blocked'
  | 'cone'
  | 'unknown';

/** Will a direct connection come about? */
export interface Forecast {
  /** ICE finds a direct UDP pair. */
  direct: boolean;
  /** Local and remote candidate type of that pair as the first side sees it, as `srflx-prflx`. */
  pair: string | null;
  /** The reason. */
  why: string;
  /** Stable code of the reason. */
  code: string;
  /** Chance with port prediction after so many probes, where ICE alone fails. */
  odds: {
    /** Probes sent. */
    probes: number;
    /** Probability that one of them gets through, 0 to 1. */
    chance: number;
  }[];
  /** Advice, as an English sentence. */
  advice: string;
}

/** Knowledge of the way out from one local address in one address family. */
export interface NatPath {
  /** Family that leaves the host. */
  family: 4 | 6;
  /** The first base seen of that local address. */
  base: string;
  /** External addresses seen. */
  exits: string[];
  /** Mapping; `not-applicable` where nothing is translated. */
  mapping: Axis<Mapping>;
  /** Filtering, of NATs and firewalls together. */
  filtering: Axis<Filtering>;
  /** Whether the own mapped address can be reached from inside. */
  hairpin: Axis<boolean>;
  /** Seconds after which an idle mapping is gone. */
  lifetime: Axis<number>;
  /** Longest silence in seconds that a mapping survived. */
  aliveAfter: number | null;
  /** Shortest silence in seconds that a mapping did not survive. */
  deadAfter: number | null;
  /** `preserved`, `sequential`, `block` or `random`. */
  ports: Axis<string>;
  /** Figures behind `ports`: shares of mappings, and the step from one to the next. */
  portFigures: {
    /** Mappings that the shares are of. */
    mappings: number;
    /** Share of mappings whose external port is the internal one, 0 to 1. */
    preserved: number;
    /** Share of mappings whose external port is even or odd like the internal one, 0 to 1. */
    parity: number;
    /** Share of neighbouring internal ports that got neighbouring external ports, 0 to 1; `null` when no two were neighbours. */
    contiguity: number | null;
    /** Most frequent step from one new mapping to the next; `null` unless more than half have it. */
    delta: number | null;
  };
  /** `single` or `arbitrary`. */
  pooling: Axis<string>;
  /** NATs on the way: `none`, `one` or `several`. */
  levels: Axis<string>;
  /** Whether addresses inside packets are rewritten. */
  alg: Axis<boolean>;
  /** Whether UDP fragments pass. */
  fragments: Axis<boolean>;
  /** The classic name. */
  classic: ClassicNat;
  /** Forecast for each classic kind of peer; empty unless mapping and filtering are known. */
  forecast: (Forecast & {
    /** Classic kind of the peer. */
    peer: ClassicNat;
  })[];
}

/** Result of `inferNat`. */
export interface NatReport {
  /** One per local address and family. */
  paths: NatPath[];
  /** The observations given. */
  observations: Observation[];
  /** Marks that are not axes: VPN, carrier NAT, misbehaving servers. */
  warnings: {
    /** Stable code, for translations. */
    code: string;
    /** Warning as an English sentence. */
    text: string;
  }[];
  /** Mapping and filtering are settled on every path. */
  complete: boolean;
}

/** One side of a forecast. */
export interface TraversalSide {
  /** Mapping; `endpoint-independent` where nothing is translated. */
  mapping: Mapping;
  /** Filtering. */
  filtering: Filtering;
  /** Whether new mappings may get another external address; `single` when absent. */
  pooling?: 'single' | 'arbitrary';
}

/**
 * Infers NAT behaviour from observations of any source. Throws a `TypeError` that names the observation and the field
 * when one can't be read.
 *
 * @example
 * const report = inferNat([
 *   { base: '192.168.1.7:51000', destination: '198.51.100.1:3478', mapped: '203.0.113.5:40000', source: 'stun' },
 *   { base: '192.168.1.7:51000', destination: '198.51.100.2:3478', mapped: '203.0.113.5:40000', source: 'stun' },
 * ]);
 * report.paths[0].mapping.value; // 'endpoint-independent'
 */
export function inferNat(observations: readonly Observation[]): NatReport {
  const report = asTypeError(() => natWasm.call(({ nat_infer }) => nat_infer(flatten(observations)))) as Omit<
    NatReport,
    'observations'
  >;
  return { ...report, observations: [...observations] };
}

/** Observations as the wasm reads them. */
function flatten(observations: readonly Observation[]): object[] {
  requireArray('observations', observations);
  return observations.map((observation, index) => {
    requireObject(`observations[${index}]`, observation);
    const { mapped, conditions, ...rest } = observation;
    return { ...rest, ...conditions, ...(typeof mapped === 'string' ? { mapped } : { silent: mapped === null }) };
  });
}

/**
 * Says whether ICE connects two networks directly, why, and what the odds are with port prediction.
 *
 * `filterScope`: what a filter remembers, `mapping` (most implementations) or `endpoint` (the words of RFC 4787 §5).
 *
 * @throws TypeError when a behaviour is none of those of RFC 4787.
 *
 * @example
 * const symmetric = { mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' } as const;
 * predictTraversal(symmetric, symmetric).direct; // false
 */
export function predictTraversal(
  a: TraversalSide,
  b: TraversalSide,
  options: { filterScope?: 'endpoint' | 'mapping' } = {},
): Forecast {
  for (const [name, side] of Object.entries({ a, b })) {
    requireObject(name, side);
    requireString(`${name}.mapping`, (side as TraversalSide).mapping);
    requireString(`${name}.filtering`, (side as TraversalSide).filtering);
  }
  requireObject('options', options);
  const arbitrary = (side: TraversalSide) => side.pooling === 'arbitrary';
  const perEndpoint = options.filterScope === 'endpoint';
  return asTypeError(() =>
    natWasm.call(({ nat_predict }) =>
      nat_predict(a.mapping, a.filtering, arbitrary(a), b.mapping, b.filtering, arbitrary(b), perEndpoint),
    ),
  ) as Forecast;
}
