/** Reads the lines of a log by the table of rules, and puts together what they tell. */
import { type Edited, oldOffset } from '../edits.js';
import type { LogEventName, LogFamily, LogField } from './rules.js';
import { families } from './table.js';

/** Content of a line. */
export interface LogEvent {
  /** Kind of the event. */
  name: LogEventName;
  /** From 1. */
  line: number;
  /** UTF-16 offsets of the line in the input. */
  start: number;
  /** UTF-16 offset behind the line. */
  end: number;
  /** The line's time as it is written; `null` where it has none. */
  time: string | null;
  /** Values that the line names: addresses, users, codes, states. */
  fields: Partial<Record<LogField, string>>;
}

/** A candidate that a log names. */
export interface LogCandidate {
  /** Side that the candidate belongs to; `null` where the log does not say. */
  side: 'local' | 'remote' | null;
  /** `host`, `srflx`, `prflx`, `relay`. */
  type: string | null;
  /** Transport protocol, `udp` or `tcp`; `null` where the log does not say. */
  protocol: string | null;
  /** Address as written: an IP address or a name. */
  address: string;
  /** Port; `null` where the log does not say. */
  port: number | null;
  /** The first line that names it. */
  line: number;
}

/** A candidate pair of a log. Addresses with ports, as written. */
export interface LogPair {
  /** Local address. */
  local: string;
  /** Remote address. */
  remote: string;
  /** Type of the local candidate; `null` where the log does not say. */
  localType: string | null;
  /** Type of the remote candidate; `null` where the log does not say. */
  remoteType: string | null;
  /** Each change of its state: `waiting`, `in-progress`, `succeeded`, `failed` and what else the log says. */
  states: {
    /** Line that says so, from 1. */
    line: number;
    /** State from then on. */
    value: string;
  }[];
  /** Whether the log says that the pair was selected. */
  selected: boolean;
}

/** An allocation on a TURN server, or the attempt. */
export interface LogAllocation {
  /** Session id, as the log writes it. */
  session: string;
  /** User name; `null` where the log does not say. */
  user: string | null;
  /** Realm; `null` where the log does not say. */
  realm: string | null;
  /** Address of the client, with port; `null` where the log does not say. */
  client: string | null;
  /** Address that the client asked, with port; `null` where the log does not say. */
  server: string | null;
  /** Relayed address, with port; `null` where the log does not say. */
  relayed: string | null;
  /** Line of the success; `null` when there was none. */
  granted: number | null;
  /** Refusals in order. */
  errors: {
    /** STUN error code; 0 where the log does not say. */
    code: number;
    /** Reason as written; `null` where the log does not say. */
    reason: string | null;
    /** Line of the refusal, from 1. */
    line: number;
  }[];
  /** Peers it was allowed to send to, and those that were denied. */
  permissions: string[];
  /** Peers that it was denied. */
  denied: string[];
  /** End of the session; `null` where the log does not say. */
  closed: {
    /** Reason as written; `null` where the log does not say. */
    reason: string | null;
    /** Line that says so, from 1. */
    line: number;
  } | null;
}

/** The lines of one program. */
export interface Log {
  /** Stable name: `coturn`, `libwebrtc`, `nicer`, `pion`, `aioice`, … */
  family: string;
  /** Its name for people. */
  title: string;
  /** Lines that are its own, and of those the ones that a rule reads. */
  lines: number;
  /** Lines that a rule reads. */
  read: number;
  /** Events in order, at most 20 000. */
  events: LogEvent[];
  /** Candidates that it names, each once, at most 2000. */
  candidates: LogCandidate[];
  /** Candidate pairs that it names, each once, at most 2000. */
  pairs: LogPair[];
  /** Sessions of a TURN server that it names, at most 2000. */
  allocations: LogAllocation[];
  /** The last state it reports of ICE or the connection, in lower case. */
  state: {
    /** State in lower case. */
    value: string;
    /** Line that says so, from 1. */
    line: number;
  } | null;
  /** Events that were left out because there are too many. */
  over: number;
}

const MAX_EVENTS = 20_000;
const MAX_LISTED = 2_000;
/** Characters of a line that are looked at. */
const MAX_LINE = 1_000;

