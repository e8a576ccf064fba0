/** Logs of media servers and telephony: pjsip and Asterisk, FreeSWITCH, mediasoup, Jitsi, LiveKit. */
import type { LogFamily } from './rules.js';

/** @internal */
export const pionTurn: LogFamily = {
  family: 'pion-turn',
  title: 'TURN server of pion',
  sign: /\bturn (?:TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR): /,
  rules: [
    ['unknown-user', /no such user exists:? (?<user>\S+)/],
    ['wrong-password', /failed to handle \w+-request from (?<client>\S+?): .*integrity check failed/],
    ['peer-denied', /permission denied for client (?<client>\S+) to peer (?<peer>\S+)/],
    ['allocation-refused', /relay already allocated for 5-TUPLE/, { code: '437' }],
    ['server-refused', /no allocation found/, { code: '437' }],
    ['allocated', /listening on relay addr: (?<relayed>\S+)/],
    ['permission', /adding permission for (?<peer>\S+)/],
    ['hint', /No Permission or Channel exists for (?<peer>\S+) on allocation/],
    ['hint', /received \w+(?:Request|Permission|Indication) from (?<client>\S+)/],
  ],
};

/** @internal */
export const pjsip: LogFamily = {
  family: 'pjsip',
  title: 'pjsip / Asterisk',
  sign: /\bicess?0x[0-9a-f]+|\bice_session\.c|\bpjnath|\bstuse0x|\bturn(?:_sock)?0x[0-9a-f]+|\bicetp\d|\bres_rtp_asterisk\.c\b/,
  rules: [
    [
      'pair',
      /\[\d+\] (?<local>\S+?)-->(?<remote>\S+?) \((?<reason>not nominated|nominated), state=(?<state>[\w ]+?)\)/,
    ],
    [
      'pair',
      /Check \d+: \[\d+\] (?<local>\S+?)-->(?<remote>\S+?)\s*(?:\(nominated\))?:? .*state changed from (?<before>[\w ]+?) to (?<state>[\w ]+)/,
    ],
    [
      'pair',
      /connectivity check (?:for check )?\d+: \[\d+\] (?<local>\S+?)-->(?<remote>\S+?): ?(?<state>FAILED|SUCCESS)/i,
    ],
    [
      'candidate',
      /Candidate (?<count>\d+) (?:added|at)[^\n]*?comp_id=\d+, type=(?<type>\w+).*?addr=(?<address>\S+?):(?<port>\d+)/,
      { side: 'local' },
    ],
    ['state', /ICE (?:negotiation|process) (?<state>success|complete|failed)/i],
    ['failed', /all checks (?:have )?(?:failed|completed.*fail)|ICE (?:negotiation )?failed\b/i],
    ['dtls-failed', /res_rtp_asterisk\.c.*DTLS failure occurred.*?reason '(?<reason>[^']{0,80})/],
    ['role-conflict', /[Rr]ole conflict/],
    [
      'allocation-refused',
      /(?:TURN|Allocat|allocat).*(?:error|failed).*?(?<code>4\d\d|5\d\d)[/ ]?(?<reason>[\w ]{0,40})/,
    ],
    ['server-silent', /(?:STUN|stun).*(?:PJNATH_ESTUNTIMEDOUT|timed out|timeout)/],
    ['hint', /Role changed to (?<state>\w+)/],
  ],
};

/** @internal */
export const freeswitch: LogFamily = {
  family: 'freeswitch',
  title: 'FreeSWITCH',
  sign: /\bswitch_(?:core_media|rtp|stun|core_session|ice)\.c:\d+|\bsofia(?:_glue|_media)?\.c:\d+/,
  rules: [
    [
      'candidate',
      /(?:Save|Choose|Checking|Setting).*[Cc]andidate cid: \d+ proto: (?<protocol>\w+) type: (?<type>\w+) addr: (?<address>\S+?):(?<port>\d+)/,
      { side: 'remote' },
    ],
    ['hint', /Drop \w+ [Cc]andidate cid: \d+ proto: \w+ type: \w+ addr: (?<address>\S+?):(?<port>\d+)/],
    ['selected', /(?:Setting remote|Choose) (?:rtp|ice) ?(?:candidate)?.* (?<remote>[\d.]+:\d+)/i],
    ['server-silent', /stun.*(?:timeout|failed|lookup)/i],
    ['hint', /no candidate ACL defined, defaulting/i],
    ['failed', /No \w+ candidate|no (?:suitable )?candidates? ACL|candidate.*denied/i],
    ['dtls-failed', /(?:DTLS|dtls|[Ff]ingerprint).*(?:FAIL|fail|mismatch|error)/],
    ['consent-lost', /No \w+ stun for a long time/i],
    ['dtls-state', /Changing (?:audio|video|RTP)? ?DTLS state from (?<before>\w+) to (?<state>\w+)/],
    ['consent-lost', /missed too many stun replies|STUN\/ICE binding.*lost|No stun for a long time/i],
  ],
};

