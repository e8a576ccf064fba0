import type { PairRecord } from './pairs';

/** A candidate as this page shows it. */
export interface CandidateRow {
  /** Unique in its list. */
  id: string;
  type: string;
  protocol: string;
  /** As signalled; a `.local` name when the browser hides the address, '' when it tells nothing. */
  address: string;
  port: number;
  priority: number;
  foundation: string;
  component: number;
  tcpType: string | null;
  relatedAddress: string | null;
  relatedPort: number | null;
  /** The server it came from, when the browser says. */
  url: string | null;
  /** How the browser reaches the TURN server: udp, tcp or tls. */
  relayProtocol: string | null;
  /** Ufrag of its generation (RFC 8839 §5.4); '' when the browser tells none. */
  ufrag: string;
  /** When it came, ms after start. */
  at: number;
  /** Learned from a check rather than signalled. */
  learned: boolean;
}

/** Most candidates kept a side; browsers gather a few dozen at the very most. */
export const MAX_CANDIDATES = 200;

/** Members that browsers give beyond the standard types of lib.dom. */
interface BrowserCandidate extends RTCIceCandidate {
  url?: string | null;
  relayProtocol?: string | null;
}

/** An address as candidates write it: Chromium's `address` has IPv6 in brackets. */
const bare = (address: string) => address.replace(/^\[(.*)\]$/, '$1');

/** A row for a candidate event, as the browser reads it; null for the end-of-candidates mark and what is not a candidate. */
export function candidateRow(candidate: RTCIceCandidate, at: number): CandidateRow | null {
  const { candidate: id, type, protocol, port, priority } = candidate;
  if (id === '' || type === null || protocol === null || port === null || priority === null) return null;
  const extra: BrowserCandidate = candidate;
  return {
    id,
    type,
    protocol: protocol.toLowerCase(),
    address: bare(candidate.address ?? ''),
    port,
    priority,
    foundation: candidate.foundation ?? '',
    component: candidate.component === 'rtcp' ? 2 : 1,
    tcpType: candidate.tcpType,
    relatedAddress: candidate.relatedAddress === null ? null : bare(candidate.relatedAddress),
    relatedPort: candidate.relatedPort,
    url: extra.url || null,
    relayProtocol: extra.relayProtocol || null,
    ufrag: candidate.usernameFragment ?? '',
    at,
    learned: false,
  };
}

/** Candidates of a side that only the checks showed, each by when it is known to have been there. */
export function learnedRows(
  signalled: readonly CandidateRow[],
  pairs: readonly PairRecord[],
  side: 'local' | 'remote',
): CandidateRow[] {
  const learned = new Map<string, CandidateRow>();
  for (const pair of pairs) {
    const end = pair[side];
    if (end.type !== 'prflx') continue;
    const id = `prflx ${end.port} ${end.priority}`;
    if (signalled.some((c) => c.port === end.port && c.priority === end.priority)) continue;
    // A pair that was answered had both its ends before, whenever it was first seen.
    const at = Math.min(pair.seen, pair.succeededAt ?? pair.seen, learned.get(id)?.at ?? pair.seen);
    learned.set(id, {
      ...end,
      id,
      foundation: '',
      component: 1,
      tcpType: null,
      relatedAddress: null,
      relatedPort: null,
      url: null,
      relayProtocol: null,
      ufrag: '',
      at,
      learned: true,
    });
  }
  return [...learned.values()];
}

/** `address:port`, an IPv6 address in brackets, a `.local` name shortened; `hidden` for an address the browser keeps. */
export function endpoint(row: { address: string; port: number }, hidden: string): string {
  return `${shortAddress(row.address, hidden)}:${row.port}`;
}

/** An address before a port. */
export const bracketed = (address: string) => (address.includes(':') ? `[${address}]` : address);

export function shortAddress(address: string, hidden: string): string {
  if (address === '' || address === '(redacted)') return hidden;
  if (address.endsWith('.local') && address.length > 16) return `${address.slice(0, 4)}….local`;
  return bracketed(address);
}

/** Host of a server URL, short: `.10:3478` for an IPv4 host, else the host itself. */
export function shortServer(url: string): string {
  const bare = url.replace(/^(stuns?|turns?):/, '').replace(/\?.*$/, '');
  return /^(?:\d+\.){3}(\d+)(:\d+)?$/.test(bare) ? bare.replace(/^(?:\d+\.){3}/, '.') : bare;
}
