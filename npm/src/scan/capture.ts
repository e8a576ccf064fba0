/** Content of a capture: transactions, flows, pairs, sessions, allocations. */
import type { IceRole } from '../ice.js';

/** `udp` or `tcp`. */
export type Transport = 'udp' | 'tcp';

/** The packet something came in. Addresses are written `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
export interface PacketOrigin<A = string> {
  /** From 1. */
  number: number;
  /** Milliseconds since the first packet. */
  time: number;
  /** Of what TURN carried: the relayed address or the peer. */
  from: A;
  /** Destination; of what TURN carried, the peer or the relayed address. */
  to: A;
  /** Transport protocol that carried the packet. */
  transport: Transport;
  /** It was inside TURN. */
  relayed: boolean;
}

/** A message seen. */
export interface Sighting {
  /** Number of the packet, from 1. */
  packet: number;
  /** Milliseconds since the first packet. */
  time: number;
  /** Index among the findings; `null` when there were too many. */
  finding: number | null;
  /** It came inside TURN. */
  relayed: boolean;
}

/**
 * Oddity of a message: values that are not padded (Microsoft's TURN and others), an attribute or length past the end, or
 * an answer by its transaction id whose type is not a response. What could be read of it counts; `null` for all others.
 */
export type Oddity = 'unaligned' | 'malformed' | 'foreign' | null;

/** A request and what became of it. */
export interface Transaction<A = string> {
  /** As in `StunMessage.method`, or its code. */
  method: string;
  /** Address the request came from. */
  client: A;
  /** Address the request went to. */
  server: A;
  /** Transport protocol between the two. */
  transport: Transport;
  /** The request, each time it was seen; at most 16. */
  requests: Sighting[];
  /** Times the request was sent again. */
  retransmissions: number;
  /** `null` when no answer is in the capture. */
  response: {
    /** First sight of the response. */
    seen: Sighting;
    /** Address the response came from. */
    from: A;
    /** Whether it is a success response. */
    success: boolean;
    /** Code in ERROR-CODE; `null` for success responses, and where it can't be read. */
    error: number | null;
    /** XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS; `null` when there is neither. */
    mapped: A | null;
    /** Oddity of the response. */
    oddity: Oddity;
  } | null;
  /** Oddity of the request. */
  oddity: Oddity;
  /** Responses after the first. */
  moreResponses: number;
  /** Milliseconds from the last request before the answer to the answer. */
  roundTrip: number | null;
  /** Attributes that make it a connectivity check (RFC 8445 §7.1.1); `null` when it is none. */
  check: {
    /** The receiver's fragment, a colon, the sender's. */
    username: string;
    /** PRIORITY (RFC 8445 §7.1.1); `null` when absent. */
    priority: number | null;
    /** Whether USE-CANDIDATE is there: the sender nominates the pair (RFC 8445 §7.1.2). */
    useCandidate: boolean;
    /** Role that the sender claims, by ICE-CONTROLLING or ICE-CONTROLLED; `null` when it claims none. */
    role: IceRole | null;
    /** 16 hexadecimal digits. */
    tieBreaker: string | null;
  } | null;
}

