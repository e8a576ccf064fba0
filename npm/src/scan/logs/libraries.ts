/** Logs of ICE libraries: pion, aioice and aiortc, werift, libjuice and libdatachannel, libnice, KVS, str0m and webrtc-rs. */
import type { LogFamily } from './rules.js';

/** @internal */
export const pion: LogFamily = {
  family: 'pion',
  title: 'pion',
  sign: /\b(?:ice|turnc|dtls|pc|webrtc|mdns) (?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR): |"logger":\s*"[^"]*pion[^"]*"|\bpion\.\w+|Setting new connection state|without candidate pairs|called with no candidate pairs|(?:agent|gather|selection|candidate_base|transport)\.go:\d+|\[WebRTC\] \[(?:session|conn) /,
  rules: [
    // MediaMTX.
    ['failed', /\[(?:session|conn) \S+\] closed: (?<reason>deadline exceeded while waiting connection)/],
    [
      'selected',
      /peer connection established, local candidate: (?<localType>\w+)\/\w+\/(?<local>[^\s/]+)\/(?<localPort>\d+), remote candidate: (?<remoteType>\w+)\/\w+\/(?<remote>[^\s/]+)\/(?<remotePort>\d+)/,
    ],
    ['no-pairs', /called with no candidate pairs|Failed to ping without candidate pairs/],
    [
      'selected',
      /Set selected candidate pair: .*?(?:\(local, prio \d+\) )?(?:udp|tcp)[46]? (?<localType>\w+) (?<local>\S+?)(?: related \S+)? <-> (?:udp|tcp)[46]? (?<remoteType>\w+) (?<remote>[^\s,]+)/,
    ],
    [
      'pair',
      /Found valid candidate pair: .*?(?:\(local, prio \d+\) )(?:(?:udp|tcp)[46]? )?(?<localType>\w+) (?<local>\S+?)(?: related \S+)? <-> (?:(?:udp|tcp)[46]? )?(?<remoteType>\w+) (?<remote>[^\s,(]+)/,
      { state: 'succeeded' },
    ],
    [
      'pair',
      /Maximum requests reached for pair .*?(?:\(local, prio \d+\) )(?:(?:udp|tcp)[46]? )?(?<localType>\w+) (?<local>\S+?)(?: related \S+)? <-> (?:(?:udp|tcp)[46]? )?(?<remoteType>\w+) (?<remote>[^\s,(]+)/,
      { state: 'failed' },
    ],
    [
      'pair',
      /[Pp]ing STUN (?:\([^)]*\) )?from (?:(?:udp|tcp)[46]? )?(?<localType>\w+) (?<local>\S+?)(?: related \S+)? to (?:(?:udp|tcp)[46]? )?(?<remoteType>\w+) (?<remote>[^\s,]+)/,
      { state: 'in-progress' },
    ],
    ['check-received', /[Ii]nbound STUN \(Request\) from (?<remote>\S+) to/],
    ['state', /Setting new connection state: (?<state>\w+)/],
    [
      'state',
      /(?:ICE connection state|Peer connection state|connection state) (?:has )?changed(?: state)?:? (?:from \w+ )?(?:to )?(?<state>\w+)/i,
    ],
    [
      'candidate',
      /(?:[Aa]dding a new|[Nn]ew) (?:peer-reflexive )?(?<side>local|remote) candidate:? (?:(?<protocol>udp|tcp)[46]? )?(?<type>host|srflx|prflx|relay) (?<address>\S+?):(?<port>\d+)/,
    ],
    ['mdns-failed', /Failed to (?:discover|resolve).*?(?<name>[\w-]+\.local)/],
    [
      'allocation-refused',
      /[Ff]ailed to (?:allocate|create).*?(?:Allocate error response \(error (?<code>\d{3}):? ?(?<reason>[^)]*)\))/,
    ],
    [
      'allocation-refused',
      /(?:Allocate|CreatePermission|ChannelBind) error response \(error (?<code>\d{3}):? ?(?<reason>[^)]*)\)/,
    ],
    [
      'server-silent',
      /(?:[Ff]ailed|could not|Could not) (?:to )?(?:get|create|allocate|gather|listen).*?(?<server>(?:stuns?|turns?):[^\s:]+(?::\d+)?).*(?:i\/o timeout|timed? ?out|all retransmissions failed|deadline exceeded)/,
    ],
    ['server-silent', /all retransmissions (?:for .*)?failed|all retransmissions failed for/],
    ['name-not-found', /lookup (?<name>\S+?)(?: on \S+)?: no such host/],
    ['consent-lost', /Consent.*(?:expired|timeout)|No packets? received.*disconnect/i],
    ['role-conflict', /[Rr]ole [Cc]onflict/],
    [
      'dtls-failed',
      /(?:[Ff]ailed to start manager|dtls).*?(?<reason>(?:handshake|fingerprint|alert|context deadline|dtls timeout|fatal)[^\n]{0,80})/,
    ],
  ],
};

