import type { Key, Values } from '../../i18n/index.svelte';
import type { CandidateRow } from './candidates';
import { type End, isHidden } from './pairs';

/** Why something is as it is, computed from what was seen; or that it can't be seen. */
export interface Reason {
  key: Key;
  values?: Values;
  /** As `RFC 8445 §6.1.2.2`. */
  rfc?: string;
}

/** 4 or 6; null where the address is hidden or a name. */
export function family(address: string): 4 | 6 | null {
  if (isHidden(address) || address.endsWith('.local')) return null;
  if (address.includes(':')) return 6;
  return /^\d+\.\d+\.\d+\.\d+$/.test(address) ? 4 : null;
}

const isLinkLocal = (address: string) => /^fe[89ab][0-9a-f]:/i.test(address);
const FORMING = 'RFC 8445 §6.1.2.2';

/** Why these two are not a pair (RFC 8445 §6.1.2.2), as far as it can be seen. */
export function noPair(local: End, remote: End): Reason {
  if (local.protocol !== '' && remote.protocol !== '' && local.protocol !== remote.protocol) {
    return { key: 'live.nopair.protocol', values: { a: local.protocol, b: remote.protocol }, rfc: FORMING };
  }
  const families = [family(local.address), family(remote.address)];
  if (families.includes(null)) return { key: 'live.nopair.hidden' };
  if (families[0] !== families[1]) return { key: 'live.nopair.family', rfc: FORMING };
  if (isLinkLocal(local.address) !== isLinkLocal(remote.address)) return { key: 'live.nopair.linkLocal', rfc: FORMING };
  return { key: 'live.nopair.unlisted' };
}

const MEETS: Record<string, string> = { active: 'passive', passive: 'active', so: 'so' };

/** Why a local candidate is in no pair with any of the remote ones. */
export function unpaired(local: CandidateRow, remotes: readonly CandidateRow[]): Reason {
  const speaking = remotes.filter((r) => r.protocol === local.protocol);
  if (speaking.length === 0) {
    return { key: 'live.unpaired.protocol', values: { protocol: local.protocol }, rfc: FORMING };
  }
  const meets = MEETS[local.tcpType ?? ''];
  if (meets !== undefined && speaking.every((r) => r.tcpType !== null && r.tcpType !== meets)) {
    return { key: 'live.unpaired.tcp', values: { type: local.tcpType ?? '', meets }, rfc: 'RFC 6544 §6.2' };
  }
  const own = family(local.address);
  if (own !== null && speaking.every((r) => family(r.address) !== null && family(r.address) !== own)) {
    return { key: 'live.unpaired.family', values: { n: own }, rfc: FORMING };
  }
  return { key: 'live.unpaired.unlisted' };
}

/** Base that a server-reflexive candidate is sent from. */
export type Base =
  | { kind: 'end'; end: End }
  /** The related address is signalled, yet no pair leaves from there. */
  | { kind: 'absent'; address: string; port: number }
  /** The browser hides it, or more than one could be it. */
  | { kind: 'hidden' };

/** The base of a reflexive candidate: the local end whose port, family and address are those of its related address. */
export function baseOf(candidate: CandidateRow, locals: readonly End[]): Base {
  const { relatedAddress: address, relatedPort: port } = candidate;
  if (address === null || port === null || port === 0) return { kind: 'hidden' };
  const blank = address === '0.0.0.0' || address === '::';
  const fits = locals.filter((l) => {
    if (l.type === 'relay' || l.protocol !== candidate.protocol || l.port !== port) return false;
    const own = family(l.address);
    return own === null || (own === family(candidate.address) && (blank || l.address === address));
  });
  const [end] = fits;
  if (end && fits.length === 1) return { kind: 'end', end };
  return end || blank ? { kind: 'hidden' } : { kind: 'absent', address, port };
}
