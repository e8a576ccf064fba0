/**
 * The sentences of advice; the page has them in Chinese too. `{name}` stands for the parameter of that name,
 * `{name|pair|pairs}` for the word that goes with that number.
 */
export const sentences = {
  'ice.no-candidates':
    'No candidate of the {side} is here: nothing can be checked. Send its candidates, in its description or by trickle.',
  'ice.candidates-elsewhere':
    'The {side} trickles, and none of its candidates is in this text. If they were not sent another way, nothing can be checked: look whether signalling delivers them.',
  'ice.candidates-one-side':
    'No candidate of the {side} is here: the other agent cannot check it, and learns its address (peer-reflexive) only from its checks. Send its candidates, in its description or by trickle.',
  'ice.only-mdns':
    'The {side} sent only mDNS host candidates and no srflx: the STUN server did not answer, or none is configured. Only peers in the same network can resolve {address}.',
  'ice.only-private':
    'The {side} sent only private host addresses and no srflx or relay: a peer in another network can reach none of them. Check its STUN server.',
  'ice.relay-address':
    'The relay candidate {address} of the {side} is {scope}: peers elsewhere cannot reach it. Tell the TURN server its public address (external-ip in coturn, relay address in pion or eturnal), and let the firewall pass its relay ports.',
  'ice.srflx-address':
    'The srflx candidate {address} of the {side} is {scope}: its STUN server stands within the same network (a Docker bridge, a VPN, the provider), so it does not see the public address. Ask a server outside.',
  'ice.unspecified-address':
    'The candidate {address} of the {side} is the unspecified address: no peer can send to it.',
  'ice.server-private':
    'The {side} is a server (ICE lite) and announces private addresses only ({addresses}): peers elsewhere cannot reach it. Set the address it announces: announcedAddress in mediasoup, use_external_ip or node_ip in LiveKit, JVB_ADVERTISE_IPS in Jitsi, nat_1_1_mapping in Janus, webrtcAdditionalHosts in MediaMTX, ext-rtp-ip in FreeSWITCH, address rewrite rules in pion.',
  'ice.one-private-host':
    'The only candidate address of the {side} is {address}, which is private. If it is a server (mediasoup, LiveKit, Janus, FreeSWITCH, aiortc, pion), set the address it announces; if it is a client, give it a STUN or TURN server.',
  'ice.interface-only':
    'All host addresses of the {side} are of virtual or private interfaces ({kinds}: {addresses}): the address of its real network is missing. Peers elsewhere cannot reach them.',
  'dump.interface':
    'Connection {connection} runs over {address}, an address that is usual for {kind}: media takes that way round.',
  'dump.relay-though-direct':
    'Connection {connection} runs over a relay, although a direct pair was answered ({local} to {remote}, {responses} {responses|answer|answers}).',
  'dump.selected':
    'Connection {connection} uses {local} to {remote}: of {succeeded} {succeeded|pair|pairs} that succeeded, out of {count}, its priority is number {rank}.',
  'dump.pair-died':
    'In connection {connection} the pair {local} to {remote} was selected and stopped answering: {requests} requests, {responses} answers. Another pair took over.',
  'ice.no-common-component':
    'Offer and answer share no component, so no pair can form: {local} on one side, {remote} on the other. One side counts on a=rtcp-mux, the other does not.',
  'ice.no-common-transport':
    'The candidates share no transport protocol, so no pair can form: {local} on one side, {remote} on the other.',
  'ice.no-common-family':
    'One side has only IPv4, the other only IPv6 candidates, so no pair can form. A relay with both families would join them.',
  'ice.no-pair': 'No pair can form of {local} and {remote} candidates.',
  'ice.relay-tcp-only':
    'The {side} reached its TURN server only over TCP or TLS: UDP to it seems blocked, and media will wait for retransmissions.',
  'ice.symmetric-no-relay':
    'The srflx candidates of one base at the {side} have different ports ({ports}): its NAT maps by destination (symmetric), and there is no relay candidate. It connects only to peers with a public address or an address-restricted NAT at most.',
  'ice.ufrag-mismatch':
    'The candidate names the username fragment {fragment}, which no description here has ({known}): it belongs to another session or to the one before a restart, and is ignored.',
  'ice.same-credentials':
    'Both descriptions have the username fragment {fragment}: an agent was given its own description back, so its checks fail.',
  'ice.restart-one-side':
    'The {side} changed its credentials from {before} to {after}, while its peer kept {known}: another peer answered, or it was loaded anew, or one side restarted ICE without the other (RFC 8445 §9). Checks with the old credentials get no answer.',
  'ice.half-restart':
    'A later description of the {side} changes only one of a=ice-ufrag and a=ice-pwd. A restart changes both (RFC 8839 §4.4.1.1.1).',
  'ice.end-missing':
    'Candidates of the {side} came outside a description (trickled), and no end of candidates is here: without one its peer cannot tell when to give up.',
  'ice.candidate-after-end':
    'A candidate of the {side} comes after its end of candidates: a peer may ignore it (RFC 8838 §14).',
  'ice.same-machine':
    'Both agents have the address {address}: one machine, no NAT between them. This shows nothing about other networks.',
  'ice.both-lite':
    'Both agents are ICE lite: neither sends checks, so only the default addresses count (RFC 8445 §6.1.1).',
  'dtls.answer-actpass':
    'The answer says a=setup:actpass. An answer must choose active or passive (RFC 5763 §5); browsers refuse it.',
  'dtls.same-setup': 'Both sides say a=setup:{setup}: {effect}, so DTLS never starts right.',
  'sdp.wrapped':
    '{count} {count|line|lines} of the description were wrapped on the way, by mail or a form, and are read as they were before. Browsers refuse the text as it stands.',
  'sdp.no-answer': 'There is an offer and no answer to it here.',
  'sip.private-address':
    'The description in the {message} message sends media to the private address {address} and offers no ICE candidates: a peer behind another NAT cannot reach it.',
  'stun.server-silent':
    '{count} {count|Binding request|Binding requests} from {client} to {server} got no answer: the server is down, the name is wrong, or UDP to it is blocked. No srflx candidate can come from it.',
  'ice.nothing-answered':
    'None of {count} {count|candidate pair|candidate pairs} answered a single check ({requests} {requests|request|requests}): both ways are blocked, or the checks go to addresses the peer cannot be reached at. A relay is needed.',
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
  'dump.call-failed': 'Connection {connection}: {call} failed ({count} {count|time|times}): "{said}"',
  'dump.candidate-early':
    'Connection {connection}: {count} {count|candidate was|candidates were} given to addIceCandidate before setRemoteDescription, and refused. Keep candidates until the description is set.',
  'dump.glare':
    'Connection {connection}: {count} {count|offer|offers} of the peer came while an own offer was open (glare). {outcome}',
  'dump.gathering-time': 'Connection {connection}: gathering took {time} ms{listed}.',
  'log.unknown-user':
    '{log}: the server has no user {user} ({count} {count|refusal|refusals}). Look at the name the client is given, at the realm, and at the database or user= lines of the server.',
  'log.timed-user':
    '{log}: the time-limited name {user} was refused ({count} {count|time|times}). It is good until {until}: after that it has run out; before, the shared secret (static-auth-secret) or the realm differs, or use-auth-secret is off.',
  'log.wrong-password':
    '{log}: the password of {user} is wrong ({count} {count|refusal|refusals}), or the realm it was hashed with differs.',
  'log.unauthorized':
    '{log}: the TURN server answered 401 to {count} {count|request|requests} of {user}, those with credentials too, and gave no allocation: name, password or realm is wrong, or the name has run out.',
  'log.turn-refused': '{log}: a STUN or TURN server refused with {code} ({count} {count|time|times}): {meaning}',
  'log.peer-denied':
    '{log}: the TURN server does not relay to {peers} ({count} {count|refusal|refusals}): private, loopback and link-local peers are denied unless allowed-peer-ip names them. It matters only if no other peer address works.',
  'log.no-ports':
    '{log}: no relay port is free: widen min-port to max-port, or fewer allocations, and look at the limit of open files.',
  'log.unused-allocation':
    '{log}: {count} {count|allocation was|allocations were} closed without any permission for a peer ({reason}): the client never got candidates of its peer, or used another path.',
  'log.server-silent':
    '{log}: a STUN or TURN server did not answer ({server}; {count} {count|time|times}): it is down, its name or port is wrong, or the way to it is blocked. No srflx or relay candidate comes from it.',
  'log.name-not-found': '{log}: the name {name} was not found: look for a typing error, and at DNS.',
  'log.mdns':
    '{log}: the mDNS name {name} could not be resolved: it is known in its own network only, and needs multicast. With srflx or relay candidates it is not needed.',
  'log.check-refused': '{log}: {count} {count|check was|checks were} refused: {meaning}',
  'log.one-way':
    '{log}: {count} {count|check|checks} of the peer came in, and no check of this side was answered: the password of the peer is not the one this side was told, so that the peer drops the checks without a word, or the way there is blocked.',
  'log.announced':
    '{log}: it relays from or announces {address}, {scope}: peers elsewhere cannot reach it. If no public address is set, set it: external-ip in coturn, announcedAddress in mediasoup, use_external_ip in LiveKit, nat_1_1_mapping in Janus, NAT_HARVESTER_PUBLIC_ADDRESS or JVB_ADVERTISE_IPS in Jitsi.',
  'log.no-pairs':
    '{log}: it has nothing to check: no candidate of the peer arrived, or none that fits its own. Look whether signalling delivers them, and after the description.',
  'log.no-pair':
    '{log}: none of {count} {count|candidate pair|candidate pairs} succeeded ({states}): both ways are blocked, or the addresses cannot be reached. A relay is needed.',
  'log.nat-varies':
    '{log}: the mapping varies by destination: the NAT is symmetric, so srflx candidates from it work only with lucky peers; have a relay.',
  'log.nat-told':
    '{log} found: {said}. Where the mapping does not depend on the destination, srflx candidates work with most peers.',
  'log.udp-blocked': '{log}: no UDP came back: it is blocked here. Only a relay over TCP or TLS will do.',
  'log.candidate-early':
    '{log}: {count} {count|candidate was|candidates were} given to addIceCandidate before setRemoteDescription, and refused. Keep candidates until the description is set.',
  'log.wrong-state':
    '{log}: setting an {type} in the signalling state {state} was refused ({count} {count|time|times}): it came twice, or both sides made an offer at once (glare). Perfect negotiation settles that.',
  'log.proxy-silent':
    '{log}: rtpengine did not answer at {server} ({count} {count|command|commands}): it is not running, or listens for commands (listen-ng) at another address than it is asked at.',
  'log.proxy-refused':
    '{log}: rtpengine refused {count} {count|command|commands} ("{said}"), so the description went on without it, or not at all.',
  'log.consent-lost':
    '{log}: the connection stopped answering: consent ran out (RFC 7675). The network changed, the peer went away, or a NAT binding expired.',
  'log.dtls-failed': '{log}: DTLS failed{reason}. Look at a=setup and a=fingerprint of both descriptions.',
  'log.failed':
    '{log}: ICE failed{reason}. No pair of addresses works both ways, or no candidates arrived: see that both sides have srflx and relay candidates.',
  'log.failed-later': '{log}: the connection worked, and failed later: the path was lost, and no restart mended it.',
  'servers.scheme':
    '{url} is no URL of a STUN or TURN server: it begins with stun:, stuns:, turn: or turns:, without slashes.',
  'servers.space': '{url} has a space or an invisible character in it ({where}): browsers refuse it. Type it anew.',
  'servers.host': '{url} names no host.',
  'servers.port': '{url} has the port {port}, which is none.',
  'servers.port-refused':
    '{url}: libwebrtc does not connect to TURN servers on ports below 1024 other than 53, 80 and 443. Move it to one of them or to a higher one.',
  'servers.query':
    '{url}: browsers refuse it for its query: a stun: URL takes none, a turn: URL only ?transport=udp or ?transport=tcp.',
  'servers.no-credentials':
    '{url} has no username and credential: browsers refuse a configuration with a TURN server without them.',
  'servers.url-member': 'The member is called urls, not url: browsers of today ignore url or refuse the configuration.',
  'servers.many':
    '{count} STUN and TURN servers: every one costs time while gathering. Two or three are enough; Firefox warns at five.',
  'servers.expired': 'The credentials of {user} ran out at {until}.',
  'servers.expires': 'The credentials of {user} are good until {until}.',
  'servers.loopback': '{url} is an address of this machine: other machines find no server there.',
  'servers.private': '{url} is an address of a private network: machines outside it find no server there.',
  'log.nothing':
    'Nothing known was found. Tried were descriptions, candidates, STUN bytes, captures, dumps, and the logs of {readers}. More lines, at a level that names candidates and pairs (debug), or a webrtc-internals dump would help.',
  'stun.unaligned':
    '{count} {count|transaction has|transactions have} messages whose values are not padded to four bytes, as in the dialect of Microsoft and others: RFC 8489 §14 asks for padding. They were read all the same.',
  'stun.malformed':
    '{count} {count|transaction has|transactions have} messages with an attribute or length that goes past their end: only what comes before it was read. A receiver that keeps to RFC 8489 drops them.',
  'stun.foreign-answer':
    '{count} {count|request was|requests were} answered with the same transaction id, but by a type that is no STUN response: the dialect of a vendor.',
  'stun.answered-elsewhere':
    '{count} {count|request was|requests were} answered from another address than they went to: a NAT stands between the capture and the server, or the server has several addresses. An ICE agent does not take such answers (RFC 8445 §7.2.5.2.1).',
  'input.gzip-cut': 'The gzip file is cut off or damaged: what lies behind was not read.',
  'input.unpacked':
    'The gzip file unpacks to more than {limit} MiB and a hundred times its size: what lies behind was not read. Unpack it to have it read whole.',
  'dump.cut': 'The dump is cut off at character {offset}: what came later is not in it. Save it again.',
  'capture.damaged': 'The capture is cut off or damaged at byte {offset}: what lies behind was not read.',
  'capture.cut':
    '{count} {count|packet is|packets are} cut by the snap length: messages in them cannot be read whole. Capture with -s 0.',
} as const satisfies Record<string, string>;

