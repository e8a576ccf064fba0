/** Logs of browsers' own stacks: libwebrtc's native log and Firefox's nICEr, and what both print to the console. */
import type { LogFamily } from './rules.js';

/** @internal */
export const libwebrtc: LogFamily = {
  family: 'libwebrtc',
  title: 'libwebrtc (Chromium)',
  sign: /[(/](?:p2p_transport_channel|port|turn_?port|stun_?port|stun_?request|connection|dtls_?transport|dtls_srtp_transport|dtls_stun_piggyback_controller|jsep_transport_controller|peer_connection|basic_port_allocator|tcp_?port|basic_ice_controller)\.cc:\d+[)\]]|\bConn\[[0-9a-f]+:|\bPort\[[0-9a-f]*:/,
  rules: [
    [
      'allocation-refused',
      /Port\[(?<session>[^:\]]*):.*Received TURN allocate error response, id=\w+, code=(?<code>\d+)/,
    ],
    ['hint', /Failed to authenticate with the server after challenge/],
    ['allocated', /Port\[(?<session>[^:\]]*):.*TURN allocate requested successfully/],
    ['server-silent', /Port\[(?<session>[^:\]]*):.*TURN allocate request \w+ timeout/],
    ['server-silent', /Binding request timed out from (?<client>\S+)/],
    [
      'name-not-found',
      /(?:StunPort|UDPPort|TurnPort).*(?:hostname|host|address).*(?:could not be resolved|resolve failed)|resolution.*received error/i,
    ],
    ['server', /Starting STUN host lookup for (?<server>\S+)/],
    ['name-not-found', /stun host lookup received error/],
    ['server-refused', /Received TURN refresh error response, id=\w+, code=(?<code>\d+)/],
    ['peer-denied', /Received TURN CreatePermission error response, id=\w+, code=(?<code>\d+)/],
    ['role-conflict', /Received conflicting role|Role conflict/i],
    ['check-refused', /Received STUN BINDING error response: class=\d+ number=\d+ reason='(?<reason>[^']{0,60})'/],
    ['check-refused', /Received (?:STUN )?(?:ping|binding) error response.*code=(?<code>\d+)/i],
    [
      'check-timeout',
      /Conn\[.{0,200}?:(?:local|host|stun|srflx|prflx|relay):(?<protocol>udp|tcp|ssltcp|tls):(?<local>\S+?)->\S{0,200}?:(?:local|host|stun|srflx|prflx|relay):\w+:(?<remote>[^|\]]+)\|[^\]]*\]: (?:UpdateState\(\), timed out|Timing-out STUN ping|Timeout after)/,
    ],
    [
      'selected',
      /(?:New selected connection|Selected connection changed|Switching selected connection|Network route changed).*?Conn\[.{0,200}?:(?<localType>local|host|stun|srflx|prflx|relay):\w+:(?<local>\S+?)->\S{0,200}?:(?<remoteType>local|host|stun|srflx|prflx|relay):\w+:(?<remote>[^|\]]+)\|/,
    ],
    [
      'pair',
      /Conn\[.{0,200}?:(?<localType>local|host|stun|srflx|prflx|relay):(?<protocol>\w+):(?<local>\S+?)->\S{0,200}?:(?<remoteType>local|host|stun|srflx|prflx|relay):\w+:(?<remote>[^|\]]+)\|.{3}(?<state>[WISF])\|/,
    ],
    [
      'candidate',
      /(?:Gathered|Adding|Added).*Cand(?:idate)?\[[^:\]]*:\d+:(?<protocol>\w+):\d+:(?<address>[^\]]+?):(?<port>\d+):(?<type>local|host|stun|srflx|prflx|relay):/,
    ],
    ['dtls-failed', /DTLS-STUN piggybacking (?<reason>DTLS failed during negotiation)/],
    ['dtls-failed', /DtlsTransport\[.*(?<reason>Closed by remote with DTLS transport error|DTLS transport error)/],
    [
      'dtls-failed',
      /DtlsTransport\[.*(?:DTLS handshake (?:error|failed)|Rejected DTLS|fingerprint.*(?:mismatch|does not match))/i,
    ],
    ['dtls-state', /DtlsTransport\[.*(?<reason>DTLS (?:handshake complete|setup failed))/i],
    ['state', /Changing (?:standardized )?IceConnectionState (?<before>\w+) => (?<state>\w+)/],
    [
      'state',
      /(?:Changing|changed).*(?:IceTransportState|ICE.*connection.*state|P2PTransportChannel).*?(?:=>|to)\s*(?<state>\w+)/i,
    ],
    ['no-ports', /Failed to (?:create|bind).*(?:UDP|TCP)? ?socket/i],
  ],
};

/** @internal */
export const nicer: LogFamily = {
  family: 'nicer',
  title: 'Firefox (nICEr)',
  sign: /\bICE(?:-PEER)?\(PC:|\bICE failed, (?:add|your|see)|[VDIWE]\/(?:nicer|mtransport) |STUN-CLIENT\(|TURN\(relay\(|\/CAND-PAIR\(/,
  rules: [
    [
      'pair',
      /CAND-PAIR\((?<session>[^)]*)\): setting pair to state (?<state>[A-Z_]+): [^|]*\|IP[46]:(?<local>\S+?)\/(?<protocol>UDP|TCP)\|IP[46]:(?<remote>\S+?)\/\w+\((?<localType>\w+)\(/,
    ],
    [
      'selected',
      /CAND-PAIR\((?<session>[^)]*)\): nominated|nominated pair is \S*?\|IP[46]:(?<local>\S+?)\/\w+\|IP[46]:(?<remote>\S+?)\/\w+\(/,
    ],
    ['role-conflict', /role conflict/i],
    ['check-refused', /Responding with error (?<code>40\d): (?<reason>.{1,60})/],
    ['allocation-refused', /Parsed MsgType: ALLOCATE-ERROR-RESPONSE/, { session: 'turn' }],
    ['allocated', /Parsed MsgType: ALLOCATE-RESPONSE/, { session: 'turn' }],
    ['error-code', /Parsed ERROR-CODE: (?<code>\d{3})/],
    ['dtls-failed', /Layer\[dtls\]: state 2->5/],
    [
      'failed',
      /\ball checks completed success=0|\ball candidate pairs .*fail|COMP\(\d+\).*: failed$|ICE-STREAM.*: failed$|all pairs failed/i,
    ],
    ['state', /\ball checks completed success=[1-9]/, { state: 'completed' }],
    ['failed', /ICE failed, (?<reason>(?:add|your)[^."\n]{0,120})/],
    [
      'server-silent',
      /STUN-CLIENT\((?:srflx|relay)\(IP[46]:(?<client>\S+?)\/\w+\|(?<server>[^)|]+)\).*(?:Timed out|timed out)/,
    ],
    ['server-silent', /TURN\(relay\(IP[46]:(?<client>\S+?)\/\w+\|(?<server>[^)|]+)\).*(?:Timed out|timed out)/],
    [
      'allocation-refused',
      /TURN\(relay\(IP[46]:(?<client>\S+?)\/\w+\|(?<server>[^)|]+)\).*(?:error code|code|error) (?<code>4\d\d|5\d\d)/i,
    ],
    ['check-timeout', /STUN-CLIENT\(\w+\|IP[46]:(?<local>\S+?)\/\w+\|IP[46]:(?<remote>\S+?)\/.*[Tt]imed out/],
    ['consent-lost', /consent.*(?:timed out|expired|fail)/i],
    ['state', /ICE\(PC:.*state (?<before>\w+)->(?<state>\w+)/],
    ['name-not-found', /(?:DNS|resolver|addr).*(?:failed|not found).*(?<name>[\w.-]+\.\w{2,})/i],
  ],
};
