/** Advice in 简体中文, by code and with the parameters of the English sentence, which the engine has. */
import type { AdviceCode } from 'icelens';

export const sentences: Readonly<Record<AdviceCode, string>> = {
  'ice.no-candidates': '没有{side}的任何候选：无从检查。请发送它的候选，写在描述里或用 trickle 方式都可以。',
  'ice.candidates-elsewhere':
    '{side}使用 trickle，而这段文本里没有它的任何候选。如果也没有通过别的途径发送，就无从检查：请看信令是否送达了候选。',
  'ice.candidates-one-side':
    '没有{side}的任何候选：对方无法检查它，只能从它发来的检查得知其地址（对端反射）。请发送它的候选，写在描述里或用 trickle 方式都可以。',
  'ice.only-mdns':
    '{side}只发送了 mDNS 主机候选，没有 srflx：STUN 服务器没有应答，或者没有配置。只有同一网络内的对端才能解析 {address}。',
  'ice.only-private':
    '{side}只发送了私网主机地址，没有 srflx 或 relay：其他网络中的对端都无法到达。请检查它的 STUN 服务器。',
  'ice.relay-address':
    '{side}的 relay 候选 {address} 是{scope}：其他网络中的对端无法到达。请把公网地址告诉 TURN 服务器（coturn 为 external-ip），并让防火墙放行中继端口。',
  'ice.srflx-address':
    '{side}的 srflx 候选 {address} 是{scope}：它的 STUN 服务器在同一网络之内（Docker 网桥、VPN 或运营商），看不到公网地址。请改用外部的服务器。',
  'ice.unspecified-address': '{side}的候选 {address} 是未指定地址：任何对端都无法向它发送。',
  'ice.server-private':
    '{side}是服务器（ICE lite），却只公布了私网地址（{addresses}）：其他网络中的对端无法到达。请设置它公布的地址：mediasoup 为 announcedAddress，LiveKit 为 use_external_ip 或 node_ip，Jitsi 为 JVB_ADVERTISE_IPS，Janus 为 nat_1_1_mapping，MediaMTX 为 webrtcAdditionalHosts，FreeSWITCH 为 ext-rtp-ip，pion 为地址改写规则。',
  'ice.one-private-host':
    '{side}唯一的候选地址是私网地址 {address}。如果它是服务器（mediasoup、LiveKit、Janus、FreeSWITCH、aiortc、pion），请设置它公布的地址；如果它是客户端，请给它 STUN 或 TURN 服务器。',
  'ice.interface-only':
    '{side}的主机地址全部属于虚拟或专用网卡（{kinds}：{addresses}）：缺少真实网络的地址，其他网络中的对端无法到达。',
  'dump.interface': '连接 {connection} 走的是 {address}，这类地址通常属于{kind}：媒体绕了那条路。',
  'dump.relay-though-direct':
    '连接 {connection} 走中继，虽然有一个直连候选对得到了应答（{local} 到 {remote}，{responses} 次）。',
  'dump.selected':
    '连接 {connection} 使用 {local} 到 {remote}：{count} 个候选对中有 {succeeded} 个成功，它的优先级排第 {rank}。',
  'dump.pair-died':
    '连接 {connection} 中曾被选用的候选对 {local} 到 {remote} 停止了应答：{requests} 次请求，{responses} 次应答。之后换成了另一个候选对。',
  'dump.call-failed': '连接 {connection}：{call} 失败（{count} 次）：“{said}”',
  'dump.candidate-early':
    '连接 {connection}：有 {count} 个候选在 setRemoteDescription 之前就交给了 addIceCandidate，被拒绝。请把候选留到描述设置之后。',
  'dump.glare': '连接 {connection}：自己的 offer 还没有得到应答，对端的 offer 就来了（{count} 次，glare）。{outcome}',
  'dump.gathering-time': '连接 {connection}：收集用了 {time} 毫秒{listed}。',
  'log.unknown-user':
    '{log}：服务器没有用户 {user}（拒绝 {count} 次）。请检查给客户端的用户名、realm，以及服务器的数据库或 user= 行。',
  'log.timed-user':
    '{log}：限时用户名 {user} 被拒绝（{count} 次）。它的有效期到 {until}：之后是过期；之前则是共享密钥（static-auth-secret）或 realm 不同，或没有打开 use-auth-secret。',
  'log.wrong-password': '{log}：{user} 的密码不对（拒绝 {count} 次），或计算时用的 realm 不同。',
  'log.unauthorized':
    '{log}：TURN 服务器对{user}的 {count} 次请求都回 401，带凭据的也一样，没有给出分配：用户名、密码或 realm 有误，或用户名已过期。',
  'log.turn-refused': '{log}：STUN 或 TURN 服务器以 {code} 拒绝（{count} 次）：{meaning}',
  'log.peer-denied':
    '{log}：TURN 服务器不向 {peers} 中继（拒绝 {count} 次）：私网、回环和链路本地的对端默认被拒绝，除非写在 allowed-peer-ip 中。只有在别的对端地址都不通时才要紧。',
  'log.no-ports': '{log}：没有空闲的中继端口：请扩大 min-port 到 max-port，或减少分配，并检查打开文件数的上限。',
  'log.unused-allocation':
    '{log}：{count} 个分配在没有任何对端许可的情况下关闭（{reason}）：客户端没有收到对端的候选，或用了别的路径。',
  'log.server-silent':
    '{log}：STUN 或 TURN 服务器没有应答（{server}，{count} 次）：它没有运行，名称或端口有误，或网络路径被阻断。它给不出 srflx 或 relay 候选。',
  'log.name-not-found': '{log}：找不到名称 {name}：请检查拼写和 DNS。',
  'log.mdns':
    '{log}：无法解析 mDNS 名称 {name}：它只在自己的网络内有效，并且需要组播。有 srflx 或 relay 候选时并不需要它。',
  'log.check-refused': '{log}：有 {count} 次检查被拒绝：{meaning}',
  'log.one-way':
    '{log}：收到对端的 {count} 次检查，而本端的检查没有一次得到应答：本端得知的对端密码不对，对端静默丢弃检查；或者去往对端的路径被阻断。',
  'log.announced':
    '{log}：它从 {address} 中继或公布该地址，这是{scope}：其他网络中的对端无法到达。若没有设置公网地址，请设置：coturn 的 external-ip、mediasoup 的 announcedAddress、LiveKit 的 use_external_ip、Janus 的 nat_1_1_mapping、Jitsi 的 NAT_HARVESTER_PUBLIC_ADDRESS 或 JVB_ADVERTISE_IPS。',
  'log.no-pairs':
    '{log}：没有可检查的候选对：没有收到对端的候选，或没有一个与自己的相配。请检查信令是否送达，以及是否在描述之后。',
  'log.no-pair': '{log}：{count} 个候选对中没有一个成功（{states}）：双向都被阻断，或地址无法到达。需要中继。',
  'log.nat-varies': '{log}：映射随目的地变化：NAT 是对称型，它的 srflx 候选只对少数对端有用；请准备中继。',
  'log.nat-told': '{log} 测得：{said}。映射不随目的地变化时，srflx 候选对多数对端有用。',
  'log.udp-blocked': '{log}：没有任何 UDP 返回：这里阻断了 UDP。只有经 TCP 或 TLS 的中继可用。',
  'log.candidate-early':
    '{log}：有 {count} 个候选在 setRemoteDescription 之前就交给了 addIceCandidate，被拒绝。请把候选留到描述设置之后。',
  'log.wrong-state':
    '{log}：在信令状态 {state} 下设置 {type} 被拒绝（{count} 次）：它来了两次，或双方同时发出了 offer（glare）。采用 perfect negotiation 即可避免。',
  'log.proxy-silent':
    '{log}：rtpengine 在 {server} 没有应答（{count} 个命令）：它没有运行，或它监听命令的地址（listen-ng）与被询问的地址不同。',
  'log.proxy-refused': '{log}：rtpengine 拒绝了 {count} 个命令（“{said}”），所以描述没有经过它就发出，或根本没有发出。',
  'log.consent-lost': '{log}：连接停止了应答：consent 已过期（RFC 7675）。网络变了，对端已离开，或 NAT 映射过期。',
  'log.dtls-failed': '{log}：DTLS 失败{reason}。请检查双方描述中的 a=setup 与 a=fingerprint。',
  'log.failed': '{log}：ICE 失败{reason}。没有一对地址双向可通，或没有收到候选：请确认双方都有 srflx 与 relay 候选。',
  'log.failed-later': '{log}：连接曾经可用，后来失败：路径丢失，重启也没有恢复。',
  'servers.scheme': '{url} 不是 STUN 或 TURN 服务器的 URL：它以 stun:、stuns:、turn: 或 turns: 开头，没有斜杠。',
  'servers.space': '{url} 中有空格或看不见的字符（{where}）：浏览器会拒绝。请重新输入。',
  'servers.host': '{url} 没有主机名。',
  'servers.port': '{url} 的端口 {port} 不是端口。',
  'servers.port-refused':
    '{url}：libwebrtc 不连接 1024 以下的 TURN 端口，53、80、443 除外。请换成其中之一或更高的端口。',
  'servers.query':
    '{url}：浏览器因它的查询部分而拒绝：stun: URL 不能带，turn: URL 只能带 ?transport=udp 或 ?transport=tcp。',
  'servers.no-credentials': '{url} 没有 username 和 credential：浏览器拒绝没有它们的 TURN 服务器配置。',
  'servers.url-member': '成员名是 urls，不是 url：现在的浏览器会忽略 url 或拒绝配置。',
  'servers.many': '{count} 个 STUN 和 TURN 服务器：每一个都要花收集时间。两三个就够了；Firefox 从五个起警告。',
  'servers.expired': '{user} 的凭据已于 {until} 过期。',
  'servers.expires': '{user} 的凭据有效到 {until}。',
  'servers.loopback': '{url} 是本机地址：其他机器在那里找不到服务器。',
  'servers.private': '{url} 是私有网络的地址：网络之外的机器在那里找不到服务器。',
  'log.nothing':
    '没有找到任何已知内容。已尝试描述、候选、STUN 字节、抓包、转储，以及这些程序的日志：{readers}。更多的行、写出候选和候选对的级别（debug），或 webrtc-internals 转储会有帮助。',
  'ice.no-common-component':
    'offer 与 answer 没有共同的组件，无法组成候选对：一方为 {local}，另一方为 {remote}。一方以为有 a=rtcp-mux，另一方没有。',
  'ice.no-common-transport': '双方的候选没有共同的传输协议，无法组成候选对：一方为 {local}，另一方为 {remote}。',
  'ice.no-common-family':
    '一方只有 IPv4 候选，另一方只有 IPv6 候选，无法组成候选对。同时支持两个地址族的中继可以连接双方。',
  'ice.no-pair': '{local} 个候选与 {remote} 个候选无法组成任何候选对。',
  'ice.relay-tcp-only': '{side}只能通过 TCP 或 TLS 到达 TURN 服务器：到该服务器的 UDP 似乎被阻断，媒体会因重传而等待。',
  'ice.symmetric-no-relay':
    '{side}同一基地址的 srflx 候选端口各不相同（{ports}）：它的 NAT 按目的地映射（对称型），又没有 relay 候选。它只能连接有公网地址的对端，或至多位于地址受限型 NAT 之后的对端。',
  'ice.ufrag-mismatch':
    '候选中的用户名片段 {fragment} 不在这里的任何描述中（{known}）：它属于别的会话或重启之前的会话，会被忽略。',
  'ice.same-credentials': '两份描述的用户名片段都是 {fragment}：ICE 代理收到的是自己的描述，因此检查会失败。',
  'ice.restart-one-side':
    '{side}的凭据从 {before} 变成了 {after}，而对端仍用 {known}：另一个对端作了应答，或页面重新加载过，或只有一方重启了 ICE（RFC 8445 §9）。用旧凭据的检查得不到应答。',
  'ice.half-restart':
    '{side}后来的描述只改了 a=ice-ufrag 与 a=ice-pwd 中的一个。重启时两者都要改（RFC 8839 §4.4.1.1.1）。',
  'ice.end-missing':
    '{side}的候选在描述之外发送（trickle），这里却没有候选结束标记：没有它，另一方不知道何时可以放弃。',
  'ice.candidate-after-end': '{side}的候选出现在它的候选结束标记之后：对端可能忽略它（RFC 8838 §14）。',
  'ice.same-machine': '双方都有地址 {address}：是同一台机器，中间没有 NAT。这说明不了其他网络的情况。',
  'ice.both-lite': '双方都是 ICE lite：谁也不发送检查，只有默认地址起作用（RFC 8445 §6.1.1）。',
  'dtls.answer-actpass':
    'answer 写的是 a=setup:actpass。answer 必须选择 active 或 passive（RFC 5763 §5）；浏览器会拒绝它。',
  'dtls.same-setup': '双方都写了 a=setup:{setup}：{effect}，DTLS 无法正常开始。',
  'sdp.wrapped': '描述中有 {count} 行在途中（邮件或表单）被折断，这里按原样接回来读取。浏览器会拒绝折断后的文本。',
  'sdp.no-answer': '这里有 offer，没有对应的 answer。',
  'sip.private-address':
    '{message} 消息中的描述把媒体引向私网地址 {address}，又没有提供 ICE 候选：位于其他 NAT 之后的对端无法到达。',
  'stun.server-silent':
    '从 {client} 发往 {server} 的 {count} 个 Binding 请求都没有应答：服务器没有运行、名称有误，或者到它的 UDP 被阻断。从它得不到 srflx 候选。',
  'ice.nothing-answered':
    '{count} 个候选对没有应答任何一次检查（共 {requests} 个请求）：两个方向都被阻断，或者检查发往了无法到达对端的地址。需要中继。',
  'ice.one-way':
    '从 {from} 到 {to} 的检查有应答，反方向没有（{requests} 个请求）：某一方向上有过滤，或者应答没有进入这份抓包。',
  'ice.role-conflict': '{count} 次检查被 487（角色冲突）拒绝：双方取了同一角色。{outcome}',
  'ice.check-refused': '从 {from} 到 {to} 的检查被拒绝，错误码 {code}：{meaning}',
  'ice.not-nominated':
    '有 {count} 个候选对的检查得到应答，却没有一个被提名：控制方没有发送 USE-CANDIDATE，或者带它的请求没有应答。',
  'ice.consent-lost':
    '选用的候选对不再应答：在 {seconds} 秒内，它最后的 {count} 次检查都没有应答。30 秒后 consent 失效（RFC 7675 §5.1）。',
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
  'stun.unaligned':
    '{count} 个事务的消息没有把值补齐到四字节，微软等的方言就是这样：RFC 8489 §14 要求补齐。这些消息仍然读取了。',
  'stun.malformed':
    '{count} 个事务的消息中有属性或长度超出了末尾：只读取了它之前的部分。遵守 RFC 8489 的接收方会丢弃它们。',
  'stun.foreign-answer': '{count} 个请求得到了事务 ID 相同、类型却不是 STUN 响应的应答：某厂商的方言。',
  'stun.answered-elsewhere':
    '{count} 个请求的应答来自别的地址：抓包点与服务器之间有 NAT，或服务器有多个地址。ICE 代理不接受这样的应答（RFC 8445 §7.2.5.2.1）。',
  'input.gzip-cut': 'gzip 文件中断或损坏：其后的内容没有读取。',
  'input.unpacked': 'gzip 文件解压后超过 {limit} MiB 且超过其大小的一百倍：其后的内容没有读取。要完整读取，请先解压。',
  'dump.cut': '转储在第 {offset} 个字符处中断：其后发生的事不在其中。请重新保存。',
  'capture.damaged': '抓包文件在第 {offset} 字节处中断或损坏：其后的内容没有读取。',
  'capture.cut': '{count} 个包被快照长度截断：其中的消息无法完整读取。抓包时请加 -s 0。',
};

