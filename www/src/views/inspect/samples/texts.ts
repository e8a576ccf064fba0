/** Texts to try the view with. Written for this purpose: addresses are from the documentation ranges, keys are made up. */

const OFFER = `v=0
o=- 4962303333179871722 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=candidate:2130706431 1 udp 2130706431 10.1.0.2 50312 typ host generation 0 network-id 1
a=candidate:1694498815 1 udp 1694498815 203.0.113.101 50312 typ srflx raddr 10.1.0.2 rport 50312 generation 0 network-id 1
a=candidate:16777215 1 udp 16777215 203.0.113.10 55968 typ relay raddr 203.0.113.101 rport 50312 generation 0 network-id 1
a=candidate:3142361371 1 tcp 1518280447 10.1.0.2 9 typ host tcptype active generation 0 network-id 1
a=end-of-candidates
a=ice-ufrag:9uB6
a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh1c
a=ice-options:trickle
a=fingerprint:sha-256 1B:8F:02:44:C9:6A:57:EE:30:7D:95:B1:0C:D8:2F:E4:63:9A:71:05:BC:48:F6:1E:83:DA:27:5C:90:AF:34:6B
a=setup:actpass
a=mid:0
a=sctp-port:5000
a=max-message-size:262144`;

const ANSWER = `v=0
o=- 1382296478012558031 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
a=extmap-allow-mixed
a=msid-semantic: WMS
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=candidate:3911604421 1 udp 2122260223 6f0cd8f5-9f0c-4f5b-9b41-2a5c3e8f7d10.local 36059 typ host generation 0 network-cost 999
a=candidate:842163049 1 udp 1686052607 203.0.113.102 36059 typ srflx raddr 0.0.0.0 rport 0 generation 0 network-cost 999
a=ice-ufrag:8hhY
a=ice-pwd:asd88fgpdd777uzjYhagZgQx
a=ice-options:trickle
a=fingerprint:sha-256 5E:77:A0:13:CC:92:4D:08:F1:66:3B:E9:54:20:87:DF:1A:BE:45:73:99:0F:C2:6D:38:84:FB:17:A6:5B:E2:3C
a=setup:active
a=mid:0
a=sctp-port:5000
a=max-message-size:262144
a=end-of-candidates`;

export const SDP_PAIR = `Offer\n${OFFER}\n\nAnswer\n${ANSWER}\n`;

/** Every fault here is one that real peers have sent. */
export const BROKEN_SDP = `v=0
o=- 77 1 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:ab
a=ice-pwd:tooshort
a=ice-options:trickle ice2
a=setup:actpas
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host
a=candidate:2 1 UDP 1694498815 192.0.2.3 70000 typ srflx raddr 10.0.1.1 rport 8998
a=candidate:3 1 UDP 4294967296 192.0.2.4 5000 typ host
a=candidate:4 300 UDP 2130706175 192.0.2.5 5002 typ host
a=candidate:5 1 UDP 2130706174 192.0.2.300 5004 typ host
a=candidate:6 1 UDP 2130706173 192.0.2.6 5006 typ reflexive
a=candidate:7 1 TCP 1518280447 192.0.2.7 9 typ host
a=candidate:8 1  UDP 1694498559 192.0.2.8 5008 typ srflx raddr 10.0.1.1 rport 8998
a=fingerprint:sha-256 12:34:ZZ
m=application 9 DTLS/SCTP 5000
c=IN IP4 0.0.0.0
a=ice-ufrag:8hhY
a=ice-ufrag:9uB6
a=mid:data
a=sctpmap:5000 webrtc-datachannel 1024
`;

const LOG_OFFER = OFFER.split('\n')
  .filter((line) => !/^a=(?:candidate|end-of)/.test(line))
  .join('\n');
const LOG_ANSWER = ANSWER.split('\n')
  .filter((line) => !/^a=(?:candidate|end-of)/.test(line))
  .join('\n');

