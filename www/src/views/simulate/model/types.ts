/** Scenarios and traces of the engine, as far as the page reads them. */
import type { SimulationResult } from 'icelens/sim';

export interface NatChoice {
  preset?: string | null;
  classic?: string | null;
  mapping?: string | null;
  filtering?: string | null;
  filterScope?: string | null;
  ports?: string | null;
  hairpin?: boolean | null;
  udpTimeout?: number | null;
  [parameter: string]: unknown;
}

export interface Network {
  name: string;
  within?: string;
  nat?: NatChoice;
  [more: string]: unknown;
}

export interface Host {
  name: string;
  network?: string;
  addresses: string[];
  run: { kind: 'ice' | 'stun' | 'turn' | 'silent'; [more: string]: unknown };
  [more: string]: unknown;
}

export interface Call {
  from: string;
  to: string;
  at?: number;
  signalling?: number;
  [more: string]: unknown;
}

export interface Scenario {
  title?: string;
  seed?: number;
  until?: number;
  networks?: Network[];
  hosts?: Host[];
  calls?: Call[];
  events?: { at: number; what: string; host?: string; network?: string; [more: string]: unknown }[];
  text?: Record<string, string | string[]>;
}

export type Outcome = SimulationResult['outcome'];

/** How the first call ended. Times in milliseconds. */
export type RunResult = Omit<SimulationResult, 'selected'>;

interface Timed {
  /** Milliseconds of virtual time. */
  time: number;
}
export interface PacketParts {
  packet: number;
  source: string;
  destination: string;
  message: string;
  length: number;
  /** Hex. */
  bytes: string;
}
export type PacketEntry = Timed &
  (
    | ({ kind: 'sent' | 'received'; host: string } & PacketParts)
    | ({
        kind: 'nat';
        network: string;
        direction: 'out' | 'in' | 'hairpin';
        passes: boolean;
        rule: string;
        why: string;
        newSource?: string;
        newDestination?: string;
      } & PacketParts)
    | { kind: 'lost' | 'no-route'; packet: number; source: string; destination: string }
  );
export type NatEntry = Extract<PacketEntry, { kind: 'nat' }>;
export type DecisionEntry = Timed & {
  kind: 'decision';
  host: string;
  code: string;
  rule: string;
  why: string;
  pair?: number;
  local?: string;
  remote?: string;
  /** Of the component that is meant. */
  stream?: number;
  component?: number;
  /** Where the sentence has one. */
  number?: number;
  what?: string;
  was?: string;
};
export type SignalEntry = Timed & {
  kind: 'signal';
  from: string;
  to: string;
  message: { type: string; candidate?: string; candidates?: string[] };
  /** The SIP request or response that carries it. */
  sip?: string;
};
export type EventEntry = Timed & { kind: 'event'; event: { what: string; host?: string; network?: string } };

/** One line of the trace. */
export type Entry = PacketEntry | DecisionEntry | SignalEntry | EventEntry;

/** A run, whole. */
export interface Run {
  scenario: Scenario;
  trace: readonly Entry[];
  result: RunResult;
}

export function isPacket(entry: Entry): entry is PacketEntry {
  return entry.kind !== 'decision' && entry.kind !== 'signal' && entry.kind !== 'event';
}