/** @internal */
export const aioice: LogFamily = {
  family: 'aioice',
  title: 'aioice / aiortc',
  sign: /\b(?:aioice\.\w+|aiortc\.\w+|ice|turn|rtcicetransport):(?:Connection\(|TURN |turn\/|RTC)|\bConnection\(\d+\) |CandidatePair\(|TURN (?:allocation|channel)|RTCPeerConnection\(\)|RTCDtlsTransport\(|\baioice[./\\](?:ice|stun|turn)\b/,
  rules: [
    [
      'pair',
      /CandidatePair\(\('(?<local>[^']+)', (?<localPort>\d+).*?\) -> \('(?<remote>[^']+)', (?<remotePort>\d+).*?\)\) State\.(?<before>\w+) -> State\.(?<state>\w+)/,
    ],
    [
      'selected',
      /CandidatePair\(\('(?<local>[^']+)', (?<localPort>\d+).*?\) -> \('(?<remote>[^']+)', (?<remotePort>\d+).*?\)\) (?:nominated|selected)/i,
    ],
    ['state', /Connection\(\d+\) ICE (?<state>completed|failed)/],
    ['failed', /ICE negotiation failed|ICE connection failed/],
    ['consent-lost', /Consent to send expired/],
    ['mdns-failed', /[Rr]emote candidate "?(?<name>[\w-]+\.local)"? could not be resolved/],
    [
      'candidate',
      /Discovered peer reflexive candidate Candidate\((?:.*?udp \d+ (?<address>\S+) (?<port>\d+) typ (?<type>\w+))?/,
      { side: 'remote' },
    ],
    ['allocated', /TURN allocation created \('(?<relayed>[^']+)', (?<port>\d+)/],
    ['refreshed', /TURN allocation refreshed/],
    ['closed', /TURN allocation deleted/],
    ['permission', /TURN channel bound \d+ \('(?<peer>[^']+)'/],
    [
      'allocation-refused',
      /turn\/\w+ < \('(?<server>[^']+)', \d+.*?\) Message\(message_method=Method\.ALLOCATE, message_class=Class\.ERROR.*?'ERROR-CODE': \((?<code>\d{3}), '(?<reason>[^']*)'\)/,
      { session: 'turn' },
    ],
    [
      'allocated',
      /turn\/\w+ < \('(?<server>[^']+)', \d+.*?\) Message\(message_method=Method\.ALLOCATE, message_class=Class\.RESPONSE/,
      { session: 'turn' },
    ],
    ['allocation-refused', /(?:TransactionFailed|STUN transaction failed) \((?<code>\d{3}) - (?<reason>[^)]*)\)/],
    ['server-silent', /(?:TransactionTimeout|STUN transaction timed out)/],
    ['role-conflict', /[Rr]ole conflict/],
    ['dtls-failed', /RTCDtlsTransport\(.*(?:handshake failed|fingerprint does not match)|x DTLS handshake failed/i],
    ['state', /RTC(?:Ice|Peer|Dtls)\w*\((?:\w*)\) (?:- )?(?<before>\w+) -> (?<state>\w+)/],
    ['state', /(?:ICE )?[Cc]onnection state is (?<state>\w+)/],
  ],
};

/** @internal */
export const werift: LogFamily = {
  family: 'werift',
  title: 'werift',
  sign: /\bwerift(?:[-/]\w+)* ?:|\bwerift\/\w+/,
  rules: [
    // It says so of gathering too, before any check.
    ['gathered', /iceConnectionStateChange completed/],
    ['state', /iceConnectionStateChange (?<state>\w+)/],
    ['state', /\bconnectionStateChange (?<state>\w+)/],
    ['failed', /log ICE failed/],
    ['state', /log ICE (?<state>completed)/],
    ['selected', /log nominated/],
    ['check-refused', /STUN response failed MESSAGE-INTEGRITY check/, { code: '401' }],
    ['name-not-found', /error serverReflexiveCandidate .*ENOTFOUND (?<name>\S+)/],
    ['server-silent', /error serverReflexiveCandidate .*(?:Timeout|timed out)/],
    ['allocation-refused', /TURN.*TransactionFailed.*(?<code>4\d\d|5\d\d)/],
    ['dtls-failed', /dtls(?:Transport\.start)? (?:connect )?failed (?:Error:? ?)?(?<reason>.{0,80})/],
    ['role-conflict', /role conflict/i],
  ],
};

/** @internal */
export const libjuice: LogFamily = {
  family: 'libjuice',
  title: 'libjuice / libdatachannel',
  sign: /\bjuice[:/]|\brtc::impl::|\[juice\]|\bagent\.c:\d+|Changing state to (?:gathering|connecting|connected|completed|failed|disconnected)/,
  rules: [
    ['state', /Changing state to (?<state>\w+)/],
    ['state', /Changed (?:ICE )?state to (?<state>\w+)/],
    ['server', /Using (?:STUN|TURN) server "?(?<server>[^\s"]+)/],
    ['server-refused', /Got STUN error code (?<code>\d+), reason "(?<reason>[^"]*)"/],
    ['error-code', /Got STUN error code (?<code>\d+)/],
    ['allocation-refused', /Got TURN Allocate Unauthorized response/, { session: 'turn', code: '401' }],
    ['check-refused', /STUN integrity check failed/],
    ['allocation-refused', /TURN allocation failed(?:, code (?<code>\d+))?/],
    ['allocated', /TURN allocation successful|Allocated TURN relayed address(?: (?<relayed>\S+))?/],
    ['server-silent', /STUN (?:server )?binding (?:failed|timed out)|STUN server (?:is )?(?:unreachable|timed? ?out)/i],
    ['name-not-found', /(?:[Rr]esolution|resolve).*failed for (?<name>[\w.-]+\.\w{2,})/],
    ['hint', /(?:STUN|TURN) server address resolution failed|TURN authentication failed/],
    ['selected', /(?:[Ss]elected|Using) (?:new )?(?:candidate )?pair/],
    ['gathered', /Candidate gathering done/],
    ['consent-lost', /Lost connectivity|Consent expired|connectivity timer.*expired/i],
    ['failed', /Connectivity (?:check|timer).*(?:failed|expired)|ICE (?:connection )?failed/i],
    ['dtls-failed', /DTLS alert: (?<reason>[\w ]{1,60})/],
    ['dtls-failed', /DTLS (?:handshake|alert)[^\n]*(?:fail|error)[^\n]{0,60}/i],
    ['no-pairs', /No candidate pairs?/i],
    ['role-conflict', /role conflict/i],
  ],
};

