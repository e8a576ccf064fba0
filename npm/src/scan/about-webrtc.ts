/** The text of Firefox's about:webrtc, as people copy it: its connections with their candidate pairs and candidates. */
import type { Dump, DumpCandidate, DumpConnection, DumpPair, ReadDump } from './dump.js';
import { MAX_CANDIDATES, MAX_CONNECTIONS, MAX_PAIRS } from './dump.js';

/** `{uuid} number (id=… url=…)`: Firefox's own name of a connection, the same in every language. */
const CONNECTION = /(?:\{[0-9a-f-]{36}\} )?\b(\d{10,20}) \(id=\d{1,20} url=([^\n]{0,500})\)/g;
/** When the page was drawn, above the name. */
const DRAWN = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
/** Characters before the name in which the time stands. */
const ABOVE = 400;

/** Dump that about:webrtc shows; `null` when the text is something else. @internal */
export function* readAboutWebrtc(input: string): Generator<unknown, ReadDump | null> {
  if (!input.includes(' (id=')) return null;
  const heads: RegExpExecArray[] = [];
  const over = { connections: 0, events: 0, pairs: 0 };
  for (const head of input.matchAll(CONNECTION)) {
    // The first that is left out ends the last that is kept.
    if (heads.length <= MAX_CONNECTIONS) heads.push(head);
    if (heads.length > MAX_CONNECTIONS) over.connections++;
  }
  if (heads.length === 0) return null;
  const kept = heads.slice(0, MAX_CONNECTIONS);
  const connections: DumpConnection[] = [];
  for (const [at, head] of kept.entries()) {
    const body = { start: head.index + head[0].length, end: heads[at + 1]?.index ?? input.length };
    connections.push(yield* readConnection(input, head, body, over));
  }
  // Logs name connections too: it is the page when its tables are there.
  if (connections.every(({ pairs, candidates }) => pairs.length + candidates.local.length === 0)) return null;
  return { format: 'about-webrtc', dump: { userAgent: null, saved: null, cut: null, connections, over } };
}

/** Lines between two pauses. */
const LINES = 5_000;

function* readConnection(
  input: string,
  head: RegExpExecArray,
  { start, end }: { start: number; end: number },
  over: Dump['over'],
): Generator<unknown, DumpConnection> {
  const [, id = '', url = ''] = head;
  const drawn = input
    .slice(Math.max(0, head.index - ABOVE), head.index)
    .match(DRAWN)
    ?.at(-1);
  // The number counts microseconds to when the connection was made.
  const time = drawn === undefined ? Number(id) / 1000 : Date.parse(drawn);
  const connection: DumpConnection = {
    id,
    start: head.index,
    url: url === '' ? null : url,
    configuration: null,
    events: [],
    pairs: [],
    candidates: { local: [], remote: [] },
    transports: [],
    lastStats: null,
  };
  let count = 0;
  for (let at = start; at < end; ) {
    if (count++ % LINES === 0) yield;
    const stop = input.indexOf('\n', at);
    const next = stop < 0 || stop > end ? end : stop;
    const line = input.slice(at, next).trimEnd();
    readLine(connection, line, at, time, over);
    at = next + 1;
  }
  return connection;
}

function readLine(connection: DumpConnection, line: string, at: number, time: number, over: Dump['over']): void {
  const candidate = rawCandidate(line, at);
  if (candidate !== null) {
    if (connection.candidates.local.length < MAX_CANDIDATES) connection.candidates.local.push(candidate);
    return;
  }
  const id = `pair ${connection.pairs.length + 1}`;
  const row = readRow(line, id, time) ?? readOldRow(line, id, time);
  if (row === null) return;
  if (connection.pairs.length >= MAX_PAIRS) {
    over.pairs++;
    return;
  }
  const { pair, selected } = row;
  connection.pairs.push(pair);
  if (!selected) return;
  pair.transport = `transport ${connection.transports.length + 1}`;
  connection.transports.push({
    id: pair.transport,
    selected: [{ time, value: pair.id }],
    iceStates: [],
    dtlsStates: [],
    role: null,
    localFragment: null,
  });
}