/** Words that stand for a parameter, by the engine's key. */
export const phrases: Readonly<Record<string, string>> = {
  'side.local': '本端',
  'side.remote': '对端',
  'side.offerer': '发出 offer 的一方',
  'side.unknown': '未知的一方',
  'scope.unspecified': '未指定地址',
  'scope.loopback': '回环地址',
  'scope.link-local': '链路本地地址',
  'scope.private': '私网地址',
  'scope.cgn': '运营商级 NAT 或 VPN 的地址',
  'scope.ula': '唯一本地地址',
  'scope.teredo': 'Teredo 地址',
  'interface.docker': 'Docker 网桥',
  'interface.libvirt': 'libvirt 网桥',
  'interface.vpn': 'VPN 或运营商级 NAT',
  'interface.link-local': '链路本地',
  'interface.teredo': 'Teredo 隧道',
  'turn.400': '请求对它来说格式不对；某个属性或信道号它不接受。pion 的服务器对错误的密码也这样回答。',
  'turn.420': '它不认识某个必须理解的属性。',
  'turn.437': '没有这个分配，或这个五元组上已经有一个：先前的没有删除，或事务丢失；换一个本地端口可以解决。',
  'turn.441': '凭据不是建立分配时的那一份：中途变了。',
  'turn.443': '对端地址与中继地址的地址族（IPv4、IPv6）不同。',
  'unnamed.user': '日志未写明的用户',
  'unnamed.client': '同一客户端',
  'unnamed.peer': '日志未写明的对端',
  'unnamed.server': '地址未写在日志中',
  'unnamed.name': '（日志中未写明）',
  'glare.refused': '它被拒绝：必须有一方让步，如 perfect negotiation 中的礼让方与非礼让方。',
  'glare.settled': '其中一方让步了。',
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
  'icmp.port': '没有程序在监听该端口。ICE 代理已退出，或者端口有误。',
  'icmp.prohibited': '被过滤规则禁止。请在该处放行，或使用中继。',
  'icmp.host': '该网络中没有这台主机，或者它已关机。',
  'icmp.network': '没有通向那里的路由，因此需要中继。',
  'icmp.other': '网络没有投递它。',
  'gathering.401': '凭据被拒绝。',
  'gathering.701': '服务器没有及时应答、找不到它的名称，或者无法到达。',
  'gathering.other': '服务器拒绝了请求。',
};
