/**
 * The sentences of advice; the page has them in Chinese too. `{name}` stands for the parameter of that name,
 * `{name|pair|pairs}` for the word that goes with that number.
 */
export const sentences = {
  'ice.no-candidates':
    'No candidate of the {side} agent is here: nothing can be checked. Send its candidates, in its description or by trickle.',
  'ice.only-mdns':
    'The {side} agent sent only mDNS host candidates and no srflx: the STUN server did not answer, or none is configured. Only peers in the same network can resolve {address}.',
  'ice.only-private':
    'The {side} agent sent only private host addresses and no srflx or relay: a peer in another network can reach none of them. Check its STUN server.',
  'ice.no-common-component':
    'Offer and answer share no component, so no pair can form: {local} on one side, {remote} on the other. One side counts on a=rtcp-mux, the other does not.',
  'ice.no-common-transport':
    'The candidates share no transport protocol, so no pair can form: {local} on one side, {remote} on the other.',
  'ice.no-common-family':
    'One side has only IPv4, the other only IPv6 candidates, so no pair can form. A relay with both families would join them.',
  'ice.no-pair': 'No pair can form of {local} and {remote} candidates.',
  'ice.relay-tcp-only':
    'The {side} agent reached its TURN server only over TCP or TLS: UDP to it seems blocked, and media will wait for retransmissions.',
  'ice.symmetric-no-relay':
    'The srflx candidates of one base at the {side} agent have different ports ({ports}): its NAT maps by destination (symmetric), and there is no relay candidate. It connects only to peers with a public address or an address-restricted NAT at most.',
  'ice.ufrag-mismatch':
    'The candidate names the username fragment {fragment}, which no description here has ({known}): it belongs to another session or to the one before a restart, and is ignored.',
  'ice.same-credentials':
    'Both descriptions have the username fragment {fragment}: an agent was given its own description back, so its checks fail.',
  'ice.half-restart':
    'A later description of the {side} agent changes only one of a=ice-ufrag and a=ice-pwd. A restart changes both (RFC 8839 §4.4.1.1.1).',
  'ice.end-missing':
    'Candidates of the {side} agent were trickled, but no end of candidates: its peer can not tell when to give up.',
  'ice.candidate-after-end':
    'A candidate of the {side} agent comes after its end of candidates: a peer may ignore it (RFC 8838 §14).',
  'ice.same-machine':
    'Both agents have the address {address}: one machine, no NAT between them. This shows nothing about other networks.',
  'ice.both-lite':
    'Both agents are ICE lite: neither sends checks, so only the default addresses count (RFC 8445 §6.1.1).',
  'dtls.answer-actpass':
    'The answer says a=setup:actpass. An answer must choose active or passive (RFC 5763 §5); browsers refuse it.',
  'dtls.same-setup': 'Both sides say a=setup:{setup}: {effect}, so DTLS never starts right.',
  'sdp.no-answer': 'There is an offer and no answer to it here.',
  'sip.private-address':
    'The description in the {message} message sends media to the private address {address} and offers no ICE candidates: a peer behind another NAT can not reach it.',
  'stun.server-silent':
    '{count} {count|Binding request|Binding requests} from {client} to {server} got no answer: the server is down, the name is wrong, or UDP to it is blocked. No srflx candidate can come from it.',
  'ice.nothing-answered':
    'None of {count} {count|candidate pair|candidate pairs} answered a single check ({requests} {requests|request|requests}): both ways are blocked, or the checks go to addresses the peer can not be reached at. A relay is needed.',
  'ice.one-way':
    'Checks from {from} to {to} are answered, those back are not ({requests} {requests|request|requests}): a filter stands in one direction, or the answers do not reach the capture.',
  'ice.role-conflict':
    '{count} {count|check was|checks were} refused with 487, role conflict: both agents took the same role. {outcome}',
  'ice.check-refused': 'Checks from {from} to {to} were refused with {code}: {meaning}',
  'ice.not-nominated':
    'Checks were answered on {count} {count|pair|pairs}, but none was nominated: the controlling agent never sent USE-CANDIDATE, or its request was not answered.',
  'ice.consent-lost':
    'The selected pair stopped answering: the last {count} {count|check|checks} on it, over {seconds} s, got none. Consent expires after 30 s (RFC 7675 §5.1).',
  'dtls.no-hello':
    'ICE succeeded between {a} and {b}, but no DTLS ClientHello followed: both sides wait, so look at a=setup; or the application sends nothing.',
  'dtls.failed': 'ICE succeeded between {a} and {b}, but DTLS did not: {reason}',
  'turn.refused': 'The TURN server {server} refused {client}: {code}, {meaning}',
  'turn.silent':
    'The TURN server {server} did not answer {client} ({count} {count|Allocate request|Allocate requests}): it is down, or {transport} to it is blocked.',
  'turn.tcp-only':
    'Relayed addresses were allocated only over TCP, though UDP was tried: UDP to the TURN server is blocked here.',
  'turn.expired':
    'The allocation {relayed} of {client} was granted for {lifetime} s and not refreshed: it ended before the capture does.',
  'nat.symmetric':
    'The NAT before {client} maps by destination: {mapped}. It is symmetric, so srflx candidates from it work only with lucky peers; have a relay.',
  'icmp.unreachable':
    'ICMP "destination unreachable" from {by} answered requests from {from} to {to} ({count} in all): {meaning}',
  'ice.gathering-error': 'Gathering from {url} failed with {code}: {meaning}',
  'dump.no-pair':
    'None of {count} {count|candidate pair|candidate pairs} of connection {connection} succeeded: {states}.',
  'dump.dtls':
    'Connection {connection}: ICE is {ice}, but DTLS stayed {dtls}: check a=setup and the fingerprints of both descriptions.',
  'capture.damaged': 'The capture is cut off or damaged at byte {offset}: what lies behind was not read.',
  'capture.cut':
    '{count} {count|packet is|packets are} cut by the snap length: messages in them can not be read whole. Capture with -s 0.',
} as const satisfies Record<string, string>;