export const CONSOLE_LOG = `main.js:41 0.214: Created peer connection caller
main.js:52 0.215: Created data channel chat
main.js:67 0.231: Offer from caller
${LOG_OFFER}
main.js:67 0.247: Answer from callee
${LOG_ANSWER}
main.js:80 0.252: caller ICE candidate:
candidate:2130706431 1 udp 2130706431 10.1.0.2 50312 typ host generation 0 ufrag 9uB6 network-id 1
main.js:83 0.253: addIceCandidate success.
main.js:80 0.260: callee ICE candidate:
candidate:3911604421 1 udp 2122260223 10.2.0.2 36059 typ host generation 0 ufrag 8hhY network-cost 999
main.js:83 0.261: addIceCandidate success.
main.js:80 0.296: caller ICE candidate:
candidate:1694498815 1 udp 1694498815 203.0.113.101 50312 typ srflx raddr 10.1.0.2 rport 50312 generation 0 ufrag 9uB6 network-id 1
main.js:83 0.297: addIceCandidate success.
main.js:80 0.301: callee ICE candidate:
(null)
main.js:80 0.302: caller ICE candidate:
(null)
main.js:95 0.388: iceconnectionstatechange: connected
main.js:99 0.402: Send channel state is: open
`;

const SIP_OFFER = `v=0
o=alice 2890844526 2890844526 IN IP4 10.0.1.1
s=-
c=IN IP4 192.0.2.3
t=0 0
a=ice-options:ice2
a=ice-pacing:50
a=ice-pwd:asd88fgpdd777uzjYhagZg
a=ice-ufrag:8hhY
m=audio 45664 RTP/AVP 0
b=RS:0
b=RR:0
a=rtpmap:0 PCMU/8000
a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host
a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998
`;

const SIP_ANSWER = `v=0
o=bob 2808844564 2808844564 IN IP4 192.0.2.1
s=-
c=IN IP4 192.0.2.1
t=0 0
a=ice-options:ice2
a=ice-pacing:50
a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh
a=ice-ufrag:9uB6
m=audio 3478 RTP/AVP 0
b=RS:0
b=RR:0
a=rtpmap:0 PCMU/8000
a=candidate:1 1 UDP 2130706431 192.0.2.1 3478 typ host
`;

export const SIP = `INVITE sip:bob@biloxi.example.com SIP/2.0
Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bKnashds8
Max-Forwards: 70
To: Bob <sip:bob@biloxi.example.com>
From: Alice <sip:alice@atlanta.example.com>;tag=1928301774
Call-ID: a84b4c76e66710
CSeq: 314159 INVITE
Contact: <sip:alice@pc33.atlanta.example.com>
Content-Type: application/sdp
Content-Length: ${SIP_OFFER.length}

${SIP_OFFER}
SIP/2.0 200 OK
Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bKnashds8;received=192.0.2.3
To: Bob <sip:bob@biloxi.example.com>;tag=a6c85cf
From: Alice <sip:alice@atlanta.example.com>;tag=1928301774
Call-ID: a84b4c76e66710
CSeq: 314159 INVITE
Contact: <sip:bob@192.0.2.4>
Content-Type: application/sdp
Content-Length: ${SIP_ANSWER.length}

${SIP_ANSWER}`;

/** The sample request of RFC 5769 2.1. Its password is VOkJxbRl1RmTxUk/WvJxBt. */
export const STUN_HEX = `0000  00 01 00 58 21 12 a4 42  b7 e7 a7 01 bc 34 d6 86
0010  fa 87 df ae 80 22 00 10  53 54 55 4e 20 74 65 73
0020  74 20 63 6c 69 65 6e 74  00 24 00 04 6e 00 01 ff
0030  80 29 00 08 93 2f f9 b1  51 26 3b 36 00 06 00 09
0040  65 76 74 6a 3a 68 36 76  59 20 20 20 00 08 00 14
0050  9a ea a7 0c bf d8 cb 56  78 1e f2 b5 b2 d3 f2 49
0060  c1 b5 71 a2 80 28 00 04  e5 7a 3b cf
`;
