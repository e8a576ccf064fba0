/** Offers and candidates with something changed. The same seed gives the same ones. */

/** Numbers from 0 to 1 (mulberry32). */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const NUMBERS =
  '0 1 2 14 15 16 63 64 127 128 255 256 1000 65535 65536 70000 2147483648 4294967295 4294967296 -1 +5 1.5 x 05'
    .split(' ')
    .concat('99999999999999999999', '');
const WORDS = ['', 'x', '*', '-', 'UNKNOWN', '0', '::', 'IN', 'x;y', 'é'];

/** Attribute lines that one of the browsers may look into. */
const SAMPLES = `
imageattr:* send [x=640,y=480] recv *|imageattr:97 send [0-1920]|imageattr:|imageattr:97 recv [x=[1:1920],y=[1:1080]]
imageattr:x send *|imageattr:97|imageattr:97 send [x=0,y=1]|imageattr:97 send [x=640]
simulcast:send 1;2|simulcast:send|simulcast:|simulcast:send 1,2;3 recv 4|simulcast:both 1|simulcast: send rid=1;2
rid:1 send|rid:1|rid:|rid:1 both|rid:1 send pt=96|rid:1 send pt=999|rid:1 send max-width=1280;max-fps=30|rid:a_b send
rid:1 send max-width=x|rid:1 recv foo=bar|rid:1 send pt=96;pt=97|rid:* send
sctpmap:5000 webrtc-datachannel 1024|sctpmap:5000|sctpmap:|sctpmap:x y z|sctp-port:5000|sctp-port:|sctp-port:0|sctp-port:65536
sctp-port:x|max-message-size:|max-message-size:0|max-message-size:x|max-message-size:99999999999|max-message-size:-1
rtcp-fb:96 nack pli|rtcp-fb:* nack|rtcp-fb:|rtcp-fb:96|rtcp-fb:300 nack|rtcp-fb:x nack|rtcp-fb:96 foo bar|rtcp-fb:-1 nack
rtcp-fb:96 ccm|rtcp-fb:96 ccm fir|rtcp-fb:96 trr-int x|rtcp-fb:128 nack|rtcp-fb:96 ack rpsi|rtcp-fb:96  nack
extmap:1 urn:x|extmap:256 urn:x|extmap:0 urn:x|extmap:15 urn:x|extmap:14 urn:y|extmap:x urn:x|extmap:3/sendonly urn:z
extmap:4/foo urn:q|extmap:5|extmap:|extmap:6 |extmap:4096 urn:x|extmap:-1 urn:x|extmap:255 urn:w|extmap-allow-mixed
extmap-allow-mixed:x|extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid extra|extmap:7 urn:ietf:params:rtp-hdrext:encrypt urn:k
msid:a b c|msid:a|msid:|msid:- b|msid:a b|msid: a|msid:a  b|msid-semantic: WMS|msid-semantic:WMS *|msid-semantic:|msid-semantic
ssrc:1 cname:x|ssrc:1|ssrc:|ssrc:x cname:y|ssrc:4294967296 cname:x|ssrc:1 msid:a b|ssrc:1 msid:c d|ssrc:1 msid:|ssrc:1 msid:a
ssrc:1 foo|ssrc:1 label:x|ssrc:0 cname:x|ssrc:-1 cname:x|ssrc:1 cname:
ssrc-group:FID 1 2|ssrc-group:FID 1|ssrc-group:FID|ssrc-group:|ssrc-group:SIM 1 2 3|ssrc-group:FEC-FR 1 2|ssrc-group:FID x y
ssrc-group:FOO 1|ssrc-group:FID 1 2 3|ssrc-group:SIM 1
fmtp:96 x=1|fmtp:96|fmtp:|fmtp:300 x=1|fmtp:x y=1|fmtp:127 apt=96|fmtp:96  x=1|fmtp:96 apt=x|fmtp:96 profile-level-id=zz
fmtp:111 minptime=x|fmtp:101 0-15|fmtp:101 x|fmtp:96 max-fs=0|fmtp:96 ;|fmtp:96 x=1;|fmtp:111 useinbandfec=2|fmtp:126 0-15
fmtp:96 packetization-mode=9|fmtp:96 max-fr=x|fmtp:111 maxplaybackrate=0|fmtp:0 x=1|fmtp:13 x|fmtp:8 a=b|fmtp:34 a=b
fmtp:111 maxptime=;stereo=3|fmtp:96 level-asymmetry-allowed=5|fmtp:63 111/111|fmtp:63 111/x|fmtp:* x=1
rtpmap:96 VP8/90000|rtpmap:96 VP8|rtpmap:96|rtpmap:|rtpmap:300 VP8/90000|rtpmap:x VP8/90000|rtpmap:96 VP8/x|rtpmap:96 VP8/0
rtpmap:111 opus/48000/x|rtpmap:111 opus/48000/0|rtpmap:96 H264/90000|rtpmap:126 foo/8000|rtpmap:127 a/b/c/d|rtpmap:96 /90000
rtpmap:96  VP8/90000|rtpmap:96 VP8/90000/1/2|rtpmap:-1 VP8/90000|rtpmap:0 foo/1|rtpmap:111 opus/48000/99
group:BUNDLE 0|group:BUNDLE|group:|group:LS 0|group:LS 0 1|group:BUNDLE 9|group:FOO|group:BUNDLE 0 0|group:bundle 0
mid:|mid:0|mid:x|mid:12345678901234567|mid:a b|mid|mid: 0|mid:0 
ice-ufrag:|ice-ufrag:abc|ice-ufrag:abcd|ice-ufrag:ab d|ice-ufrag|ice-pwd:|ice-pwd:short|ice-pwd|ice-options:|ice-options
ice-options:trickle|ice-options: x|ice-lite|ice-lite:x|ice-pacing:50|ice-mismatch|remote-candidates:1 192.0.2.1 5|remote-candidates:
fingerprint:|fingerprint:sha-256|fingerprint:sha-256 AA|fingerprint:sha-256 zz:zz|fingerprint:foo AA:BB|fingerprint:md5 AA:BB
fingerprint:sha-1 aa:bb|fingerprint: sha-256 AA:BB|fingerprint:SHA-1 AA:BB:CC:DD|fingerprint
setup:|setup:actpass|setup:active|setup:passive|setup:holdconn|setup:x|setup|setup:ACTPASS|setup: active|setup:actpass x
candidate:|candidate|candidate:1 1 udp 1 192.0.2.1 5000 typ host|candidate:1 1 udp 1 192.0.2.1 5000 typ foo
candidate:1 1 udp x 192.0.2.1 5000 typ host|candidate:1 1 tcp 1 192.0.2.1 5000 typ host tcptype x|candidate:1 2 udp 1 x 1 typ host
end-of-candidates|end-of-candidates:x|rtcp:9 IN IP4 0.0.0.0|rtcp:|rtcp:x|rtcp:9|rtcp:9 IN|rtcp:9 IN IP4|rtcp:9 X IP4 0.0.0.0
rtcp:9 IN IP7 0.0.0.0|rtcp:70000|rtcp|rtcp:0|rtcp:9 IN IP4 0.0.0.0 x|rtcp-mux|rtcp-mux:x|rtcp-mux rtcp-mux|rtcp-mux |rtcp-rsize
rtcp-rsize:x|rtcp-mux-only|bundle-only|bundle-only:x|sendrecv|sendonly|recvonly|inactive|sendrecv:x|Sendrecv|sendonly |foo
crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|crypto:|crypto:1|crypto:x y z|crypto:1 FOO inline:x
ptime:20|ptime:|ptime:x|maxptime:120|maxptime:|maxptime:x|ptime:-1|ptime:0|framerate:30|framerate:|framerate:x|framerate:29.97
label:1|label:|identity:abc|identity:|dtls-message:client x|dtls-message:|dtls-message:foo x|tls-id:abc|tls-id:|ssrc
source-filter: incl IN IP4 * 10.5.6.7|source-filter:|source-filter: incl|curr:qos local none|des:qos x|conf:qos|curr:|range:npt=0-
x-google-flag:conference|x-google-flag:|X-foo:1|cat:1|keywds:x|tool:x|type:x|charset:x|sdplang:en|lang:en|orient:x|quality:11
quality:x|control:trackID=1|rtpmap|fmtp|extmap|msid|group|sctpmap|sctp-port|rid|simulcast|imageattr|rtcp-fb|max-message-size
x-sctp-port:1|key-mgmt:mikey x|key-mgmt:|connection:new|connection:x|connection:|bwtype:x|T38FaxVersion:0|T38FaxVersion:x
T38MaxBitRate:x|T38FaxFillBitRemoval:2|T38FaxRateManagement:x|T38FaxUdpEC:x|path:x|silenceSupp:on - - - -|silenceSupp:|X-pc-qos:x
subnet:x|subnet:IN IP4 1.2.3.4|rtr|rtr:x|eecid:|aalType:x|sqn:x|cdsc:1 audio RTP/AVP 96|cdsc:x|cpar:x|X-sqn:1|mptime:20 30|mptime:x
framing:x|packetization-supported:1|packetization:x raw|ts-refclk:ntp=x|mediaclk:x|floorid:1|content:slides|userid:1
`;