/** Stable code of a piece of advice. */
export type AdviceCode = keyof typeof sentences;

/** What a parameter stands for that is words and not a value: its own is the key. */
export const phrases = {
  'side.local': 'local',
  'side.remote': 'remote',
  'conflict.settled': 'The conflict was settled.',
  'conflict.goes-on': 'It went on: the tie-breakers do not decide it, or the answers are ignored.',
  'check.400': 'the request is malformed for the peer, or lacks integrity.',
  'check.401': 'the password does not match, so look whether a=ice-pwd belongs to this session.',
  'check.420': 'the peer does not know a required attribute.',
  'check.other': 'the peer refuses it.',
  'turn.401': 'the credentials are wrong or have run out.',
  'turn.403': 'the server forbids it; a peer address in its own or a private network often is.',
  'turn.438': 'the nonce is stale and the client did not try again.',
  'turn.440': 'the address family asked for is not supported.',
  'turn.442': 'the transport asked for is not supported.',
  'turn.486': 'the user has as many allocations as the quota allows.',
  'turn.508': 'the server has no room left.',
  'turn.other': 'the server does not allow it.',
  'dtls.alert': 'an alert ended the handshake; a fingerprint that does not match the certificate is the usual cause.',
  'dtls.no-server-hello': 'no ServerHello came back.',
  'dtls.unfinished': 'the handshake did not come to its end.',
  'setup.active': 'both open the connection',
  'setup.passive': 'nobody opens the connection',
  'icmp.port': 'nobody listens on that port. The agent is gone, or the port is wrong.',
  'icmp.prohibited': 'a filter forbids it. Allow it there, or use a relay.',
  'icmp.host': 'no such host is in that network, or it is switched off.',
  'icmp.network': 'no route leads there, so a relay is needed.',
  'icmp.other': 'the network does not deliver it.',
  'gathering.401': 'the credentials were refused.',
  'gathering.701': 'the server did not answer in time, its name was not found, or it could not be reached.',
  'gathering.other': 'the server refused.',
} as const satisfies Record<string, string>;

/** Key of a phrase. */
export type Phrase = keyof typeof phrases;

/** Parameters whose value is the key of a phrase. */
const WORDED = new Set(['side', 'outcome', 'meaning', 'reason', 'effect']);

/** The phrase for a code, or the one for all others. */
export function phraseFor(kind: 'check' | 'turn' | 'gathering' | 'icmp', code: number | string): Phrase {
  const key = `${kind}.${code}`;
  return Object.hasOwn(phrases, key) ? (key as Phrase) : `${kind}.other`;
}

/** A sentence with its parameters put in. */
export function sentence(code: AdviceCode, parameters: Readonly<Record<string, string | number>>): string {
  return sentences[code].replace(
    /\{(\w+)(?:\|([^|}]+)\|([^}]+))?\}/g,
    (_, name: string, one?: string, many?: string) => {
      const value = String(parameters[name] ?? '');
      if (one !== undefined) return (value === '1' ? one : many) ?? '';
      return WORDED.has(name) ? (phrases[value as Phrase] ?? value) : value;
    },
  );
}
