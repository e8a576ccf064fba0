/** A session as a file: everything that Live holds of it, to be opened elsewhere, where it can be read and not changed. */
import type { NatReport } from 'icelens';
import { type CandidateRow, MAX_CANDIDATES } from './candidates';
import { type LogEntry, MAX_LOG } from './log.svelte';
import { en, type LiveKey } from './messages';
import type { NatProbe } from './nat.svelte';
import { type PairRecord, pairFrom } from './pairs';
import { distinct, fields, flag, list, moment, number, oneOf, or, type Read, word, wrong } from './read';
import type { CheckedCandidate, ServerCheck } from './serverCheck.svelte';
import { MAX_SERVERS, parseServers, type ServerUrl } from './servers';
import type { Generation, Phase, Session } from './session.svelte';
import type { ServerError } from './verdicts';

/** Largest file read, bytes. */
export const MAX_RECORDING = 8e6;
/** Most pairs, errors and observations read of each. */
const MAX_ROWS = 2000;

/** A session as it is kept. */
export interface Recording extends Origin {
  phase: Phase;
  relayOnly: boolean;
  servers: ServerUrl[];
  refusal: string | null;
  interrupted: boolean;
  generation: number;
  now: number;
  localDone: number | null;
  remoteDone: number | null;
  errors: ServerError[];
  carried: PairRecord | null;
  current: Generation;
  past: Generation[];
  log: LogEntry[];
  /** When the data channel opened. */
  dataReady: number | null;
  check: { candidates: CheckedCandidate[]; errors: ServerError[]; complete: boolean };
  nat: { observations: NatReport['observations']; silent: string[]; errors: ServerError[]; elapsed: number };
}

/** When a session was seen, as ISO 8601, and in which browser. */
export interface Origin {
  when: string;
  browser: string;
}

/** Parts that a recording is made from. */
export interface Parts {
  session: Session;
  check: ServerCheck;
  nat: NatProbe;
  dataReady: number | null;
  origin: Origin;
}

const FORMAT = 'icelens live session 1';

/** The text of the file. It holds addresses; passwords are not part of what is kept. */
export function writeRecording({ session, check, nat, dataReady, origin }: Parts): string {
  const { phase, servers, refusal, interrupted, generation, now, localDone, remoteDone, errors, past } = session;
  const { local, remote, pairs, carried, firstPairAt, connectedAt } = session;
  const recording: Recording = {
    ...origin,
    phase: session.running && phase !== 'connected' ? 'stopped' : phase,
    relayOnly: session.relayOnly,
    servers: [...servers],
    ...{ refusal, interrupted, generation, now, localDone, remoteDone },
    errors: [...errors],
    carried,
    current: { local, remote, pairs, firstPairAt, connectedAt },
    past: [...past],
    log: [...session.log.entries],
    dataReady,
    check: { candidates: [...check.candidates], errors: [...check.errors], complete: check.complete },
    nat: {
      observations: nat.report?.observations ?? [],
      silent: [...nat.silent],
      errors: [...nat.errors],
      elapsed: nat.elapsed,
    },
  };
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  return JSON.stringify({ format: FORMAT, ...recording }, plain);
}

// What is read comes from anywhere.

const candidate = fields<CandidateRow>({
  id: word,
  type: word,
  protocol: word,
  address: word,
  port: number,
  priority: number,
  foundation: word,
  component: number,
  tcpType: or(word),
  relatedAddress: or(word),
  relatedPort: or(number),
  url: or(word),
  relayProtocol: or(word),
  ufrag: word,
  at: number,
  learned: flag,
});
const generation = fields<Generation>({
  local: distinct(candidate, MAX_CANDIDATES, ({ id }) => id),
  remote: distinct(candidate, MAX_CANDIDATES, ({ id }) => id),
  pairs: distinct(pairFrom, MAX_ROWS, ({ id }) => id),
  firstPairAt: or(number),
  connectedAt: or(number),
});
const error = fields<ServerError>({ url: word, code: number, text: word, at: number });
const key: Read<LiveKey> = (v) => (typeof v === 'string' && Object.hasOwn(en, v) ? (v as LiveKey) : wrong('message'));
const values: Read<LogEntry['values']> = (v) => {
  if (typeof v !== 'object' || v === null) return wrong('values');
  const said = (value: unknown) => (typeof value === 'number' ? value : word(value));
  return Object.fromEntries(Object.entries(v).map(([name, value]) => [name, said(value)]));
};
const entry = fields<LogEntry>({
  id: number,
  at: number,
  key,
  values,
  rfc: or(word),
  level: oneOf('info', 'good', 'bad'),
  generation: number,
  atMost: flag,
});
const server: Read<ServerUrl> = (v) => {
  const url = typeof v === 'object' && v !== null && 'url' in v ? word(v.url) : '';
  return parseServers(url).servers[0] ?? wrong('server');
};
const checked = fields<CheckedCandidate>({ type: word, url: or(word), at: number });
/** Its fields are for the engine to check, which infers from them anew. */
const observation: Read<NatReport['observations'][number]> = (v) =>
  typeof v === 'object' && v !== null ? (v as NatReport['observations'][number]) : wrong('observation');

const recording = fields<Recording>({
  when: moment,
  browser: word,
  phase: oneOf<Phase>('connected', 'failed', 'stopped'),
  relayOnly: flag,
  servers: distinct(server, MAX_SERVERS, ({ url }) => url),
  refusal: or(word),
  interrupted: flag,
  generation: number,
  now: number,
  localDone: or(number),
  remoteDone: or(number),
  errors: list(error, MAX_ROWS),
  carried: or(pairFrom),
  current: generation,
  past: list(generation, 16),
  log: distinct(entry, MAX_LOG, ({ id }) => id),
  dataReady: or(number),
  check: fields({ candidates: list(checked, MAX_ROWS), errors: list(error, MAX_ROWS), complete: flag }),
  nat: fields({
    observations: list(observation, MAX_ROWS),
    silent: list(word, MAX_SERVERS),
    errors: list(error, MAX_ROWS),
    elapsed: number,
  }),
});

/** Why a file is no recording that can be opened. */
export function notRecorded(text: string): 'recording.bad' | 'recording.damaged' | 'recording.version' {
  const format = /^\s*\{\s*"format":\s*"(icelens live session [^"]*)"/.exec(text)?.[1];
  if (format === undefined) return 'recording.bad';
  return format === FORMAT ? 'recording.damaged' : 'recording.version';
}

/** Recording in a file; null when it is none, or has a field that can't be. */
export function readRecording(text: string): Recording | null {
  try {
    const object: unknown = JSON.parse(text);
    const { format } = object as { format?: unknown };
    return format === FORMAT ? recording(object) : null;
  } catch {
    return null;
  }
}
