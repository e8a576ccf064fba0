import type { Axis, ClassicNat, Mapping, NatPath, NatReport } from 'icelens';
import { settings } from '../../app/settings.svelte';
import { type Key, t } from '../../i18n/index.svelte';

/** One mapping seen: which server saw which address of one socket. */
export interface Seen {
  base: string;
  destination: string;
  mapped: string;
}

const CLASSIC: Record<ClassicNat, Key> = {
  open: 'nat.open',
  'full cone': 'nat.full',
  'restricted cone': 'nat.restricted',
  'port restricted cone': 'nat.port_restricted',
  symmetric: 'nat.symmetric',
  'symmetric firewall': 'nat.symmetric_firewall',
  blocked: 'nat.blocked',
  cone: 'nat.cone',
  unknown: 'nat.unknown',
};

export function classicName(classic: ClassicNat): string {
  return t(CLASSIC[classic] ?? 'nat.unknown');
}

const BEHAVIOUR: Record<string, Key> = {
  'endpoint-independent': 'axis.value.ei',
  'address-dependent': 'axis.value.ad',
  'address-and-port-dependent': 'axis.value.apd',
  unknown: 'axis.value.unknown',
  ambiguous: 'axis.value.ambiguous',
  inconsistent: 'axis.value.inconsistent',
  'not-applicable': 'axis.value.none',
  preserved: 'axis.ports.preserved',
  'mostly-preserved': 'axis.ports.mostly',
  sequential: 'axis.ports.sequential',
  block: 'axis.ports.block',
  random: 'axis.ports.random',
  true: 'axis.yes',
  false: 'axis.no',
};

/** The value of an axis in words. */
export function axisValue(axis: Axis<Mapping | boolean | string>): string {
  const value = String(axis.value);
  if (value === 'ambiguous' && axis.left) return axis.left.map((v) => word(String(v))).join(t('axis.or'));
  return word(value);
}

function word(value: string): string {
  const key = BEHAVIOUR[value];
  return key ? t(key) : value;
}

export function isKnown(axis: Axis<unknown>): boolean {
  return axis.value !== 'unknown' && axis.value !== 'ambiguous' && axis.value !== 'inconsistent';
}

