/** The sentences of advice, in English and 简体中文. `{name}` is replaced by the parameter of that name. */

type Sentence = readonly [en: string, zh: string];

export const sentences = {
  'ice.no-candidates': [
    'No candidate of the {side} agent is here: nothing can be checked. Send its candidates, in its description or by trickle.',
    '没有{side}的任何候选:无法检查。请在其描述中或以 trickle 方式发送候选。',
  ],
  'ice.only-mdns': [
    'The {side} agent sent only mDNS host candidates and no srflx: the STUN server did not answer, or none is configured. Only peers in the same network can resolve {address}.',
    '{side}只发送了 mDNS 主机候选,没有 srflx:STUN 服务器没有应答,或没有配置。只有同一网络内的对端才能解析 {address}。',
  ],
  'ice.only-private': [
    'The {side} agent sent only private host addresses and no srflx or relay: a peer in another network can reach none of them. Check its STUN server.',
    '{side}只发送了私网主机地址,没有 srflx 或 relay:其他网络的对端都无法到达。请检查其 STUN 服务器。',
  ],
  'ice.no-common-component': [
    'Offer and answer share no component, so no pair can form: {local} on one side, {remote} on the other. One side counts on a=rtcp-mux, the other does not.',
    'offer 与 answer 没有共同的 component,无法组成候选对:一方为 {local},另一方为 {remote}。一方依赖 a=rtcp-mux,另一方没有。',
  ],
  'ice.no-common-transport': [
    'The candidates share no transport protocol, so no pair can form: {local} on one side, {remote} on the other.',
    '双方候选没有共同的传输协议,无法组成候选对:一方为 {local},另一方为 {remote}。',
  ],
  'ice.no-common-family': [
    'One side has only IPv4, the other only IPv6 candidates, so no pair can form. A relay with both families would join them.',
    '一方只有 IPv4 候选,另一方只有 IPv6 候选,无法组成候选对。支持双栈的中继可以连接双方。',
  ],
  'ice.no-pair': [
    'No pair can form of {local} and {remote} candidates.',
    '{local} 个与 {remote} 个候选无法组成任何候选对。',
  ],
  'ice.relay-tcp-only': [
    'The {side} agent reached its TURN server only over TCP or TLS: UDP to it seems blocked, and media will wait for retransmissions.',
    '{side}只能通过 TCP 或 TLS 到达 TURN 服务器:UDP 似乎被阻断,媒体会因重传而延迟。',
  ],
  'ice.symmetric-no-relay': [
    'The srflx candidates of one base at the {side} agent have different ports ({ports}): its NAT maps by destination (symmetric), and there is no relay candidate. It connects only to peers with a public address or an address-restricted NAT at most.',
    '{side}同一 base 的 srflx 候选端口不同({ports}):其 NAT 按目的地址映射(对称型),且没有 relay 候选。只能连接公网或至多为地址受限型 NAT 的对端。',
  ],
  'ice.ufrag-mismatch': [
    'The candidate names the username fragment {fragment}, which no description here has ({known}): it belongs to another session or to the one before a restart, and is ignored.',
    '候选中的用户名片段 {fragment} 不在任何描述中({known}):它属于别的会话或重启前的会话,会被忽略。',
  ],
  'ice.same-credentials': [
    'Both descriptions have the username fragment {fragment}: an agent was given its own description back, so its checks fail.',
    '两个描述的用户名片段都是 {fragment}:代理收到了自己的描述,检查会失败。',
  ],
  'ice.half-restart': [
    'A later description of the {side} agent changes only one of a=ice-ufrag and a=ice-pwd. A restart changes both (RFC 8839 §4.4.1.1.1).',
    '{side}后来的描述只改变了 a=ice-ufrag 与 a=ice-pwd 之一。重启必须两者都改变(RFC 8839 §4.4.1.1.1)。',
  ],
  'ice.end-missing': [
    'Candidates of the {side} agent were trickled, but no end of candidates: its peer can not tell when to give up.',
    '{side}以 trickle 方式发送了候选,但没有候选结束标记:对端不知道何时放弃。',
  ],
  'ice.candidate-after-end': [
    'A candidate of the {side} agent comes after its end of candidates: a peer may ignore it (RFC 8838 §14).',
    '{side}的候选出现在其候选结束标记之后:对端可能忽略它(RFC 8838 §14)。',
  ],
  'ice.same-machine': [
    'Both agents have the address {address}: one machine, no NAT between them. This shows nothing about other networks.',
    '双方地址都是 {address}:同一台机器,中间没有 NAT。不能说明其他网络的情况。',
  ],
  'ice.both-lite': [
    'Both agents are ICE lite: neither sends checks, so only the default addresses count (RFC 8445 §6.1.1).',
    '双方都是 ICE lite:都不发送检查,只看默认地址(RFC 8445 §6.1.1)。',
  ],
  'dtls.answer-actpass': [
    'The answer says a=setup:actpass. An answer must choose active or passive (RFC 5763 §5); browsers refuse it.',
    'answer 写了 a=setup:actpass。answer 必须选择 active 或 passive(RFC 5763 §5);浏览器会拒绝。',
  ],
  'dtls.same-setup': [
    'Both sides say a=setup:{setup}: {effect}, so DTLS never starts right.',
    '双方都写了 a=setup:{setup}:DTLS 无法正常开始。',
  ],
  'sdp.no-answer': ['There is an offer and no answer to it here.', '这里有 offer,没有对应的 answer。'],
  'sip.private-address': [
    'The description in the {message} message sends media to the private address {address} and offers no ICE candidates: a peer behind another NAT can not reach it.',
    '{message} 消息中的描述把媒体指向私网地址 {address},且没有 ICE 候选:其他 NAT 后面的对端无法到达。',
  ],
  'stun.server-silent': [
    '{count} Binding requests from {client} to {server} got no answer: the server is down, the name is wrong, or UDP to it is blocked. No srflx candidate can come from it.',
    '从 {client} 到 {server} 的 {count} 个 Binding 请求没有应答:服务器未运行、名称有误或 UDP 被阻断。无法由此得到 srflx 候选。',
  ],
  'ice.nothing-answered': [
    'None of {count} candidate pairs answered a single check ({requests} requests): both ways are blocked, or the checks go to addresses the peer can not be reached at. A relay is needed.',
    '{count} 个候选对没有应答任何检查({requests} 个请求):双向被阻断,或地址不可达。需要中继。',
  ],
  'ice.one-way': [
    'Checks from {from} to {to} are answered, those back are not ({requests} requests): a filter stands in one direction, or the answers do not reach the capture.',
    '从 {from} 到 {to} 的检查有应答,反向没有({requests} 个请求):某一方向被过滤,或应答未被抓到。',
  ],
  'ice.role-conflict': [
    '{count} checks were refused with 487, role conflict: both agents took the same role. {outcome}',
    '{count} 个检查被 487(角色冲突)拒绝:双方取了同一角色。{outcome}',
  ],
  'ice.check-refused': [
    'Checks from {from} to {to} were refused with {code}: {meaning}',
    '从 {from} 到 {to} 的检查被拒绝,错误 {code}:{meaning}',
  ],
  'ice.not-nominated': [
    'Checks were answered on {count} pairs, but none was nominated: the controlling agent never sent USE-CANDIDATE, or its request was not answered.',
    '有 {count} 个候选对的检查得到应答,但没有被提名:控制方没有发送 USE-CANDIDATE,或其请求没有应答。',
  ],
  'ice.consent-lost': [
    'The selected pair stopped answering: the last {count} checks on it, over {seconds} s, got none. Consent expires after 30 s (RFC 7675 §5.1).',
    '选定的候选对不再应答:最后 {count} 个检查({seconds} 秒)没有应答。同意在 30 秒后失效(RFC 7675 §5.1)。',
  ],
  'dtls.no-hello': [
    'ICE succeeded between {a} and {b}, but no DTLS ClientHello followed: both sides wait, so look at a=setup; or the application sends nothing.',
    '{a} 与 {b} 之间 ICE 成功,但没有 DTLS ClientHello:双方都在等待,请查看 a=setup;或应用没有发送数据。',
  ],
  'dtls.failed': [
    'ICE succeeded between {a} and {b}, but DTLS did not: {reason}',
    '{a} 与 {b} 之间 ICE 成功,但 DTLS 失败:{reason}',
  ],
  'turn.refused': [
    'The TURN server {server} refused {client}: {code}, {meaning}',
    'TURN 服务器 {server} 拒绝了 {client}:{code},{meaning}',
  ],
  'turn.silent': [
    'The TURN server {server} did not answer {client} ({count} Allocate requests): it is down, or {transport} to it is blocked.',
    'TURN 服务器 {server} 没有应答 {client}({count} 个 Allocate 请求):服务器未运行,或到它的 {transport} 被阻断。',
  ],
  'turn.tcp-only': [
    'Relayed addresses were allocated only over TCP, though UDP was tried: UDP to the TURN server is blocked here.',
    '只通过 TCP 分配到中继地址:到 TURN 服务器的 UDP 在此被阻断。',
  ],
  'turn.expired': [
    'The allocation {relayed} of {client} was granted for {lifetime} s and not refreshed: it ended before the capture does.',
    '{client} 的分配 {relayed} 有效期 {lifetime} 秒,没有刷新:在抓包结束前已失效。',
  ],
  'nat.symmetric': [
    'The NAT before {client} maps by destination: {mapped}. It is symmetric, so srflx candidates from it work only with lucky peers; have a relay.',
    '{client} 前的 NAT 按目的地址映射:{mapped}。它是对称型,srflx 候选很少可用;请准备中继。',
  ],
  'ice.gathering-error': [
    'Gathering from {url} failed with {code}: {meaning}',
    '从 {url} 收集候选失败,错误 {code}:{meaning}',
  ],
  'dump.no-pair': [
    'None of {count} candidate pairs of connection {connection} succeeded: {states}.',
    '连接 {connection} 的 {count} 个候选对都没有成功:{states}。',
  ],
  'dump.dtls': [
    'Connection {connection}: ICE is {ice}, but DTLS stayed {dtls}: check a=setup and the fingerprints of both descriptions.',
    '连接 {connection}:ICE 为 {ice},但 DTLS 停在 {dtls}:请检查双方描述中的 a=setup 与 fingerprint。',
  ],
  'capture.damaged': [
    'The capture is cut off or damaged at byte {offset}: what lies behind was not read.',
    '抓包文件在第 {offset} 字节处中断或损坏:其后内容未读取。',
  ],
  'capture.cut': [
    '{count} packets are cut by the snap length: messages in them can not be read whole. Capture with -s 0.',
    '{count} 个包被快照长度截断:其中的消息无法完整读取。请用 -s 0 抓包。',
  ],
} as const satisfies Record<string, Sentence>;

