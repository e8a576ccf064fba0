/** Advice in 简体中文, by code and with the parameters of the English sentence, which the engine has. */
import type { AdviceCode } from 'icelens';

export const sentences: Readonly<Record<AdviceCode, string>> = {
  'ice.no-candidates': '没有{side}的任何候选：无从检查。请发送它的候选，写在描述里或用 trickle 方式都可以。',
  'ice.only-mdns':
    '{side}只发送了 mDNS 主机候选，没有 srflx：STUN 服务器没有应答，或者没有配置。只有同一网络内的对端才能解析 {address}。',
  'ice.only-private':
    '{side}只发送了私网主机地址，没有 srflx 或 relay：其他网络的对端一个也到不了。请检查它的 STUN 服务器。',
  'ice.no-common-component':
    'offer 与 answer 没有共同的组件，无法组成候选对：一方为 {local}，另一方为 {remote}。一方以为有 a=rtcp-mux，另一方没有。',
  'ice.no-common-transport': '双方的候选没有共同的传输协议，无法组成候选对：一方为 {local}，另一方为 {remote}。',
  'ice.no-common-family':
    '一方只有 IPv4 候选，另一方只有 IPv6 候选，无法组成候选对。同时支持两个地址族的中继可以连接双方。',
  'ice.no-pair': '{local} 个候选与 {remote} 个候选无法组成任何候选对。',
  'ice.relay-tcp-only': '{side}只能通过 TCP 或 TLS 到达 TURN 服务器：到该服务器的 UDP 似乎被阻断，媒体会因重传而等待。',
  'ice.symmetric-no-relay':
    '{side}同一基址的 srflx 候选端口各不相同（{ports}）：它的 NAT 按目的地映射（对称型），又没有 relay 候选。它只能连接有公网地址的对端，或至多位于地址受限型 NAT 之后的对端。',
  'ice.ufrag-mismatch':
    '候选中的用户名片段 {fragment} 不在这里的任何描述中（{known}）：它属于别的会话或重启之前的会话，会被忽略。',
  'ice.same-credentials': '两份描述的用户名片段都是 {fragment}：代理收到的是自己的描述，因此检查会失败。',
  'ice.half-restart':
    '{side}后来的描述只改了 a=ice-ufrag 与 a=ice-pwd 中的一个。重启时两者都要改（RFC 8839 §4.4.1.1.1）。',
  'ice.end-missing': '{side}以 trickle 方式发送了候选，却没有候选结束标记：对端不知道何时可以放弃。',
  'ice.candidate-after-end': '{side}的候选出现在它的候选结束标记之后：对端可能忽略它（RFC 8838 §14）。',
  'ice.same-machine': '双方都有地址 {address}：是同一台机器，中间没有 NAT。这说明不了其他网络的情况。',
  'ice.both-lite': '双方都是 ICE lite：谁也不发送检查，只有默认地址起作用（RFC 8445 §6.1.1）。',
  'dtls.answer-actpass':
    'answer 写的是 a=setup:actpass。answer 必须选择 active 或 passive（RFC 5763 §5）；浏览器会拒绝它。',
  'dtls.same-setup': '双方都写了 a=setup:{setup}：{effect}，DTLS 无法正常开始。',
  'sdp.no-answer': '这里有 offer，没有对应的 answer。',
  'sip.private-address':
    '{message} 消息中的描述把媒体引向私网地址 {address}，又没有提供 ICE 候选：位于其他 NAT 之后的对端到不了。',
  'stun.server-silent':
    '从 {client} 发往 {server} 的 {count} 个 Binding 请求都没有应答：服务器没有运行、名称有误，或者到它的 UDP 被阻断。从它得不到 srflx 候选。',
  'ice.nothing-answered':
    '{count} 个候选对没有应答任何一次检查（共 {requests} 个请求）：两个方向都被阻断，或者检查发往了到不了对端的地址。需要中继。',
  'ice.one-way':
    '从 {from} 到 {to} 的检查有应答，反方向没有（{requests} 个请求）：某一方向上有过滤，或者应答没有进入这份抓包。',
  'ice.role-conflict': '{count} 次检查被 487（角色冲突）拒绝：双方取了同一角色。{outcome}',
  'ice.check-refused': '从 {from} 到 {to} 的检查被拒绝，错误码 {code}：{meaning}',
  'ice.not-nominated':
    '有 {count} 个候选对的检查得到应答，却没有一个被提名：控制方没有发送 USE-CANDIDATE，或者带它的请求没有应答。',
  'ice.consent-lost':
    '选用的候选对不再应答：在 {seconds} 秒内，它最后的 {count} 次检查都没有应答。30 秒后许可失效（RFC 7675 §5.1）。',
  'dtls.no-hello':
    '{a} 与 {b} 之间 ICE 已成功，却没有随之出现 DTLS 的 ClientHello：双方都在等待，请查看 a=setup；或者应用没有发送任何内容。',
  'dtls.failed': '{a} 与 {b} 之间 ICE 已成功，DTLS 却没有：{reason}',
  'turn.refused': 'TURN 服务器 {server} 拒绝了 {client}，错误码 {code}：{meaning}',
  'turn.silent':
    'TURN 服务器 {server} 没有应答 {client}（{count} 个 Allocate 请求）：服务器没有运行，或者到它的 {transport} 被阻断。',
  'turn.tcp-only': '试过 UDP，但只通过 TCP 得到了中继地址：到 TURN 服务器的 UDP 在这里被阻断。',
  'turn.expired': '{client} 的分配 {relayed} 有效期为 {lifetime} 秒，没有刷新：在抓包结束之前就已失效。',
  'nat.symmetric':
    '{client} 前面的 NAT 按目的地映射：{mapped}。它是对称型，由此得到的 srflx 候选只对少数对端可用；请准备中继。',
  'icmp.unreachable': '{by} 用 ICMP“目的地不可达”回复了从 {from} 发往 {to} 的请求（共 {count} 个）：{meaning}',
  'ice.gathering-error': '从 {url} 收集候选失败，错误码 {code}：{meaning}',
  'dump.no-pair': '连接 {connection} 的 {count} 个候选对都没有成功：{states}。',
  'dump.dtls': '连接 {connection}：ICE 为 {ice}，DTLS 却停在 {dtls}：请检查双方描述中的 a=setup 和指纹。',
  'capture.damaged': '抓包文件在第 {offset} 字节处中断或损坏：其后的内容没有读取。',
  'capture.cut': '{count} 个包被快照长度截断：其中的消息无法完整读取。抓包时请加 -s 0。',
};