/** Names of families, for what is said when nothing is found. @internal */
export const readers: readonly string[] = /* @__PURE__ */ families.map(({ title }) => title);

let signs: RegExp | undefined;

/**
 * The sign of any family: tried first, since most lines of most texts are of none. Made when first used: a bundler keeps
 * what is made while loading.
 */
function anySign(): RegExp {
  signs ??= new RegExp(families.map(({ sign }) => `(?:${sign.source})`).join('|'), 'i');
  return signs;
}

const STATES: Record<string, string> = {
  w: 'waiting',
  i: 'in-progress',
  s: 'succeeded',
  f: 'failed',
  inprogress: 'in-progress',
  in_progress: 'in-progress',
  'in progress': 'in-progress',
  z: 'frozen',
  success: 'succeeded',
  complete: 'completed',
};

const stateName = (value: string) => STATES[value.toLowerCase()] ?? value.toLowerCase();
const TYPES: Record<string, string> = { local: 'host', stun: 'srflx', serverreflexive: 'srflx', relayed: 'relay' };
const typeName = (value: string | undefined) =>
  value === undefined ? null : (TYPES[value.toLowerCase()] ?? value.toLowerCase());

/** A log while it is read. */
interface Open extends Log {
  byPair: Map<string, LogPair>;
  bySession: Map<string, LogAllocation>;
  seen: Set<string>;
  /** Pairs by the name the log has for them: `pair 0x5f10`, `CAND-PAIR(TGm0)`. */
  byName: Map<string, LogPair>;
  /** The code of an error, which the line behind it is about. */
  code: { value: string; line: number } | null;
  /** A refusal without its code, which the line behind it may have. */
  open: LogEvent | null;
}

/** Takes lines one by one. @internal */
export class LogReader {
  readonly #logs = new Map<LogFamily, Open>();

  /** A line without its end, and its place. */
  line(text: string, number: number, start: number, end = start + text.length): void {
    // Indentation, and the mark of a byte order.
    const shown = text.slice(0, MAX_LINE).trimStart();
    if (!anySign().test(shown)) return;
    let owner: LogFamily | null = null;
    for (const family of families) {
      if ((family.anybody && owner !== null) || !family.sign.test(shown)) continue;
      owner ??= family;
      for (const [name, pattern, fixed] of family.rules) {
        const match = pattern.exec(shown);
        if (match === null) continue;
        const fields = { ...defined(match.groups), ...fixed };
        const event = { name, line: number, start, end, time: timeOf(shown), fields };
        this.#take(this.#log(family), event);
        return;
      }
    }
    if (owner !== null) this.#log(owner).lines++;
  }

  finish(): Log[] {
    // A word or two that look like a program's are not a log of it: something must have been read.
    return [...this.#logs.values()]
      .filter(({ read }) => read > 0)
      .map(({ byPair: _, bySession: __, seen: ___, byName: ____, code: _____, open: ______, ...log }) => log);
  }

  #log(family: LogFamily): Open {
    const known = this.#logs.get(family);
    if (known !== undefined) return known;
    const log: Open = {
      family: family.family,
      title: family.title,
      lines: 0,
      read: 0,
      events: [],
      candidates: [],
      pairs: [],
      allocations: [],
      state: null,
      over: 0,
      byPair: new Map(),
      bySession: new Map(),
      seen: new Set(),
      byName: new Map(),
      code: null,
      open: null,
    };
    this.#logs.set(family, log);
    return log;
  }

