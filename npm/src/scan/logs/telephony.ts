/** Logs of what stands between phones and browsers: rtpengine, and kamailio that drives it; the TURN server eturnal. */
import type { LogFamily } from './rules.js';

/** @internal */
export const rtpengine: LogFamily = {
  family: 'rtpengine',
  title: 'rtpengine',
  sign: /\b(?:DEBUG|INFO|NOTICE|WARNING|ERR|CRIT): (?:\[[^\]]{1,200}\]: )?\[(?:ice|core|crypto|srtp|control|internals|codec)\] |\brtpengine\[\d+\]: /,
  rules: [
    [
      'pair',
      /Created candidate pair (?<session>\S+) between (?<local>\S+) and (?<remote>\S+), type (?<remoteType>\w+)/,
      { state: 'frozen' },
    ],
    [
      'pair',
      /Sending (?:nominating )?ICE\/STUN request for candidate pair (?<session>\S+) from (?<local>\S+) to (?<remote>\S+)/,
      { state: 'in-progress' },
    ],
    ['pair', /Setting (?:nominated )?ICE candidate pair (?<session>\S+) as (?<state>succeeded|failed)/],
    ['selected', /ICE completed, using pair (?<session>\S+)/],
    ['state', /ICE negotiated: (?:new )?peer for component \d+ is /, { state: 'connected' }],
    ['check-refused', /STUN authentication mismatch from (?<remote>\S+)/, { code: '401' }],
    ['check-refused', /Received ICE\/STUN response code (?<code>[3-6]\d\d) /],
    ['check-received', /Successful STUN binding request from (?<remote>\S+)/],
    ['role-conflict', /ICE role conflict detected/],
    ['dtls-failed', /DTLS: (?<reason>Peer certificate rejected - fingerprint mismatch)/],
    ['dtls-failed', /DTLS error: \d+ \((?<reason>[^)]{1,80})\)/],
    ['dtls-failed', /DTLS error on local port \d+/],
    ['dtls-state', /DTLS-SRTP (?<state>successfully) negotiated/],
    ['no-ports', /[Rr]an out of ports|Failed to get \d+ consecutive ports/],
    ['proxy-refused', /Protocol error in packet from \S+: (?<reason>[^[\n]{1,80})/],
    ['hint', /Error parsing SDP at offset \d+: (?<reason>.{1,80})/],
    ['hint', /ICE not completed yet and no usable candidates|Priority collision between candidate pairs/],
    ['hint', /Received command '(?<name>\w+)' from (?<client>\S+)|Replying to '\w+' from/],
    ['hint', /Sending DTLS packet|Processing incoming DTLS packet|Creating (?:active|passive) DTLS connection context/],
  ],
};

/** @internal */
export const kamailio: LogFamily = {
  family: 'kamailio',
  title: 'kamailio / OpenSIPS with rtpengine',
  sign: /\brtpengine \[rtpengine\.c:\d+\]|\b(?:ERROR|INFO|WARNING|DBG):rtpengine:/,
  rules: [
    [
      'proxy-silent',
      /can't send command "?(?<name>[\w ]+?)"? to (?:RTPEngine|rtpengine|RTP proxy|RTPProxy) <?(?<server>[^\s>]+)/,
    ],
    ['hint', /proxy did not respond to ping|timeout waiting reply/],
    ['hint', /no available proxies|failed to select new/],
    ['proxy-refused', /proxy replied with error: (?<reason>.{1,80})/],
    ['state', /instance <?(?<server>[^\s>]+)>? found, support for it (?:re)?enabled/, { state: 'connected' }],
    ['hint', /(?:can't|cannot|failed to) (?:extract|parse|get) .{1,60}/],
  ],
};

/** @internal */
export const eturnal: LogFamily = {
  family: 'eturnal',
  title: 'eturnal',
  sign: /\[(?:UDP|TCP|TLS)[^\]]{0,40}, session \w+, (?:user [^,\]]{1,200}|anonymous), client \S/,
  rules: [
    [
      'allocated',
      /Creating TURN allocation \(lifetime: (?<lifetime>\d+) seconds\) \[\w+, session (?<session>\w+), user (?<user>[^,\]]+), client (?<client>[^,\]]+)(?:, relay (?<relayed>[^,\]]+))?/,
    ],
    [
      'wrong-password',
      /Failed long-term STUN\/TURN authentication \[\w+, session (?<session>\w+), (?:user (?<user>[^,\]]+)|anonymous), client (?<client>[^,\]]+)/,
    ],
    ['closed', /Deleting TURN allocation\b[^[]{0,100}\[\w+, session (?<session>\w+)/],
    ['hint', /Responding to STUN request|Accepting long-term STUN\/TURN authentication|Refreshing TURN allocation/],
  ],
};