/** Words that stand for a parameter, by the engine's key. */
export const phrases: Readonly<Record<string, string>> = {
  'side.local': '本端',
  'side.remote': '对端',
  'conflict.settled': '冲突已解决。',
  'conflict.goes-on': '冲突仍在继续：tie-breaker 没能分出高下，或者应答被忽略。',
  'check.400': '在对端看来请求格式有误，或缺少完整性校验。',
  'check.401': '密码不匹配，请查看 a=ice-pwd 是否属于本会话。',
  'check.420': '对端不认识某个必须理解的属性。',
  'check.other': '对端拒绝了它。',
  'turn.401': '凭据有误或已过期。',
  'turn.403': '服务器禁止；对端地址位于服务器自身或私网中时常会如此。',
  'turn.438': 'nonce 已过期，客户端没有重试。',
  'turn.440': '不支持所请求的地址族。',
  'turn.442': '不支持所请求的传输协议。',
  'turn.486': '该用户的分配数已达到配额。',
  'turn.508': '服务器已没有余量。',
  'turn.other': '服务器不允许。',
  'dtls.alert': '握手被一条告警终止；通常是指纹与证书不匹配。',
  'dtls.no-server-hello': '没有收到 ServerHello。',
  'dtls.unfinished': '握手没有完成。',
  'setup.active': '双方都发起连接',
  'setup.passive': '谁也不发起连接',
  'icmp.port': '没有程序在监听该端口。代理已退出，或者端口有误。',
  'icmp.prohibited': '被过滤规则禁止。请在该处放行，或使用中继。',
  'icmp.host': '该网络中没有这台主机，或者它已关机。',
  'icmp.network': '没有通向那里的路由，因此需要中继。',
  'icmp.other': '网络没有投递它。',
  'gathering.401': '凭据被拒绝。',
  'gathering.701': '服务器没有及时应答、找不到它的名称，或者无法到达。',
  'gathering.other': '服务器拒绝了请求。',
};