  #take(log: Open, event: LogEvent): void {
    log.lines++;
    log.read++;
    if (log.events.length < MAX_EVENTS) log.events.push(event);
    else log.over++;
    const { name, fields, line } = event;
    if (name === 'error-code' || REFUSED.has(name)) this.#join(log, event);
    if (name === 'candidate') takeCandidate(log, event);
    else if (name === 'pair' || name === 'selected') takePair(log, event);
    else if (name === 'state' && fields.state !== undefined && !/^turn_/i.test(fields.state)) {
      log.state = { value: stateName(fields.state), line };
    } else if (fields.session !== undefined && ALLOCATION.has(name)) takeAllocation(log, event);
  }

  /** Some logs have the code of an error on a line of its own, before or behind the one that says what was refused. */
  #join(log: Open, event: LogEvent): void {
    const { fields, line, name } = event;
    if (name === 'error-code') {
      const { open } = log;
      if (open !== null && line - open.line <= CODE_REACH) complete(log, open, fields.code);
      else if (fields.code !== undefined) log.code = { value: fields.code, line };
      log.open = null;
      return;
    }
    if (fields.code !== undefined) return;
    if (log.code !== null && line - log.code.line <= CODE_REACH) fields.code = log.code.value;
    else log.open = event;
    log.code = null;
  }
}

/** Most lines between the code of an error and the line that says what was refused. */
const CODE_REACH = 6;
const REFUSED = new Set<LogEventName>(['allocation-refused', 'check-refused', 'server-refused']);

/** Puts the code to a refusal that had none. */
function complete(log: Open, event: LogEvent, code: string | undefined): void {
  if (code === undefined) return;
  event.fields.code = code;
  const error = log.bySession.get(event.fields.session ?? '')?.errors.at(-1);
  if (error?.line === event.line) error.code = Number(code);
}

const ALLOCATION = new Set<LogEventName>([
  'allocated',
  'allocation-refused',
  'server',
  'permission',
  'peer-denied',
  'closed',
  'server-silent',
]);

function defined(groups: Record<string, string | undefined> | undefined): Partial<Record<LogField, string>> {
  const entries = Object.entries(groups ?? {}).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(entries);
}

/** ISO 8601, time of day, syslog, and the seconds that coturn counts from its start. */
const TIME =
  /\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\b\d\d:\d\d:\d\d(?:[.,]\d+)?|^\[?\d{1,9}(?:[.:]\d{1,6})?(?=[\]:]? )/;

function timeOf(line: string): string | null {
  return TIME.exec(line.slice(0, 200))?.[0] ?? null;
}

function takeCandidate(log: Open, { fields, line }: LogEvent): void {
  const { address, port, type, protocol, side } = fields;
  if (address === undefined || log.candidates.length >= MAX_LISTED) return;
  const key = [side, address, port, type, protocol].join(' ');
  if (log.seen.has(key)) return;
  log.seen.add(key);
  log.candidates.push({
    side: side === 'local' || side === 'remote' ? side : null,
    type: typeName(type),
    protocol: protocol?.toLowerCase() ?? null,
    address: address.replace(/^\[|\]$/g, ''),
    port: port === undefined ? null : Number(port),
    line,
  });
}

function takePair(log: Open, event: LogEvent): void {
  const { name, fields, line } = event;
  const pair = pairOf(log, event);
  if (pair === null) return;
  if (name === 'selected') pair.selected = true;
  const value = fields.state === undefined ? (name === 'selected' ? 'succeeded' : null) : stateName(fields.state);
  const last = pair.states.at(-1)?.value;
  // A pair that works goes on being checked, for consent.
  if (value === null || value === last || (last === 'succeeded' && value === 'in-progress')) return;
  if (pair.states.length < 100) pair.states.push({ line, value });
}

/** The pair that a line is about, by its addresses or its name. */
function pairOf(log: Open, { fields }: LogEvent): LogPair | null {
  const { session } = fields;
  const local = withPort(fields.local, fields.localPort);
  const remote = withPort(fields.remote, fields.remotePort);
  if (local === null || remote === null) return session === undefined ? null : (log.byName.get(session) ?? null);
  const key = `${local} ${remote}`;
  let pair = log.byPair.get(key);
  if (pair === undefined) {
    if (log.pairs.length >= MAX_LISTED) return null;
    const [localType, remoteType] = [typeName(fields.localType), typeName(fields.remoteType)];
    pair = { local, remote, localType, remoteType, states: [], selected: false };
    log.byPair.set(key, pair);
    log.pairs.push(pair);
  }
  pair.localType ??= typeName(fields.localType);
  pair.remoteType ??= typeName(fields.remoteType);
  if (session !== undefined) log.byName.set(session, pair);
  return pair;
}