/** The engine's sentences, which are English, in Chinese by their stable codes. */
const WHY_ZH: Record<string, string> = {
  untested: '未测试。',
  'no-answer': '没有请求得到带地址的应答。',
  'one-destination': '只有一台服务器应答；要看映射是否随目的地变化，至少需要两台。',
  'never-together':
    '几个目的地都有应答，但同时发出的请求从未有两个得到应答：有丢包，或 NAT 的映射很少，或测试期间发生了变化。',
  'maybe-rewritten': '应答只在可能被途中改写的 MAPPED-ADDRESS 中给出本地地址：无法判断是否有转换。',
  'several-exits': '同一本地地址从多个公网地址出去，无法比较。',
  'maybe-one-server': '这些服务器只知道名称，可能是同一台：请填地址，或两家运营方的服务器。',
  'same-everywhere': '不同地址上的目的地看到同一个映射。',
  'differs-by-address': '同一地址上的目的地看到同一个映射，另一地址看到另一个。',
  'differs-by-exit': '同一个套接字以几个外部地址出现：映射并非对每个目的地都相同，或者有几个出口。',
  'differs-by-port': '同一地址的两个端口看到的映射也不同。',
  'one-address-asked': '看到的映射相同，但服务器可能都在同一地址：请再问另一地址上的服务器。',
  differs: '不同服务器看到不同的映射。端口是否也有影响，需要其中一个地址上的第二个端口。',
  contradiction: '这些应答不符合任何一种映射：NAT 行为不一致，或映射中途被替换。',
  untranslated: '服务器看到的就是本地地址：没有转换。',
  'some-destinations-translated': '部分服务器看到本地地址，其余看到别的：流量走了不同的出口，例如分流 VPN。',
  'some-sockets-translated': '部分套接字被转换，部分没有。',
  'mapping-replaced': '测试期间映射被替换，应答无法比较。',
  'sockets-disagree': '几个套接字的结果互相矛盾。',
  'stranger-passed': '从未联系过的地址发来的包进来了。',
  'stranger-dropped': '从未联系过的地址发来的包没有进来。',
  'other-port-passed': '已联系地址的另一个端口发来的包进来了。',
  'other-port-dropped': '已联系地址的另一个端口发来的包没有进来。',
  'filter-contradiction': '关于过滤的几项证据互相矛盾。',
  'server-unnamed': '没有包进来，但服务器只知道名称，其地址是否已联系过无从得知。',
  'alternate-unreachable': '没有包进来，但对方的另一地址未证实可达，无法判断原因。',
  'not-alive-after': '静默测试之后没有应答，路径可能中途失效。',
  'already-contacted': '该地址此前已联系过，此测试说明不了什么。',
  'too-lossy': '丢包足以解释这次静默。',
  'test-refused': '服务器拒绝了此项测试。',
  'no-mapping': '没有看到本地端口已知的映射。',
  preserved: '外部端口与本地端口相同。',
  'mostly-preserved': '外部端口大多与本地端口相同，其余已被占用。',
  'few-mappings': '外部端口与本地端口不同；如何选取需要四个套接字才能看出。',
  sequential: '每个新映射的端口按固定步长递增。',
  block: '外部端口落在一段范围内，没有固定步长。',
  random: '外部端口没有规律。',
  hairpin: '发往自身映射地址的包回来了。',
  'no-hairpin': '发往自身映射地址的包没有回来。',
  'base-hidden': '本地地址被隐藏，因此无 NAT 与保留端口的完全锥型看起来一样。',
  'carrier-nat-or-overlay': '本地地址属于 100.64.0.0/10：运营商级 NAT，或 Tailscale 之类的叠加网络。',
  'mapped-not-public': '服务器看到的不是公网地址：服务器自身在 NAT 之后，或在同一私网。',
  'server-silent': '有服务器没有应答。',
  'multi-homed': '测试了多个本地地址，各有各的出口和结论。',
  vpn: '本地地址很可能属于 VPN：结论针对经过它的路径。',
  'ipv6-transition': 'IPv4 经由 IPv6 承载（DS-Lite 或 464XLAT），位于运营商 NAT 之后。',
  'no-classic-name': '经典名称不包含与目的地有关的映射加上这种过滤；“对称型”只说对了一半。',
};

/** The engine's sentence in the chosen language; English where there is no translation. */
export function engineSentence(code: string, english: string): string {
  return settings.language === 'zh' ? (WHY_ZH[code] ?? english) : english;
}

/**
 * The servers that saw the path's sockets, and the addresses they saw: each server once. A server whose candidate the browser dropped as equal to another
 * is put with the only address there is; where there are several, which one it saw is not known.
 */
export function seenBy(report: NatReport, path: NatPath): Seen[] {
  const asked = path.mapping.evidence
    .map((index) => report.observations[index])
    .filter((o) => o !== undefined && o.mapped !== null && (o.test ?? 'binding') === 'binding');
  const mapped = new Set(asked.flatMap((o) => (typeof o?.mapped === 'string' ? [o.mapped] : [])));
  const only = mapped.size === 1 ? [...mapped][0] : undefined;
  const out: Seen[] = [];
  for (const o of asked) {
    const address = o?.mapped ?? only;
    if (!o || address === undefined || out.some((s) => s.destination === o.destination)) continue;
    out.push({ base: o.base, destination: o.destination, mapped: address });
  }
  return out;
}

/** Addresses that the servers saw of one socket, counted; null when there are none. */
export function mappingSentence(report: NatReport, path: NatPath): string | null {
  const seen = seenBy(report, path);
  const servers = seen.length;
  if (servers < 2) return null;
  const mappings = new Set(seen.map((s) => s.mapped)).size;
  if (path.mapping.value === 'not-applicable') return t('nat.why.open', { n: servers });
  return mappings <= 1 ? t('nat.why.same', { n: servers }) : t('nat.why.differ', { n: servers, m: mappings });
}
