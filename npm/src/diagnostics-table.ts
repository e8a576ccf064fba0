/** Made from `docs/diagnostics.tsv` by `tests/diagnostics_page.rs`: code, severity, message, RFC, Chromium, Firefox, hint. */
export const table = `cand.too-short|e|The line ends before its type: a candidate has eight fields up to there.|invalid|rejects|ignored|Copy the whole line; wrapped lines lose their end.
cand.one-line|e|More than one line: a candidate is one.|invalid|rejects|uses the first line|Give each line to addIceCandidate on its own.
cand.component|e|The component is not a number.|invalid|rejects|ignored|Write 1 (RTP, or anything with rtcp-mux) or 2 (RTCP).
cand.priority|e|The priority is not a number below 2^32.|invalid|rejects|wraps or ignores it|Write the priority of RFC 8445 5.1.2.1, 1 to 2147483647.
cand.port|e|The port is not a number from 0 to 65535.|invalid|rejects|ignored|Write the port in decimal digits.
cand.typ|e|"typ" is expected here, then the type.|invalid|rejects|ignored|Put "typ" before the type.
sdp.not-a-line|e|Not a line of the form x=value.|invalid|refuses|stops reading here|Remove it. Log prefixes and wrapped lines look like this.
sdp.too-many-lines|w|More than 1 048 576 lines or 22 369 621 characters: the rest is kept, and not looked at.|ok|not measured|not measured|Split the text.
cand.address|w|Looks like an IP address and is not one.|invalid|IPv4 as inet_aton, else a name|ignored|Write the address in full, without leading zeros.
cand.unspecified|w|The unspecified address: nothing can be sent there.|ok|never paired|used|Give the address of the interface.
cand.prefix-missing|i|"candidate:" is missing before the foundation.|invalid|rejects|rejects|Put "candidate:" before the line.
cand.prefix-case|w|"candidate" is written in lower case.|invalid|rejects|used|Write "candidate:".
cand.prefix-double|w|"candidate:" is there twice.|invalid|used|used|The signalling adds a prefix that is there already: leave one.
cand.line-type-case|w|The line type is a lower-case a.|invalid|rejects|ignored|Write "a=".
cand.spaces|w|Fields are separated by exactly one space.|invalid|rejects|used|Leave one space.
cand.tab|w|A tab where a space belongs.|invalid|rejects|ignored|Replace it by a space.
cand.nbsp|w|A no-break space where a space belongs: text copied from a web page.|invalid|rejects|ignored|Replace it by a space.
cand.foundation-empty|w|The foundation is empty.|invalid|used|ignored|Write 1 to 32 letters, digits, "+" or "/".
cand.foundation-too-long|w|The foundation is longer than 32 characters.|invalid|used|used, RTCIceCandidate all null|Shorten it.
cand.foundation-char|w|A foundation has letters, digits, "+" and "/" only.|invalid|used|used|Use other characters.
cand.component-range|w|A component is 1 to 256.|invalid|never paired|ignored|Write 1 or 2.
cand.transport-unknown|e|Neither UDP nor TCP.|ok|rejects|ignored|Peers ignore it unless they agreed on the transport.
cand.legacy-transport|w|The direction of TCP is in the transport, as an old draft had it.|ok|rejects|ignored|Write TCP, and "tcptype active", "passive" or "so" after the type.
cand.priority-range|w|A priority is 1 to 2^31-1.|invalid|used|0 is ignored, more is used|Compute it by RFC 8445 5.1.2.1.
cand.fqdn|w|A host name: RFC 8839 has receivers ignore the line.|must be ignored|asks DNS|ignored|Resolve the name and write the address.
cand.ipv6-brackets|w|Brackets around IPv6 belong in URLs only.|invalid|never paired|ignored|Leave the brackets out.
cand.ipv6-zone|w|A zone id means something on one machine only.|invalid|never paired|ignored|Leave the zone id out; link-local addresses rarely help.
cand.port-zero|w|Port 0: nothing can be sent there.|ok|never paired|ignored|Write the port; for tcptype active, 9.
cand.case|w|"typ" and the type are written in lower case.|ok|rejects|used, RTCIceCandidate throws|Write them in lower case.
cand.type-missing|e|The type is missing after "typ".|invalid|rejects|ignored|Write host, srflx, prflx or relay; a variable of the program that wrote the line was empty.
cand.type-unknown|w|Not host, srflx, prflx or relay.|ignored|rejects|ignored|Correct the type.
cand.type-legacy|w|A type name from before the RFC: local is now host, stun is srflx.|ignored|rejects|ignored|Update the sender, or translate the name.
cand.related-missing|w|raddr and rport are missing, which this type must have.|invalid|used|ignored|Write "raddr 0.0.0.0 rport 9" to hide them. Libraries that drop them cut the connection to Firefox.
cand.raddr-missing|w|rport without raddr.|invalid|used|ignored|Write both, raddr first.
cand.rport-missing|w|raddr without rport.|invalid|used|ignored|Write both.
cand.related-on-host|w|A host candidate has no related address.|invalid|used|used|Leave raddr and rport out.
cand.related-hidden|i|The related address is hidden: browsers do that when they hide host addresses.|ok|used|used|Nothing to do. The RFC asks for port 9, Chromium writes 0.
cand.related-port|w|The related port is not a number from 0 to 65535.|invalid|rejects|ignored|Write the port in decimal digits.
cand.order|w|Out of order: raddr, rport, tcptype, then everything else.|invalid|skips it|ignores the candidate where it needs it|Put raddr, rport and tcptype directly after the type.
cand.tcptype-missing|w|A TCP candidate without tcptype.|invalid|takes it as passive|ignored|Write "tcptype passive", "active" or "so".
cand.tcptype-unknown|e|tcptype is active, passive or so.|invalid|rejects|ignored|Write one of the three.
cand.tcptype-on-udp|w|tcptype on a UDP candidate.|invalid|rejects|used|Leave tcptype out, or write tcp.
cand.empty-extension-value|w|An extension without a value.|ok|used|used|Write the value, or leave the name out.
cand.network-cost-range|w|A network cost is 0 to 999.|ok|clamps; over 65535 rejects|used|Write 999 or less.
cand.extension-number|w|Chromium reads this extension as a number.|ok|rejects|used|Write a number, or leave the extension out.
sdp.escaped|e|Line ends are written as a backslash and a letter: the text is still escaped, as inside JSON.|invalid|refuses|refuses|Undo the escapes, with JSON.parse where it was JSON.
sdp.bom|w|A byte order mark before the text.|invalid|refuses|refuses|Save the text without a byte order mark.
sdp.nul|w|A NUL: parsers written in C stop here.|invalid|takes it|stops reading here|Remove it.
sdp.non-ascii|i|The first character that is not ASCII.|ok|takes it|refuses|Write ASCII when Firefox is to read it.
sdp.empty-line|w|An empty line.|invalid|refuses|stops reading here|Remove it.
sdp.empty-value|w|Nothing after the equals sign.|invalid|refuses|refuses a=, takes the others|Remove the line.
sdp.space-after-equals|w|A space after the equals sign.|invalid|refuses|takes it|Remove the space.
sdp.final-newline|w|The last line has no line end.|invalid|refuses|takes it|End every line, the last too, with CR and LF. A lost last line end is the commonest fault of pasted text.
sdp.lone-cr|w|A CR without LF ends this line; browsers see one long line.|invalid|one line with the next|one line with the next|Write CR and LF.
sdp.indent|w|Spaces before the line.|invalid|refuses|stops reading here|Remove them.
sdp.type-case|w|The type letter is in lower case.|invalid|refuses|refuses|Write it in lower case.
sdp.type-unknown|i|No RFC defines this type letter.|ignored|ignored in media sections|refuses|Remove the line before a browser reads it.
sdp.fragment|i|No v=, o= or s=: read as a fragment, such as WHIP and trickle ICE send.|ok|refuses|refuses|Nothing to do if it is one.
sdp.version-missing|w|The first line is not v=0.|invalid|refuses|refuses|Start with v=0.
sdp.version|w|The version is 0.|invalid|takes it|refuses|Write v=0.
sdp.order|w|This line comes after one that must follow it.|invalid|refuses in the session part|takes it|Session lines go v, o, s, i, u, e, p, c, b, t, r, z, k, a.
sdp.origin-missing|w|There is no o= line.|invalid|refuses|refuses|Add "o=- 1 1 IN IP4 127.0.0.1" after v=0.
sdp.origin|w|o= has six fields: user, session id, version, IN, IP4 or IP6, address.|invalid|refuses|refuses|Write all six, separated by single spaces; "-" stands for no user.
sdp.origin-session-id|w|The session id is over 2^63-1 or not a number.|ok|takes it|refuses|Write a number below 2^63.
sdp.name-missing|w|There is no s= line.|invalid|refuses|takes it|Add "s=-" after o=.
sdp.name-empty|w|s= has nothing after it.|invalid|refuses|takes it|Write "s=-".
sdp.timing-missing|w|There is no t= line.|invalid|refuses|refuses|Add "t=0 0" after s=.
sdp.timing|w|t= has two numbers.|invalid|takes it|refuses|Write "t=0 0".
sdp.connection-missing|w|Neither the session nor this section has a c= line.|invalid|takes it|refuses|Add "c=IN IP4 0.0.0.0".
sdp.connection|w|c= is IN, IP4 or IP6, and an address of that family.|invalid|only a missing field or an address of the other family is refused|a missing field is refused, the line ignored for other types|Write "c=IN IP4 0.0.0.0" or the address.
sdp.connection-multicast|w|A multicast address with its TTL.|ok|refuses|takes it|Browsers do unicast only.
sdp.connection-name|w|A host name in c=.|ok|takes it|refuses|Write the address; with ICE, "c=IN IP4 0.0.0.0".
sdp.bandwidth|w|b= is a type, a colon and a number.|invalid|refuses for AS and TIAS|refuses for AS, CT and TIAS unless the colon is missing|Write for example "b=AS:64".
sdp.bandwidth-on-data|i|A bandwidth for RTP has no effect on SCTP.|ok|ignored|ignored|Leave it out.
sdp.media-line|w|m= is a kind, a port, a protocol and at least one format.|invalid|refuses|refuses a port without digits|Write the missing field; port 9 stands for "ICE will tell".
sdp.media-protocol|w|A protocol that no browser uses for media or data.|ok|refuses it for audio and video|refuses|Browsers speak UDP/TLS/RTP/SAVPF and UDP/DTLS/SCTP.
sdp.payload-type|w|A payload type is a number below 128, one space between two.|invalid|refuses|refuses numbers over 127|Correct the list of formats.
sdp.rtpmap|w|rtpmap is a payload type and name/clock rate.|invalid|refuses|takes it|Write for example "a=rtpmap:0 PCMU/8000".
sdp.rtpmap-missing|w|Parameters for a payload type that no rtpmap names.|invalid|refuses|takes it|Add the rtpmap, or remove the parameters.
sdp.fmtp|w|fmtp is a payload type and parameters.|invalid|refuses|takes it|Write the parameters, or remove the line.
sdp.rtcp-fb|w|rtcp-fb is a payload type and a feedback type.|invalid|refuses|takes it|Write the feedback type, or remove the line.
sdp.msid|w|msid has no stream id.|invalid|refuses|takes it|Write "-" for no stream.
sdp.extmap|w|extmap is an id from 1 to 255 and a URI.|invalid|refuses|refuses ids but 1 to 14|Write an id from 1 to 14 and the URI.
sdp.extmap-collision|w|This header extension id means another URI elsewhere in the BUNDLE group.|invalid|refuses|refuses it within a section|Give each URI one id throughout the group.
sdp.rtx-apt|w|This retransmission codec repeats no codec of its section.|invalid|refuses|takes it|Write a=fmtp with apt= and the payload type it repeats, or remove the codec.
sdp.rid|w|rid is letters and digits, send or recv, and restrictions as key=value.|invalid|takes it|refuses|Use letters and digits, here and in a=simulcast.
sdp.simulcast|w|simulcast is send or recv with streams, each of them an a=rid of that direction.|invalid|refuses what it can't read|refuses|Write an a=rid for each stream, or remove it here.
sdp.simulcast-extension|w|Simulcast without the header extension that tells its streams apart.|invalid|refuses|takes it|Add a=extmap with urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id.
sdp.imageattr|w|imageattr is a payload type, send or recv, and sizes as [x=…,y=…].|invalid|takes it|refuses|Write [x=[1:1920],y=[1:1080]], or remove the line.
sdp.ssrc|w|ssrc is a number and an attribute; ssrc-group a meaning and numbers.|invalid|refuses|takes it|Complete the line, or remove it.
sdp.ssrc-tracks|w|The SSRCs of one section belong to more than one track: Plan B.|invalid|refuses|takes it|One section per track (Unified Plan).
sdp.ssrc-group|w|FID and FEC-FR pair exactly two SSRCs, each described by a=ssrc.|invalid|refuses|takes it|Name both, or remove the group.
sdp.duplicate|w|An attribute that is there once; the first counts here.|invalid|takes the last|takes the first|Remove one.
sdp.property-value|w|This attribute has no value.|invalid|takes it|takes it|Write the name only.
sdp.value-missing|w|This attribute needs a value after a colon.|invalid|refuses|drops it|Write the value, or remove the line.
sdp.mid|w|A mid is one word.|invalid|refuses spaces|refuses it as the tag of a BUNDLE group|Write a word of up to 16 characters.
sdp.mid-missing|w|This section has no mid and others have: Chromium makes one up, which may be taken.|ok|refuses when 0, 1 … is taken|takes it|Give each section its own a=mid.
sdp.mid-too-long|w|A mid longer than 16 characters.|ok|refuses|refuses|Shorten it, here and in a=group.
sdp.mid-duplicate|w|Another section has this mid.|invalid|refuses|takes it|Give each section its own.
sdp.bundle-unknown-mid|w|No section has this mid.|invalid|refuses|refuses it as the first tag|Remove it from the group, or add the section.
sdp.bundle-duplicate-mid|w|The group names this mid twice.|invalid|refuses it in two groups|refuses|Name it once.
sdp.bundle-tag-rejected|w|The first section of the BUNDLE group is rejected: it has port 0.|invalid|takes it|refuses|Put an accepted section first, or leave the rejected one out of the group.
sdp.bundle-without-rtcp-mux|w|A section in a BUNDLE group has no a=rtcp-mux.|invalid|refuses|refuses|Add a=rtcp-mux.
sdp.bundle-only-port|i|bundle-only goes with port 0 in an offer.|invalid|takes it|takes it|Write port 0.
sdp.not-webrtc|i|Neither ICE nor DTLS is in it: a description for SIP or RTSP, not for WebRTC.|ok|refuses|refuses|Nothing to do for plain RTP; a gateway stands between it and a browser.
sdp.rtcp-mux-missing|w|There is no a=rtcp-mux, which browsers require by default.|ok|refuses|refuses|Add a=rtcp-mux, or set rtcpMuxPolicy where a browser still has it.
sdp.sctp-legacy-line|w|The data-channel line of an early draft; RFC 8841 writes the port in its own attribute.|older syntax|takes it|takes it|Write "UDP/DTLS/SCTP webrtc-datachannel" and "a=sctp-port:5000".
sdp.sctpmap|w|Replaced by a=sctp-port and a=max-message-size.|older syntax|takes it|takes it|Write "a=sctp-port:5000".
sdp.sctp-port|w|sctp-port and max-message-size are numbers.|invalid|refuses|takes it|Write the number.
sdp.sctp-port-missing|i|There is no a=sctp-port; browsers take 5000.|must be there|takes it|takes it|Add a=sctp-port:5000.
sdp.fingerprint-missing|w|There is no a=fingerprint: without DTLS browsers do not talk.|must be there|refuses|refuses|Add the fingerprint of the certificate; plain RTP and SDES do not work in browsers.
sdp.fingerprint|w|A fingerprint is a hash name, a space, and pairs of hexadecimal digits with colons.|invalid|refuses|refuses|Copy it again.
sdp.fingerprint-hash|w|A hash function that no browser knows.|invalid|refuses|refuses if there is no other|Use sha-256.
sdp.fingerprint-length|w|Not as many bytes as this hash has: DTLS will fail.|invalid|takes it, then DTLS fails|takes it, then DTLS fails|Copy it again: sha-1 has 20 bytes, sha-256 32, sha-384 48, sha-512 64.
sdp.fingerprint-twice|w|More than one fingerprint in the session part.|ok|refuses|takes it|Leave one, or move them into the sections.
sdp.fingerprint-case|i|Lower-case digits in a fingerprint.|invalid|takes it|refuses|Write them in upper case.
sdp.fingerprint-weak|w|MD2 and MD5 are forbidden.|invalid|refuses|takes it|Use sha-256.
sdp.setup-missing|w|There is no a=setup: who starts DTLS?|must be there|takes it|refuses|Add "a=setup:actpass" to an offer, "active" or "passive" to an answer.
sdp.setup|w|setup is actpass, active, passive or holdconn.|invalid|refuses|refuses|Write one of them; Firefox refuses holdconn.
sdp.crypto|i|SDES keys: browsers have given them up for DTLS.|ok|ignored|ignored|Use DTLS; without a fingerprint no browser connects.
ice.ufrag-missing|w|There is no a=ice-ufrag in the section or the session.|must be there|refuses|refuses|Add a=ice-ufrag and a=ice-pwd.
ice.pwd-missing|w|There is no a=ice-pwd in the section or the session.|must be there|refuses|refuses|Add a=ice-pwd with at least 22 characters.
ice.ufrag-length|w|An ice-ufrag has 4 to 256 characters.|invalid|refuses|refuses fewer than 4|Write 4 or more.
ice.ufrag-char|w|An ice-ufrag has letters, digits, "+" and "/" only.|invalid|takes - = # _, refuses others|takes it|Use other characters.
ice.pwd-length|w|An ice-pwd has 22 to 256 characters.|invalid|refuses|refuses fewer than 22|Write 22 or more.
ice.pwd-char|w|An ice-pwd has letters, digits, "+" and "/" only.|invalid|takes - = # _, refuses others|takes it|Use other characters.
ice.pwd-conflict|w|Another section has the same ufrag with another password.|invalid|takes it|takes it|Change one of the ufrags.
ice.options-empty|w|ice-options without an option.|invalid|takes it|takes it|Remove the line.
ice.option-ice2-missing|i|RFC 8445 agents announce "ice2"; browsers do not.|must be there|takes it|takes it|Nothing to do for browsers; other agents add ice2.
ice.option-legacy|i|"google-ice" was the protocol before the RFC.|ok|ignored|ignored|Remove it.
ice.level|w|An attribute of the other level: ice-lite and ice-pacing belong to the session, candidates to a section.|invalid|takes it|takes it|Move it.
ice.pacing|w|ice-pacing is a number of milliseconds.|invalid|ignored|ignored|Write for example "a=ice-pacing:50".
ice.pacing-lite|w|A lite agent sends no checks and no pacing.|invalid|ignored|ignored|Remove a=ice-pacing.
ice.mismatch|w|The peer found the default address missing among the candidates, and does not use ICE: something between changes addresses.|ok|ignored|ignored|Look for an application-layer gateway on the way of the signalling.
ice.remote-candidates|w|remote-candidates are triples of component, address and port.|invalid|ignored|ignored|Complete the triple.
ice.candidate-unreadable|w|A candidate in the description that the browser can't read.|invalid|refuses|ignored|Correct the candidate: its own diagnostics say what is wrong.
ice.candidate-after-end|w|A candidate after end-of-candidates.|invalid|takes it|takes it|Put a=end-of-candidates after the last candidate.
ice.candidate-on-rejected|w|A candidate in a rejected section: it has port 0.|invalid|ignored|ignored|Leave it out, or accept the section.
ice.candidate-duplicate|i|The same candidate twice.|ok|pruned|pruned|Leave one.
ice.candidate-ufrag|i|The candidate names another ufrag than its section: it belongs to another ICE generation.|ok|used|used|After a restart, drop the candidates of the old generation.
ice.component-with-mux|i|A candidate for RTCP beside a=rtcp-mux: it is used only if the peer does not multiplex.|ok|never paired|ignored|With rtcp-mux-only, leave it out.
ice.default-mismatch|i|The address and port of the section are not among its candidates: the peer may answer ice-mismatch.|the peer may give up ICE|takes it|takes it|Write a candidate there, or 0.0.0.0 and port 9 when trickling.`;