/** @internal */
export const libnice: LogFamily = {
  family: 'libnice',
  title: 'libnice / Janus',
  sign: /\blibnice\b|\bnice_agent|\bAgent 0x[0-9a-f]+\s*:|Component state changed|ICE failed for component|\bjanus_ice|\[\d{6,}\] .*(?:ICE|DTLS|candidate|stream|Stream|Fingerprint)|Looks like (?:DTLS|ICE)|WebRTC (?:is up|media|resources)|"janus"\s?:\s?"hangup"/,
  rules: [
    ['error-code', /STUN error message received \(code: (?<code>\d{3})\)/],
    [
      'pair',
      /new pair (?<session>0x[0-9a-f]+) : (?<local>\[[^\]]{1,60}\]:\d+) --> (?<remote>\[[^\]]{1,60}\]:\d+)/,
      { state: 'frozen' },
    ],
    ['pair', /: pair (?<session>0x[0-9a-f]+) state (?<state>[A-Z_]+) \(/],
    [
      'pair',
      /: pair (?<session>0x[0-9a-f]+) : f=\S+ t=(?<localType>[\w-]+):(?<remoteType>[\w-]+) sock=\S+ [\w-]+:(?<local>\[[^\]]{1,60}\]:\d+) > [\w-]+:(?<remote>\[[^\]]{1,60}\]:\d+) prio=\S+ state=(?<state>[A-Z])/,
    ],
    ['selected', /changing SELECTED PAIR for component/],
    [
      'candidate',
      /gathered (?<protocol>UDP|TCP)\S* local candidate : \[(?<address>[^\]]{1,60})\]:(?<port>\d+)/,
      { side: 'local' },
    ],
    [
      'candidate',
      /Adding (?<protocol>UDP|TCP)\S* remote candidate with addr \[(?<address>[^\]]{1,60})\]:(?<port>\d+)/,
      { side: 'remote' },
    ],
    ['check-refused', /stun_bind_process\/conncheck for 0x[0-9a-f]+: \w+,res=error/],
    ['server-silent', /bind discovery timed out|relay discovery timed out/],
    ['allocation-refused', /stun_turn_process\/disc for (?<session>0x[0-9a-f]+) res 2\b/],
    ['allocated', /stun_turn_process\/disc for (?<session>0x[0-9a-f]+) res [15]\b/],
    // It waits for candidates that may still come.
    ['hint', /ICE failed for component \d+ in stream \d+, but/],
    ['failed', /ICE failed for component|"reason"\s?:\s?"ICE failed"/i],
    ['dtls-failed', /(?<reason>Fingerprint is NOT a match)/],
    ['dtls-state', /(?<state>DTLS established|The DTLS handshake has been completed)/],
    ['dtls-failed', /DTLS alert triggered|Looks like DTLS.*|(?:DTLS|dtls).*(?:handshake (?:failed|took too)|alert)/],
    ['state', /Component state changed for component \d+ in stream \d+: \d+ \((?<state>\w+)\)/],
    ['state', /(?:stream-component )?STATE-CHANGE (?<before>\w+) -> (?<state>\w+)/],
    [
      'candidate',
      /Adding (?<side>remote|local) candidate component:\d+ stream:\d+ type:(?<type>\w+) (?<address>\S+):(?<port>\d+)/,
    ],
    [
      'candidate',
      /\b(?:new|added|discovered) (?:\w+ ){0,3}?(?:(?<side>local|remote) )?(?:\w+ ){0,2}?candidate\b.{0,80}?\[(?<address>[^\]]{1,60})\]:(?<port>\d+)/i,
    ],
    ['selected', /New selected pair.*?: (?<local>\S+:\d+) <-> (?<remote>\S+:\d+)/i],
    // By foundations.
    ['selected', /New selected pair for component/],
    [
      'pair',
      /\[(?<local>[0-9a-f.:]+\]?:\d+)\].*?-->?.*?\[(?<remote>[0-9a-f.:]+\]?:\d+)\].*?(?:SET )?STATE.(?<state>\w+)/,
    ],
    ['server-silent', /(?:STUN|stun).*(?:timed out|[^(]timeout|no answer).*?(?<server>\S+:\d+)?/],
    ['allocation-refused', /TURN.*(?:error|refused).*?(?<code>4\d\d|5\d\d)/i],
    ['mdns-failed', /mDNS.*?(?<name>[\w-]+\.local).*(?:not|fail|error)|Error resolving.*?\.local/i],
    [
      'announced',
      /(?:Public IP|nat_1_1_mapping|Using .* as our public IP|public IP).*?(?<relayed>\d+\.\d+\.\d+\.\d+)/i,
    ],
    ['consent-lost', /consent.*(?:expired|timed out|lost)/i],
  ],
};