/** Stable code of a piece of advice: a key of the table of sentences in `npm/src/scan/advice-text.ts`. */
export type AdviceCode = keyof typeof sentences;

/** Words that a parameter stands for, where it is not a value: the parameter is their key. */
export const phrases = {
  'side.local': 'local agent',
  'side.remote': 'remote agent',
  'side.offerer': 'offering agent',
  'side.unknown': 'agent',
  'scope.unspecified': 'the unspecified address',
  'scope.loopback': 'a loopback address',
  'scope.link-local': 'a link-local address',
  'scope.private': 'a private address',
  'scope.cgn': 'an address of a carrier-grade NAT or a VPN',
  'scope.ula': 'a unique local address',
  'scope.teredo': 'a Teredo address',
  'interface.docker': 'Docker',
  'interface.libvirt': 'libvirt',
  'interface.vpn': 'a VPN or carrier-grade NAT',
  'interface.link-local': 'link-local',
  'interface.teredo': 'Teredo',
  'unnamed.user': 'a client that the log does not name',
  'unnamed.client': 'one client',
  'unnamed.peer': 'a peer that the log does not name',
  'unnamed.server': 'an address that the log does not name',
  'unnamed.name': '(not in the log)',
  'glare.refused': 'It was refused: one side has to give way, as in perfect negotiation (polite and impolite peer).',
  'glare.settled': 'One side gave way.',
  'conflict.settled': 'The conflict was settled.',
  'conflict.goes-on': 'It went on: the tie-breakers do not decide it, or the answers are ignored.',
  'check.400': 'the request is malformed for the peer, or lacks integrity.',
  'check.401': 'the password does not match, so look whether a=ice-pwd belongs to this session.',
  'check.420': 'the peer does not know a required attribute.',
  'check.other': 'the peer refuses it.',
  'turn.400':
    'the request is malformed for it; an attribute or channel number it does not accept. The server of pion answers a wrong password so too.',
  'turn.401': 'the credentials are wrong or have run out.',
  'turn.403': 'the server forbids it; a peer address in its own or a private network often is.',
  'turn.420': 'it does not know a required attribute.',
  'turn.437':
    'there is no such allocation, or there is already another one on this 5-tuple: an earlier one was not deleted, or the transaction was lost; a new local port helps.',
  'turn.438': 'the nonce is stale and the client did not try again.',
  'turn.440': 'the address family asked for is not supported.',
  'turn.441': 'the credentials are not those that made the allocation: they changed in between.',
  'turn.442': 'the transport asked for is not supported.',
  'turn.443': 'the peer address is of another family (IPv4, IPv6) than the relayed address.',
  'turn.486': 'the user has as many allocations as the quota allows.',
  'turn.508':
    'it has no relay port or address left, or could not open a socket for one: look at its port range and its relay addresses.',
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

/** Parameters whose value is the key of a phrase; of the others only `unnamed.…` is one. */
const WORDED = new Set(['side', 'outcome', 'meaning', 'reason', 'effect', 'scope', 'kind']);

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
      return WORDED.has(name) || value.startsWith('unnamed.') ? (phrases[value as Phrase] ?? value) : value;
    },
  );
}
