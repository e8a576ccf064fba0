/** What a capture shows: transactions, flows, pairs, sessions, allocations. */

/** `udp` or `tcp`. */
export type Transport = 'udp' | 'tcp';
type Role = 'controlling' | 'controlled';

/** The packet something came in. Addresses are written `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
export interface PacketOrigin<A = string> {
  /** From 1. */
  number: number;
  /** Milliseconds since the first packet. */
  time: number;
  /** Of what TURN carried: the relayed address or the peer. */
  from: A;
  to: A;
  transport: Transport;
  /** It was inside TURN. */
  relayed: boolean;
}

/** A message seen. */
export interface Sighting {
  packet: number;
  /** Milliseconds since the first packet. */
  time: number;
  /** Index among the findings; `null` when there were too many. */
  finding: number | null;
  /** It came inside TURN. */
  relayed: boolean;
}

/**
 * What is odd about a message: values that are not padded (Microsoft's TURN and others), an attribute or length past the end, or
 * an answer by its transaction id whose type is no response. What could be read of it counts; `null` for all others.
 */
export type Oddity = 'unaligned' | 'malformed' | 'foreign' | null;

/** A request and what became of it. */
export interface Transaction<A = string> {
  /** As in `StunMessage.method`, or its code. */
  method: string;
  client: A;
  server: A;
  transport: Transport;
  /** The request, each time it was seen; at most 16. */
  requests: Sighting[];
  retransmissions: number;
  /** `null` when no answer is in the capture. */
  response: {
    seen: Sighting;
    from: A;
    success: boolean;
    error: number | null;
    mapped: A | null;
    oddity: Oddity;
  } | null;
  oddity: Oddity;
  moreResponses: number;
  /** Milliseconds from the last request before the answer to the answer. */
  roundTrip: number | null;
  /** What makes it a connectivity check (RFC 8445 §7.1.1). */
  check: {
    /** The receiver's fragment, a colon, the sender's. */
    username: string;
    priority: number | null;
    useCandidate: boolean;
    role: Role | null;
    /** 16 hexadecimal digits. */
    tieBreaker: string | null;
  } | null;
}

/** Packets that went one way. */
export interface Counts {
  packets: number;
  bytes: number;
  stun: number;
  dtls: number;
  /** RTP and RTCP. */
  media: number;
  /** ChannelData. */
  channel: number;
  /** Bytes of DTLS, RTP and RTCP. */
  dataBytes: number;
}

/** Everything between two addresses; what TURN carried is a flow of its own. */
export interface Flow<A = string> {
  a: A;
  b: A;
  transport: Transport;
  relayed: boolean;
  first: number;
  last: number;
  fromA: Counts;
  fromB: Counts;
  dtls: {
    clientHello: { time: number; fromA: boolean } | null;
    clientHellos: number;
    serverHello: { time: number; fromA: boolean } | null;
    encryptedA: number | null;
    encryptedB: number | null;
    /** Description of the first fatal alert in clear (RFC 8446 §6). */
    alert: number | null;
    /** Both sides sent encrypted records. */
    established: boolean;
  };
}

/** The checks in one direction of a pair. Times are milliseconds since the first packet. */
export interface Checks {
  /** Requests, retransmissions left aside. */
  sent: number;
  answered: number;
  errors: number;
  /** Errors 487, role conflict. */
  conflicts: number;
  retransmissions: number;
  first: number | null;
  firstAnswer: number | null;
  /** Shortest round trip and the mean, milliseconds. */
  fastest: number | null;
  mean: number | null;
  /** Requests with USE-CANDIDATE. */
  nominations: number;
  /** Time of the first success response to one. */
  nominated: number | null;
  role: Role | null;
  /** Indexes into `transactions`. */
  transactions: number[];
}

/** Two addresses that were checked. */
export interface CapturedPair<A = string> {
  a: A;
  b: A;
  transport: Transport;
  fromA: Checks;
  fromB: Checks;
  /** Indexes into `flows`: on the wire, and inside TURN. */
  flow: number | null;
  relayedFlow: number | null;
  /** Bytes of DTLS, RTP and RTCP it carried. */
  dataBytes: number;
}