/** @internal */
export const kvs: LogFamily = {
  family: 'kvs',
  title: 'Amazon KVS WebRTC SDK in C',
  sign: /\b(?:iceAgent|turnConnection|stepIceAgent|executeFailed|executeReady|executeDisconnected|fromCheckConnection|handleStunPacket|onConnectionStateChange|iceCandidatePair|dtlsSession|stepStateMachine|connectionListener|iceUtils)\w*\(\)|ICE_AGENT_STATE_|TURN_STATE_/,
  rules: [
    ['state', /Ice agent state changed from (?:ICE_AGENT_STATE_)?(?<before>\w+) to (?:ICE_AGENT_STATE_)?(?<state>\w+)/],
    ['failed', /IceAgent failed with (?<code>0x[0-9a-f]+)/],
    ['failed', /fromCheckConnectionIceAgentState\(\): operation returned status code: (?<code>0x[0-9a-f]+)/],
    ['consent-lost', /Ice agent detected disconnection/],
    [
      'selected',
      /Selected pair (?<session>\S+?),? local candidate type: (?<localType>\w+)\.? remote candidate type: (?<remoteType>\w+)/,
    ],
    [
      'candidate',
      /New (?<side>local|remote) ice candidate discovered\. Id: \S+\. Ip: (?<address>\S+?):(?<port>\d+)\. Type: (?<type>\w+)\. Protocol: (?<protocol>\w+)/,
    ],
    ['pair', /Ice candidate pair (?<session>\S+) is connected/, { state: 'succeeded' }],
    ['no-pairs', /ice candidate pair count 0/],
    ['allocated', /TURN Allocation succeeded\. Life time: (?<lifetime>\d+)/],
    [
      'allocation-refused',
      /(?:Received STUN error response|TURN.*error).*?(?:error code|Error code):? (?<code>\d{3})(?:.*?[Ee]rror (?:phrase|reason):? (?<reason>[^\n]{0,60}))?/,
    ],
    ['permission', /create permission succeeded for peer (?<peer>\S+)/],
    [
      'peer-denied',
      /Unable to send data through turn because turn channel is not established with peer with address (?<peer>\S+)/,
    ],
    [
      'hint',
      /Cannot find candidate pair with local candidate (?<local>\S+) and remote candidate (?<remote>\S+)\. Dropping/,
    ],
    ['state', /TurnConnection state changed from (?<before>TURN_STATE_\w+) to (?<state>TURN_STATE_(?:FAILED|READY))/],
    ['check-refused', /Dropping unrecognized STUN packet\. Packet type: 0x111/],
    ['dtls-failed', /dtlsSession\w*\(\).*(?:fail|error|alert)/i],
    ['state', /New connection state (?<state>\d)/],
  ],
};