/** Whole lines of other types than `a`. */
const LINES = `
v=0|v=1|o=- 1 1 IN IP4 0.0.0.0|s=x|s= |i=x|u=http://x.test|u=|e=x|e=|p=1|c=IN IP4 0.0.0.0|c=IN IP4 192.0.2.1/127|c=IN IP6 ::
c=IN IP4|c=IN c=IN IP4 0.0.0.0|c=|c=IN IP4 x.test|c=IN IP6 0.0.0.0|c=IN IP4 0.0.0.0 x|c=IN IP4 256.1.1.1|c=X IP4 0.0.0.0|c=IN IP4 ::
c=IN IP4 1.2.3|c=IN IP4 0.0.0.0/|c=IN IP4  0.0.0.0|c=in ip4 0.0.0.0|c=IN IP4 $|c=IN IP6 ::1/3|c=IN IP6 x.test|c=IN IP5 0.0.0.0
b=AS:30|b=AS:|b=AS|b=|b=CT:100|b=CT:|b=CT:x|b=TIAS:1|b=TIAS:x|b=X-foo:1|b=RS:0|b=AS:-1|b=AS:x|b=FOO:1|b=FOO:x|b=AS: 30|b=RR:x|b=AS:30 x
b=TIAS:-1|b=AS:99999999999|b=as:30|b=AS:1.5|b=CT:-1|b=X-YZ:x|b=TIAS:4294967296|b=:5|b=AS:2147483647
t=0 0|t=0|t=x y|t=0 0 0|t=-1 0|t=0 x|t=99999999999999999999 0|r=7d 1h 0|r=x|z=0 1h|z=|k=clear:x|k=prompt|k=|k=x
m=audio 9 UDP/TLS/RTP/SAVPF 0|m=video 9 UDP/TLS/RTP/SAVPF 96|m=text 9 UDP/TLS/RTP/SAVPF 98|m=image 9 UDPTL t38|m=message 9 TCP/MSRP *
m=application 9 UDP/DTLS/SCTP webrtc-datachannel|m=audio 0 UDP/TLS/RTP/SAVPF 0|m=audio 9 RTP/AVP 0|m=audio 9|m=audio x RTP/AVP 0
m=application 9 DTLS/SCTP 5000|m=application 9 UDP/BFCP *|m=|m=audio 9 UDP/TLS/RTP/SAVPF 0 |m=audio 9 UDP/TLS/RTP/SAVPF
y=1|x=1|A=foo|a=|a|a =x|=x|foo| a=foo|a= foo|a=:x|a=x:|1=2|-=x|f=v/0|a=foo\tbar|b =AS:1| |m =x|A=rtcp-mux
`;

