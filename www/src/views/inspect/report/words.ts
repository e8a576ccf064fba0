/** Report values as people write them. */

import { t } from '../../../i18n/index.svelte';
import type { CandidateRow, Report, SessionRow } from './types';

/** `192.0.2.1:3478`, `[2001:db8::1]:3478`. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function sessionTitle(session: SessionRow): string {
  if (session.kind === 'servers') return t('inspect.session.servers');
  return session.title ?? t('inspect.session', { n: session.index + 1 });
}

/** `offer, answer, 2 host candidates`. */
export function sessionParts(session: SessionRow): string {
  const parts: string[] = [];
  if (session.offer !== null) parts.push(t('inspect.role.offer'));
  if (session.answer !== null) parts.push(t('inspect.role.answer'));
  const others = session.descriptions - parts.length;
  if (others > 0) parts.push(t(parts.length === 0 ? 'inspect.found.sdp' : 'inspect.found.more', { n: others }));
  if (session.candidates > 0) parts.push(t('inspect.found.candidates', { n: session.candidates }));
  if (session.messages > 0) parts.push(t('inspect.found.stun', { n: session.messages }));
  return parts.join(t('comma'));
}

/** Side of a candidate, by the name the input gives it. */
export function sideName(row: CandidateRow, report: Report | null): string {
  if (row.side === null) return t('inspect.side.unknown');
  const names = report?.sessions[row.session]?.names;
  return (row.side === 'local' ? names?.local : names?.remote) ?? t(`inspect.side.${row.side}`);
}