/** @internal */
export const rust: LogFamily = {
  family: 'rust',
  title: 'str0m / webrtc-rs / libp2p',
  sign: /\b(?:str0m|webrtc(?:_ice|_dtls|::\w+)?|rtc_ice|is|turn)(?:::\w+)+[\]:]|\[(?:webrtc_ice|str0m)|\bis::agent|\b(?:webrtc_ice|str0m)\b/,
  rules: [
    ['no-pairs', /with no candidate pairs|without candidate pairs|no candidate pairs/i],
    [
      'state',
      /(?:Setting new connection state|[Ss]tate change(?:d)?(?: \(\w+\))?:?|IceConnectionState(?:Change)?).*?(?:\w+ -> )?(?<state>New|Checking|Connected|Completed|Failed|Disconnected|Closed)\b/,
    ],
    [
      'candidate',
      /Add (?<side>local|remote) candidate:? Candidate\((?<type>\w+)=(?<address>[^\s:]+|\[[^\]]+\]):(?<port>\d+)/,
    ],
    [
      'pair',
      /Created? (?:new )?pair:? CandidatePair\(.*?(?<local>[\d.]+:\d+).*?(?<remote>[\d.]+:\d+)/,
      { state: 'waiting' },
    ],
    ['selected', /(?:Nominated|nominated|selected) (?:pair|send).*?(?<local>[\d.]+:\d+).*?(?<remote>[\d.]+:\d+)/],
    [
      'pair',
      /(?:Maximum requests reached|max requests reached) for pair .*?(?<local>[\d.]+:\d+).*?(?<remote>[\d.]+:\d+)/,
      { state: 'failed' },
    ],
    [
      'mdns-failed',
      /(?:discover|resolve).*?(?<name>[\w-]+\.local).*(?:fail|error|timeout)|[Ff]ailed to (?:discover|resolve) mDNS/,
    ],
    [
      'allocation-refused',
      /(?:Allocate|allocate).*?error (?:response )?\(?(?:error )?(?<code>4\d\d|5\d\d):? ?(?<reason>[^)\n]{0,60})/,
    ],
    ['server-silent', /(?:stun|turn)\S*.*(?:timed? ?out|deadline)/i],
    ['dtls-failed', /(?:dtls|DTLS)\b.*(?:fail|error|alert)/],
    ['consent-lost', /Disconnect.*(?:timeout|expired)|consent.*(?:expired|lost)/i],
  ],
};