/** The checks between two agents, known by their username fragments. */
export interface CapturedSession<A = string> {
  /** The controlling agent's first, when the checks say which it is. */
  fragments: [string, string];
  rolesKnown: boolean;
  /** Addresses of both agents, in the same order. */
  addresses: [A[], A[]];
  /** Indexes into `pairs`. */
  pairs: number[];
  /** The pair that was nominated, and carried the most data of such. */
  selected: number | null;
  /** Every pair was nominated with its first check (RFC 5245). */
  aggressive: boolean;
}

/** What a client got, or asked for in vain, from a TURN server. */
export interface Allocation<A = string> {
  client: A;
  server: A;
  transport: Transport;
  first: number;
  granted: number | null;
  relayed: A | null;
  mapped: A | null;
  /** Seconds. */
  lifetime: number | null;
  /** REQUESTED-TRANSPORT: 17 UDP, 6 TCP. */
  requested: number | null;
  /** Error codes of its responses, in order, at most 16. */
  errors: number[];
  refreshes: number;
  deleted: number | null;
  permissions: A[];
  channels: { number: number; peer: A }[];
  /** Packets from the client to peers. */
  sent: { indications: number; channel: number };
  /** Packets from peers to the client. */
  received: { indications: number; channel: number };
}

/** A request that came back as ICMP "destination unreachable" (RFC 792, RFC 4443). */
export interface Unreachable<A = string> {
  /** Number of the ICMP packet, from 1. */
  packet: number;
  /** Milliseconds since the first packet. */
  time: number;
  /** The address, without a port, of who says so: the host itself, or a router on the way. */
  by: string;
  from: A;
  to: A;
  /** Nobody listens on the port; a filter forbids it; no such host; no route to its network. */
  reason: 'port' | 'prohibited' | 'host' | 'network' | 'other';
  /** Index into `transactions`. */
  transaction: number;
}

/** What a capture shows. */
export interface Capture<A = string> {
  format: 'pcap' | 'pcapng';
  packets: number;
  /** STUN messages on the wire, those inside TURN not. */
  messages: number;
  /** Time of the first packet, milliseconds since 1970. */
  start: number;
  /** Milliseconds. */
  duration: number;
  /** Byte where the file is cut off or damaged. */
  damaged: number | null;
  /** Packets left aside: no UDP or TCP over IP, fragments whose packet is not whole, cut headers; and those with a cut payload. */
  skipped: { other: number; fragments: number; short: number; cut: number };
  /** What did not fit the tables. */
  over: { flows: number; transactions: number; allocations: number; unreachable: number; findings: number };
  /** Responses without a request in the capture. */
  unasked: number;
  transactions: Transaction<A>[];
  flows: Flow<A>[];
  pairs: CapturedPair<A>[];
  sessions: CapturedSession<A>[];
  allocations: Allocation<A>[];
  unreachable: Unreachable<A>[];
}

/** A capture whose addresses are indexes into a list. @internal */
export type CaptureRecord = Capture<number>;

/** Puts the addresses in. @internal */
export function captureOf(record: CaptureRecord, addresses: readonly string[]): Capture {
  const at = (index: number) => addresses[index] ?? '';
  const maybe = (index: number | null) => (index === null ? null : at(index));
  const ends = <T extends { a: number; b: number }>(item: T) => ({ ...item, a: at(item.a), b: at(item.b) });
  return {
    ...record,
    transactions: record.transactions.map((transaction) => ({
      ...transaction,
      client: at(transaction.client),
      server: at(transaction.server),
      response: transaction.response && {
        ...transaction.response,
        from: at(transaction.response.from),
        mapped: maybe(transaction.response.mapped),
      },
    })),
    flows: record.flows.map(ends),
    pairs: record.pairs.map(ends),
    sessions: record.sessions.map((session) => ({
      ...session,
      addresses: [session.addresses[0].map(at), session.addresses[1].map(at)],
    })),
    allocations: record.allocations.map((allocation) => ({
      ...allocation,
      client: at(allocation.client),
      server: at(allocation.server),
      relayed: maybe(allocation.relayed),
      mapped: maybe(allocation.mapped),
      permissions: allocation.permissions.map(at),
      channels: allocation.channels.map(({ number, peer }) => ({ number, peer: at(peer) })),
    })),
    unreachable: record.unreachable.map((message) => ({ ...message, from: at(message.from), to: at(message.to) })),
  };
}