function withPort(address: string | undefined, port: string | undefined): string | null {
  if (address === undefined) return null;
  // `[192.0.2.1]:5000`, as some write IPv4 too.
  if (port === undefined) return address.replace(/^\[([\d.]+)\]/, '$1');
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function takeAllocation(log: Open, { name, fields, line }: LogEvent): void {
  const session = fields.session ?? '';
  let one = log.bySession.get(session);
  if (one === undefined) {
    if (log.allocations.length >= MAX_LISTED) return;
    one = {
      session,
      user: null,
      realm: null,
      client: null,
      server: null,
      relayed: null,
      granted: null,
      errors: [],
      permissions: [],
      denied: [],
      closed: null,
    };
    log.bySession.set(session, one);
    log.allocations.push(one);
  }
  one.user = fields.user ?? one.user;
  one.realm = fields.realm ?? one.realm;
  one.client = fields.client ?? one.client;
  one.server = fields.server ?? one.server;
  one.relayed = fields.relayed ?? one.relayed;
  const peer = fields.peer;
  if (name === 'allocated') one.granted ??= line;
  else if (name === 'closed') one.closed = { reason: fields.reason ?? null, line };
  else if (name === 'permission' && peer !== undefined && !one.permissions.includes(peer)) one.permissions.push(peer);
  else if (name === 'peer-denied' && peer !== undefined && !one.denied.includes(peer)) one.denied.push(peer);
  if (name === 'allocation-refused' && one.errors.length < MAX_LISTED) {
    one.errors.push({ code: Number(fields.code ?? 0), reason: fields.reason ?? null, line });
  }
}

/** The lines of a text that comes in parts. @internal */
export class Rows {
  readonly #reader: LogReader;
  #held = '';
  #number = 1;
  #start = 0;

  constructor(reader: LogReader) {
    this.#reader = reader;
  }

  take(part: string): void {
    let at = 0;
    for (let stop = part.indexOf('\n'); stop >= 0; stop = part.indexOf('\n', at)) {
      this.#line(this.#held + part.slice(at, stop));
      at = stop + 1;
    }
    // A line without an end: what is held of it, and with that the parts it was cut from, has a limit.
    const most = Math.max(0, MAX_LINE - this.#held.length);
    this.#held += part.slice(at, at + most);
    this.#skipped += Math.max(0, part.length - at - most);
  }

  end(): void {
    if (this.#held !== '') this.#line(this.#held);
  }

  #skipped = 0;

  #line(text: string): void {
    this.#reader.line(text.trimEnd(), this.#number++, this.#start);
    this.#start += text.length + this.#skipped + 1;
    this.#held = '';
    this.#skipped = 0;
  }
}

/** Lines between two pauses. */
const LINES = 2_000;

/** Place of a line in the text that was given. @internal */
export type Locate = (start: number, end: number) => { start: number; end: number; line: number };

/** Where the lines of an edited text stand in the one that was given. They are asked for in their order. @internal */
export function locator(input: string, { text, map }: Edited): Locate | null {
  if (text === input) return null;
  let line = 1;
  let counted = 0;
  return (start, end) => {
    const from = oldOffset(map, start);
    for (let at = input.indexOf('\n', counted); at >= 0 && at < from; at = input.indexOf('\n', counted)) {
      line++;
      counted = at + 1;
    }
    return { start: from, end: Math.max(from, oldOffset(map, end)), line };
  };
}

/** Reads a text's lines in steps; `locate` gives their places where the text was edited. @internal */
export function* readLogs(input: string, locate: Locate | null = null): Generator<unknown, Log[]> {
  const reader = new LogReader();
  let number = 1;
  for (let at = 0; at < input.length; number++) {
    const stop = input.indexOf('\n', at);
    const end = stop < 0 ? input.length : stop;
    const text = input.slice(at, Math.min(end, at + MAX_LINE)).trimEnd();
    const place = locate?.(at, at + text.length);
    if (place === undefined) reader.line(text, number, at);
    else reader.line(text, place.line, place.start, place.end);
    if (number % LINES === 0) yield;
    at = end + 1;
  }
  return reader.finish();
}