/** Stable code of a piece of advice. */
export type AdviceCode = keyof typeof sentences;

/** Short explanations that stand in for `{meaning}`, `{reason}` and the like, by their English text. */
const fragments: Record<string, string> = {
  local: '本端',
  remote: '对端',
  'The conflict was settled.': '冲突已解决。',
  'It went on: the tie-breakers do not decide it, or the answers are ignored.':
    '冲突持续:tie-breaker 没有起作用,或应答被忽略。',
  'the password does not match, so look whether a=ice-pwd belongs to this session.':
    '密码不匹配,请检查 a=ice-pwd 是否属于本会话。',
  'the request is malformed for the peer, or lacks integrity.': '对端认为请求格式错误,或缺少完整性校验。',
  'the peer does not know a required attribute.': '对端不认识某个必需属性。',
  'the peer refuses it.': '对端拒绝。',
  'the credentials are wrong or have run out.': '凭据错误或已过期。',
  'the server forbids it; a peer address in its own or a private network often is.':
    '服务器禁止;其自身或私网中的对端地址常被禁止。',
  'the user has as many allocations as the quota allows.': '该用户的分配数已达配额。',
  'the server has no room left.': '服务器容量不足。',
  'the transport asked for is not supported.': '不支持所请求的传输协议。',
  'the nonce is stale and the client did not try again.': 'nonce 已过期,客户端没有重试。',
  'the address family asked for is not supported.': '不支持所请求的地址族。',
  'the server does not allow it.': '服务器不允许。',
  'no ServerHello came back.': '没有收到 ServerHello。',
  'an alert ended the handshake; a fingerprint that does not match the certificate is the usual cause.':
    '握手被告警终止;通常是 fingerprint 与证书不匹配。',
  'the handshake did not come to its end.': '握手没有完成。',
  'nobody opens the connection': '没有人发起连接',
  'both open it': '双方都发起连接',
  'the server did not answer in time, its name was not found, or it could not be reached.':
    '服务器未及时应答、名称未找到或无法到达。',
  'the credentials were refused.': '凭据被拒绝。',
  'the server refused.': '服务器拒绝。',
};

/** A sentence with its parameters put in. */
export function sentence(
  code: AdviceCode,
  parameters: Readonly<Record<string, string | number>>,
  language: 'en' | 'zh' = 'en',
): string {
  const template: string = sentences[code][language === 'en' ? 0 : 1];
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(parameters[name] ?? '');
    return language === 'zh' ? (fragments[value] ?? value) : value;
  });
}
