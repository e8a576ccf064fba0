import type { Axis, ClassicNat, Mapping, NatPath, NatReport } from 'icelens';
import { ENGINE } from '../../i18n/engine';
import { type Key, t, translated } from '../../i18n/index.svelte';

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

/** The engine's sentence in the chosen language; English where there is no translation. */
export function engineSentence(code: string, english: string): string {
  return translated(`${ENGINE}${code}`) ?? english;
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