const STATES = new Set(['frozen', 'waiting', 'in-progress', 'inprogress', 'succeeded', 'failed', 'cancelled']);

/** A row of the table: state, nominated, selected, local, remote, component, priority, bytes sent, bytes received. */
function readRow(line: string, id: string, time: number): { pair: DumpPair; selected: boolean } | null {
  const cells = line.split('\t', 10);
  const [state = '', nominated = '', selected = '', local = '', remote = '', , , sent = '', received = ''] = cells;
  if (cells.length < 5 || !STATES.has(state)) return null;
  const pair: DumpPair = {
    id,
    transport: null,
    local: shownCandidate(`${id} local`, local),
    remote: shownCandidate(`${id} remote`, remote),
    states: [{ time, value: state }],
    nominated: nominated === '' ? [] : [{ time, value: nominated === 'true' }],
    bytesSent: Number(sent) || 0,
    bytesReceived: Number(received) || 0,
    requestsSent: 0,
    responsesReceived: 0,
    requestsReceived: null,
    currentRoundTripTime: null,
    // The number in the table is rounded to 53 bits, and the local candidate's priority is not there.
    priority: null,
  };
  return { pair, selected: selected === 'true' };
}

/** A row of Firefox 52 and before: local, remote, state, priority, nominated, selected. */
function readOldRow(line: string, id: string, time: number): { pair: DumpPair; selected: boolean } | null {
  const [local = '', remote = '', state = '', , nominated = '', selected = ''] = line.split('\t', 7);
  if (!STATES.has(state) || !SHOWN.test(local)) return null;
  return readRow([state, nominated, selected, local, remote].join('\t'), id, time);
}

/** `192.0.2.1:5000/udp(relay-tcp) [non-proxied]`; IPv6 has no brackets. */
const SHOWN = /^(.{0,255}):(\d{1,5})\/(\w{1,10})\(([a-z]{1,20})(?:-(\w{1,10}))?\)/;
/** The names of types that older versions write. */
const TYPES: Record<string, string> = { serverreflexive: 'srflx', peerreflexive: 'prflx', relayed: 'relay' };

function shownCandidate(id: string, text: string): DumpCandidate | null {
  const match = SHOWN.exec(text);
  if (match === null) return null;
  const [, address = '', port = '', protocol = '', type = '', relayProtocol] = match;
  return {
    id,
    type: TYPES[type] ?? type,
    address,
    port: Number(port),
    protocol: protocol.toLowerCase(),
    priority: null,
    url: null,
    relayProtocol: relayProtocol ?? null,
    span: null,
  };
}

/** `host(IP4:192.0.2.1:5000/UDP)`, `srflx(IP4:10.0.0.1:5000/UDP|stun.example.org:3478)`, `turn-relay(…|…)`. */
const RAW =
  /^(host|srflx|turn-relay)\(IP[46]:\[?([0-9a-f.:]{2,45}?)\]?:(\d{1,5})\/(UDP|TCP)(?:\|([^)]{0,300}))?\)(?: (active|passive|so))?$/i;

/** A line of the list of local candidates. Of those that a server gave it has the base only, not the address. */
function rawCandidate(line: string, at: number): DumpCandidate | null {
  const match = RAW.exec(line);
  if (match === null) return null;
  const [, type = '', address = '', port = '', protocol = '', server] = match;
  const isHost = type === 'host';
  return {
    id: line,
    type: type === 'turn-relay' ? 'relay' : type,
    address: isHost ? address : '',
    port: isHost ? Number(port) : null,
    protocol: protocol.toLowerCase(),
    priority: null,
    url: server ?? null,
    relayProtocol: null,
    span: { start: at, end: at + line.length },
  };
}