/** Packets that went one way. */
export interface Counts {
  /** Packets with a payload. */
  packets: number;
  /** Bytes of UDP or TCP payload. */
  bytes: number;
  /** STUN and TURN messages. */
  stun: number;
  /** DTLS packets. */
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
  /** The smaller of the two addresses. */
  a: A;
  /** The greater of the two addresses. */
  b: A;
  /** Transport protocol between the two. */
  transport: Transport;
  /** Whether it was inside TURN. */
  relayed: boolean;
  /** Time of the first packet, in milliseconds since the first of the capture. */
  first: number;
  /** Time of the last packet, in milliseconds since the first of the capture. */
  last: number;
  /** Packets from `a` to `b`. */
  fromA: Counts;
  /** Packets from `b` to `a`. */
  fromB: Counts;
  /** Progress of the DTLS handshake (RFC 6347, RFC 9147). Times are milliseconds since the first packet. */
  dtls: {
    /** The first ClientHello; `null` when none was seen. */
    clientHello: {
      /** Time of its packet. */
      time: number;
      /** Whether `a` sent it, and so is the DTLS client. */
      fromA: boolean;
    } | null;
    /** ClientHello messages, retransmissions included. */
    clientHellos: number;
    /** The first ServerHello; `null` when none was seen. */
    serverHello: {
      /** Time of its packet. */
      time: number;
      /** Whether `a` sent it. */
      fromA: boolean;
    } | null;
    /** Time of the first encrypted record from `a`; `null` when there was none. */
    encryptedA: number | null;
    /** Time of the first encrypted record from `b`; `null` when there was none. */
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
  /** Success responses. */
  answered: number;
  /** Error responses. */
  errors: number;
  /** Errors 487, role conflict. */
  conflicts: number;
  /** Requests sent again. */
  retransmissions: number;
  /** Time of the first request; `null` when there was none. */
  first: number | null;
  /** Time of the first success response; `null` when there was none. */
  firstAnswer: number | null;
  /** Shortest round trip and the mean, milliseconds. */
  fastest: number | null;
  /** Mean round trip, in milliseconds; `null` without a success response. */
  mean: number | null;
  /** Requests with USE-CANDIDATE. */
  nominations: number;
  /** Time of the first success response to one. */
  nominated: number | null;
  /** Role that the last request claims; `null` when it claims none. */
  role: IceRole | null;
  /** Indexes into `transactions`. */
  transactions: number[];
}

/** Two addresses that were checked. */
export interface CapturedPair<A = string> {
  /** The smaller of the two addresses. */
  a: A;
  /** The greater of the two addresses. */
  b: A;
  /** Transport protocol between the two. */
  transport: Transport;
  /** Checks from `a` to `b`. */
  fromA: Checks;
  /** Checks from `b` to `a`. */
  fromB: Checks;
  /** Indexes into `flows`: on the wire, and inside TURN. */
  flow: number | null;
  /** Index into `flows` of the flow inside TURN; `null` when there is none. */
  relayedFlow: number | null;
  /** Bytes of DTLS, RTP and RTCP it carried. */
  dataBytes: number;
}

/** The checks between two agents, known by their username fragments. */
export interface CapturedSession<A = string> {
  /** The controlling agent's first, when the checks say which it is. */
  fragments: [string, string];
  /** Whether the checks say which agent controls. */
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

/** Allocation that a client got from a TURN server, or asked for in vain. */
export interface Allocation<A = string> {
  /** Address of the client. */
  client: A;
  /** Address of the TURN server. */
  server: A;
  /** Transport protocol between the two. */
  transport: Transport;
  /** Time of the first Allocate request, in milliseconds since the first packet. */
  first: number;
  /** Time of the success response, in milliseconds since the first packet; `null` when there was none. */
  granted: number | null;
  /** XOR-RELAYED-ADDRESS of the success response; `null` when there was none. */
  relayed: A | null;
  /** XOR-MAPPED-ADDRESS of the success response; `null` when there was none. */
  mapped: A | null;
  /** Seconds. */
  lifetime: number | null;
  /** REQUESTED-TRANSPORT: 17 UDP, 6 TCP. */
  requested: number | null;
  /** Error codes of its responses, in order, at most 16. */
  errors: number[];
  /** Refreshes that succeeded. */
  refreshes: number;
  /** Time of the refresh with lifetime 0, in milliseconds since the first packet; `null` when there was none. */
  deleted: number | null;
  /** Peers with a granted permission (RFC 8656 §9). */
  permissions: A[];
  /** Channels granted (RFC 8656 §12). */
  channels: {
    /** Channel number, 0x4000 to 0x4fff. */
    number: number;
    /** Peer it is bound to. */
    peer: A;
  }[];
  /** Packets from the client to peers. */
  sent: {
    /** Packets in Send indications. */
    indications: number;
    /** Packets in ChannelData. */
    channel: number;
  };
  /** Packets from peers to the client. */
  received: {
    /** Packets in Data indications. */
    indications: number;
    /** Packets in ChannelData. */
    channel: number;
  };
}

/** A request that came back as ICMP "destination unreachable" (RFC 792, RFC 4443). */
export interface Unreachable<A = string> {
  /** Number of the ICMP packet, from 1. */
  packet: number;
  /** Milliseconds since the first packet. */
  time: number;
  /** The address, without a port, of who says so: the host itself, or a router on the way. */
  by: string;
  /** Address the returned request came from. */
  from: A;
  /** Address the returned request went to. */
  to: A;
  /** Nobody listens on the port; a filter forbids it; no such host; no route to its network. */
  reason: 'port' | 'prohibited' | 'host' | 'network' | 'other';
  /** Index into `transactions`. */
  transaction: number;
}

/** Content of a capture. */
export interface Capture<A = string> {
  /** File format. */
  format: 'pcap' | 'pcapng';
  /** Packets read. */
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
  skipped: {
    /** Neither UDP nor TCP over IP, or an unknown link type. */
    other: number;
    /** IP fragments whose packet did not come together. */
    fragments: number;
    /** Packets whose headers are cut off. */
    short: number;
    /** Packets whose payload is cut off; counted in their flow all the same. */
    cut: number;
  };
  /** Counts of what did not fit the tables. */
  over: {
    /** Packets of flows beyond the most that are kept. */
    flows: number;
    /** Requests beyond the most that are kept. */
    transactions: number;
    /** Allocations beyond the most that are kept. */
    allocations: number;
    /** ICMP messages beyond the most that are kept. */
    unreachable: number;
    /** Messages that are not among the findings. */
    findings: number;
  };
  /** Responses without a request in the capture. */
  unasked: number;
  /** Requests with their responses, by the time of the first request. */
  transactions: Transaction<A>[];
  /** Flows, by the time of their first packet. */
  flows: Flow<A>[];
  /** Pairs of addresses between which checks ran, by the time of the first check. */
  pairs: CapturedPair<A>[];
  /** Pairs of agents that checked each other. */
  sessions: CapturedSession<A>[];
  /** Allocations on TURN servers, attempts included. */
  allocations: Allocation<A>[];
  /** Requests that came back as ICMP errors. */
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