/** @internal */
export const mediasoup: LogFamily = {
  family: 'mediasoup',
  title: 'mediasoup',
  sign: /\bmediasoup(?:-client)?[:\s]|\bRTC::(?:WebRtcTransport|IceServer|DtlsTransport|PortManager|Transport)/,
  rules: [
    [
      'state',
      /ice(?:State| state)? ?(?:change|changed)?.*?(?:iceState|state)?[:"\s=]+(?<state>new|connected|completed|disconnected|closed)\b/i,
    ],
    ['check-refused', /wrong (?:username|authorization) in STUN|wrong authorization/i],
    ['state', /connection ?state(?:change)?.*?(?<state>new|connecting|connected|failed|disconnected|closed)\b/i],
    ['dtls-failed', /(?:DTLS|dtls).*(?:fail|alert|fingerprint.*(?:not|does)|error)/],
    ['no-ports', /no more available ports/i],
    ['consent-lost', /consent.*(?:expired|timeout)|ICE consent/i],
    ['announced', /announced(?:Ip|Address)["':\s=]+(?<relayed>[^\s"',}]+)/],
  ],
};

/** @internal */
export const jitsi: LogFamily = {
  family: 'jitsi',
  title: 'Jitsi (ice4j, videobridge)',
  sign: /\borg\.ice4j\b|\borg\.jitsi\b|\bice4j\b|\bIceTransport\b.*\bconf_name|\bConnectivityCheck(?:Client|Server)|\bMergingDatagramSocket|\bAgent\.\w+#\d+|\bIceTransport\.|\bCheck ?List\b/,
  rules: [
    [
      'pair',
      /Pair (?:failed|succeeded)?:? ?(?<local>\S+?)(?:\/\w+)?(?:\/\w+)? -> (?<remote>\S+?)(?:\/\w+)?(?:\/\w+)? ?\(?.*?(?<state>failed|succeeded|Failed|Succeeded)/,
    ],
    [
      'pair',
      /Pair succeeded: (?<local>\S+?)\/(?<protocol>udp|tcp)\/(?<localType>\w+) -> (?<remote>\S+?)\/\w+\/(?<remoteType>\w+)/,
      { state: 'succeeded' },
    ],
    [
      'selected',
      /(?:Selected|Nominate).*?(?<local>[\d.]+:\d+)\/\w+\/(?<localType>\w+) -> (?<remote>[\d.]+:\d+)\/\w+\/(?<remoteType>\w+)/i,
    ],
    [
      'pair',
      /(?:timeout|Timeout).*?pair:? ?(?<local>[\d.:a-f]+:\d+)\/\w+\/\w+ -> (?<remote>[\d.:a-f]+:\d+)/,
      { state: 'failed' },
    ],
    ['state', /ICE state changed.*?old=(?<before>\w+) new=(?<state>\w+)/],
    ['state', /ICE state changed from (?<before>\w+) to (?<state>\w+)/],
    ['state', /ICE state (?:is|changed to) (?<state>\w+)/],
    ['failed', /ICE failed!?|ICE (?:connection )?establishment failed|CheckList.*(?:FAILED|failed)/],
    ['server-silent', /(?:STUN|stun).*(?:timed? ?out|timeout|no response)|Failed to (?:create|obtain).*mapp/i],
    ['announced', /(?:Using |Discovered |Found ).*?(?:public|mapping|mask).*?(?<relayed>\d+\.\d+\.\d+\.\d+)/i],
    ['dtls-failed', /DTLS.*(?:handshake fail|failed|mismatch)/i],
    [
      'candidate',
      /Add(?:ing|ed)? (?<side>remote|local) candidate.*?(?<address>[\d.]+):(?<port>\d+)\/(?<protocol>\w+)\/?(?<type>\w+)?/,
    ],
  ],
};

/** @internal */
export const livekit: LogFamily = {
  family: 'livekit',
  title: 'LiveKit',
  sign: /\blivekit\b(?!-)|\brtc(?:\/transport|\/participant)?\.go:\d+|"transport":\s*"(?:PUBLISHER|SUBSCRIBER)"|\bparticipantInit\b|ice candidate pair|could not establish (?:pc|publisher|signal) connection/i,
  rules: [
    [
      'failed',
      /could not establish (?:pc|publisher|subscriber)? ?connection|\b(?:peer connection|ICE|ice|transport)\b.{0,120}?\bfailed\b|failed to connect (?:within|after)/,
    ],
    [
      'selected',
      /(?:ice (?:connected|selected)|selected).{0,40}?pair.{0,120}?(?<local>\d+\.\d+\.\d+\.\d+:\d+).{0,80}?<->.{0,80}?(?<remote>\d+\.\d+\.\d+\.\d+:\d+)/i,
    ],
    [
      'state',
      /\b(?:ice|ICE|pc|peer|peerconnection|connection) ?(?:connection)? ?state (?:change(?:d)?)?.{0,80}?["' :](?<state>new|checking|connecting|connected|completed|disconnected|failed|closed)\b/i,
    ],
    ['announced', /"?(?:nodeIP|node_ip|nodeIp)"?[:=\s]+"?(?<relayed>[\d.]+)/],
    ['allocation-refused', /TURN.*?(?:error|failed|refused).*?(?<code>4\d\d|5\d\d)/i],
    ['consent-lost', /participant.*(?:disconnected|timed out).*(?:ice|ICE|peer)/],
  ],
};