const split = (text) => text.split(/[|\n]/).filter((one) => one !== '');
const INSERTS = [...split(SAMPLES).map((attribute) => `a=${attribute}`), ...split(LINES)];

/** `length` different samples of `make`, which gets the random numbers; null is not a sample. */
function distinct(length, seed, make) {
  const next = random(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const found = new Map();
  for (let tries = 0; found.size < length && tries < 20 * length; tries++) {
    const one = make(next, pick);
    if (one !== null) found.set(JSON.stringify(one), one);
  }
  return [...found.values()];
}

/** Each line of an offer deleted. An edit: from line `first` on, `count` lines become the lines of `text`. */
export function deletions(base, lines) {
  return lines.map((_, index) => ({ base, first: index + 1, count: 1, lines: [] }));
}

/** Changes of one thing in a line. */
const CHANGES = [
  (line, pick) => {
    const numbers = [...line.matchAll(/\d+/g)];
    if (numbers.length === 0) return null;
    const number = pick(numbers);
    return line.slice(0, number.index) + pick(NUMBERS) + line.slice(number.index + number[0].length);
  },
  (line, pick) => {
    const fields = line.split(' ');
    fields[pick([...fields.keys()])] = pick(WORDS);
    return fields.join(' ');
  },
  (line, pick) => {
    const fields = line.split(' ');
    fields.splice(pick([...fields.keys()]), 1);
    return fields.length === 0 ? null : fields.join(' ');
  },
  (line) => (line.includes(':') ? line.slice(0, line.indexOf(':') + 1) : null),
  (line) => (line.includes(':') ? line.slice(0, line.indexOf(':')) : null),
  (line, pick) => line.slice(0, pick([...[...line].keys()])),
  (line, pick) => `${line}${pick([' ', ' x', ':x', ';', '\t', ' 0'])}`,
  (line) => line.replace(' ', '  '),
  (line) => line.replace(/[:=] ?/, (mark) => `${mark.trim()} `),
  (line) => line.toUpperCase(),
  (line) => line.slice(0, 2) + line.slice(2).toLowerCase(),
  (line, pick) => {
    const at = pick([...[...line].keys()]);
    return line.slice(0, at) + pick(['', 'x', ' ', ':', '/', '0']) + line.slice(at + 1);
  },
];

/** Offers of `bases` (name to lines) with one thing changed. */
export function mutatedOffers(bases, length, seed) {
  const names = Object.keys(bases);
  return distinct(length, seed, (next, pick) => {
    const base = pick(names);
    const lines = bases[base];
    const at = Math.floor(next() * lines.length);
    const kind = next();
    const edit = (count, replacement) => ({ base, first: at + 1, count, lines: replacement });
    if (kind < 0.4) {
      const changed = pick(CHANGES)(lines[at], pick);
      return changed === null || changed === lines[at] ? null : edit(1, [changed]);
    }
    if (kind < 0.85) return edit(0, [pick(INSERTS)]);
    if (kind < 0.9) return edit(1, [lines[at], lines[at]]);
    if (kind < 0.95) return at + 1 < lines.length ? edit(2, [lines[at + 1], lines[at]]) : null;
    return edit(Math.min(1 + Math.floor(next() * 4), lines.length - at), []);
  });
}

/** The lines of an offer after an edit. */
export function edited(lines, { first, count, lines: replacement }) {
  return [...lines.slice(0, first - 1), ...replacement, ...lines.slice(first - 1 + count)];
}

const CANDIDATES = `
candidate:3452170723 1 udp 2113937151 192.0.2.10 52525 typ host generation 0 ufrag tGry network-cost 999
candidate:842163049 1 udp 1677729535 198.51.100.7 46154 typ srflx raddr 10.0.17.1 rport 46154 generation 0 ufrag tGry network-id 1 network-cost 10
candidate:2 1 UDP 1686052863 203.0.113.101 60947 typ srflx raddr 0.0.0.0 rport 0
candidate:3 1 UDP 92217343 203.0.113.10 50000 typ relay raddr 203.0.113.10 rport 50000
candidate:3 1 udp 41885439 198.51.100.20 62000 typ relay raddr 192.0.2.4 rport 5000 generation 0
candidate:4 1 tcp 1518280447 192.0.2.10 9000 typ host tcptype passive generation 0
candidate:4 1 TCP 2105524479 192.0.2.10 9 typ host tcptype active
candidate:5 1 tcp 1015021823 198.51.100.7 7000 typ srflx raddr 192.0.2.1 rport 7000 tcptype passive
candidate:6 1 tcp 1015021823 198.51.100.7 7000 typ relay raddr 192.0.2.1 rport 7000 tcptype passive
candidate:7 1 udp 2113939711 2001:db8:1::10 40000 typ host generation 0 network-id 2
candidate:8 1 udp 1694498815 198.51.100.9 40001 typ prflx raddr 192.0.2.9 rport 40002
candidate:9 1 udp 2113937151 2cf85dc7-5ba6-424c-bde4-bd6084bcdcb3.local 54842 typ host generation 0
a=candidate:1467250027 1 udp 2122260223 192.168.0.196 46243 typ host generation 0
candidate:1 1 udp 2130706431 stun.example 3478 typ host
`
  .split('\n')
  .filter(Boolean);

const ADDRESSES =
  `0.0.0.0 :: 127.0.0.1 127.9.9.9 ::1 169.254.1.1 fe80::1 fe80::1%eth0 [2001:db8::1] 10.0.0.1 172.16.0.1 172.32.0.1
192.168.1.1 100.64.0.1 100.128.0.1 224.0.0.1 239.1.1.1 255.255.255.255 240.0.0.1 0.1.2.3 1.2.3 16909060 010.1.2.3 0x7f.1 1.2.3.4.5
256.1.1.1 1.2.3.x ff02::1 fc00::1 fd12::1 2002::1 2001:0:1::1 64:ff9b::1 ::ffff:192.0.2.1 ::192.0.2.1 ::ffff:127.0.0.1 2001:db8::1::2
2001:db8::g x x.test x.local .local local x.LOCAL a..b.test -x.test x_.test _x.test é.test localhost localhost.
x.localhost host.docker.internal x.onion x.invalid 192.0.2.1. 192.0.2.1:80 192.0.2.1/24 a.b.local x.test. 1.local *.test
a%20b.test x.test:5 ${'a'.repeat(63)}.test ${'a'.repeat(64)}.test ${'a.'.repeat(130)}test x,test x"y.test <x> x@y.test x/y.test x\\y
test. 0 1 1.2 3com.test 1.2.3.com 0xffffffff 0x1.2.3.4 1.2.3.08 ::1%lo fe80::abcd:1 fec0::1 5f00::1 0.0.0.1 198.18.0.1
192.0.0.8 192.88.99.1 203.0.113.255 FE80::1 2001:DB8::A 1::2 ::2 ::fffe:1.2.3.4 1.1.1.1 x.local. X.Local foo.home.arpa`
    .split(/\s+/)
    .filter(Boolean);
const PORTS =
  `0 1 7 9 19 20 21 22 23 25 53 69 79 80 81 110 119 123 135 137 139 143 161 179 389 427 443 465 512 514 526 548 554
556 563 587 601 636 853 989 993 995 1000 1022 1023 1024 1025 1719 1720 1723 1900 2049 3478 3659 4045 4190 5060 5061 5349 5353 5355
6000 6566 6665 6669 6679 6697 8080 8443 10080 11211 49152 65534 65535 65536 99999 -1 +5 05 5.5 5000x x 0x50 00080 4294967296
4294967297 99999999999`
    .split(/\s+/)
    .filter(Boolean);
const KINDS = 'host srflx prflx relay relayed HOST Srflx hostx typ local stun udp hos relayx srflxx h'
  .split(' ')
  .concat('');
const TRANSPORTS = 'udp tcp UDP TCP Udp ssltcp SSLTCP tls udpx tcpx tcp-act tcptype u tc dtls sctp'
  .split(' ')
  .concat('');
const TAILS = [
  ...[
    'rport',
    'raddr',
    'raddr 1.1.1.1',
    'rport 5',
    'tcptype',
    'tcptype active',
    'tcptype passive',
    'tcptype so',
    'tcptype x',
  ],
  ...[
    'raddr 1.1.1.1 rport 5',
    'raddr  rport 5',
    'raddr x.test rport 5',
    'raddr 1.1.1.1 rport',
    'raddr 1.1.1.1 rport x',
  ],
  ...[
    'raddr 1.1.1.1 rport 65536',
    'raddr 1.1.1.1 rport -1',
    'raddr :: rport 9',
    'raddrx 1.1.1.1 rportx 5',
    'tcptype PASSIVE',
  ],
  ...[
    'RADDR 1.1.1.1 RPORT 5',
    'rport 5 raddr 1.1.1.1',
    'raddr 0.0.0.0 rport 0',
    'tcptypex passive',
    'tcptype passivex',
  ],
  ...[
    'raddr x.local rport 1',
    'raddr 1.1.1.1 rport 5 tcptype passive',
    'tcptype passive raddr 1.1.1.1 rport 5',
    'TCPTYPE passive',
  ],
  ...[
    'generation',
    'generation x',
    'generation -1',
    'generation 4294967296',
    'network-id 65536',
    'network-id x',
    'network-id',
  ],
  ...[
    'network-cost 65536',
    'network-cost 1000',
    'network-cost x',
    'ufrag',
    'ufrag x',
    'pwd x',
    'foo',
    'foo bar',
    'foo bar baz',
  ],
  ...[
    ' ',
    '  generation 0',
    'generation 0 generation x',
    'network-cost -1',
    'ufrag a pwd b',
    'tcptype so x',
    'raddr [::1] rport 4',
  ],
  ...[
    'raddr 1.2.3 rport 5',
    'raddr 1.1.1.1 rport 5x',
    'raddr 1.1.1.1 rport +5',
    'tcptype activex',
    'tcptype act',
    'typ host',
  ],
];

/** Candidates with one or two things changed. */
export function mutatedCandidates(length, seed) {
  const anyNumber = ['0', '1', '2', '256', '257', ...NUMBERS];
  const changes = [
    (fields, pick) => Object.assign(fields, { 4: pick(ADDRESSES) }),
    (fields, pick) => Object.assign(fields, { 4: pick(ADDRESSES) }),
    (fields, pick) => Object.assign(fields, { 5: pick(PORTS) }),
    (fields, pick) => Object.assign(fields, { 5: pick(PORTS) }),
    (fields, pick) => Object.assign(fields, { 7: pick(KINDS) }),
    (fields, pick) => Object.assign(fields, { 2: pick(TRANSPORTS) }),
    (fields, pick) => Object.assign(fields, { 1: pick(anyNumber) }),
    (fields, pick) => Object.assign(fields, { 3: pick(anyNumber) }),
    (fields, pick) => Object.assign(fields, { 6: pick(['typ', 'TYP', 'typx', 'ty', '', 'type']) }),
    (fields, pick) => [...fields.slice(0, 8), pick(TAILS)],
    (fields, pick) => [...fields.slice(0, 8), pick(TAILS), pick(TAILS)],
    (fields, pick) => [...fields, pick(TAILS)],
    (fields, pick) => fields.slice(0, pick([...fields.keys()]) + 1),
    (fields, pick) => {
      const at = pick([...fields.keys()]);
      return [...fields.slice(0, at), ...fields.slice(at + 1)];
    },
    (fields, pick) => {
      const [at, line] = [pick([...fields.keys()]), [...fields]];
      line[at] = pick(CHANGES)(line[at], pick) ?? line[at];
      return line;
    },
    (fields, pick) => {
      const head = pick([
        'candidate:',
        'Candidate:',
        'candidate',
        'a=',
        'A=candidate:',
        ' candidate:',
        'candidate: ',
        'x:',
        ':',
      ]);
      return [fields[0].replace(/^(a=)?candidate:/, head), ...fields.slice(1)];
    },
    (fields, pick) => {
      const at = pick([...fields.keys()]);
      return [
        ...fields.slice(0, at),
        pick(['', '\t', '\r', '\n', '\r\n', '\0', '\u00a0', 'é']) + fields[at],
        ...fields.slice(at + 1),
      ];
    },
  ];
  return distinct(length, seed, (next, pick) => {
    let fields = pick(CANDIDATES).split(' ');
    fields = pick(changes)(fields, pick);
    if (next() < 0.3) fields = pick(changes)(fields, pick);
    const text = fields.join(' ');
    return text === '' ? null : text;
  });
}

/** The real candidates, unchanged. */
export const realCandidates = CANDIDATES;
