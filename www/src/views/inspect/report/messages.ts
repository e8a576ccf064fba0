/** STUN messages as rows. */

import { decodeMessage, type StunFinding, type StunMessage } from 'icelens';
import type { MessageRow, Report } from './types';

/** A message found as text. It has no time, and nobody said whose it was. */
export function addMessage(report: Report, finding: StunFinding, session: number): void {
  const row = report.sessions[session];
  if (row === undefined) return;
  report.messages.push({
    ...messageRow(finding.bytes),
    index: report.messages.length,
    session,
    start: finding.start,
    end: finding.end,
  });
  row.messages++;
}

/** A row with what the bytes say; the rest is for the caller to fill in. */
export function messageRow(bytes: Uint8Array): MessageRow {
  const message = decoded(bytes);
  return {
    index: 0,
    session: 0,
    time: null,
    from: null,
    to: null,
    protocol: null,
    class: message?.class ?? '',
    method: message === null ? 'STUN' : methodName(message.method),
    transaction: message === null ? '' : hex(message.transactionId),
    start: 0,
    end: 0,
    bytes,
    partner: null,
    rtt: null,
    note: null,
  };
}

/** `create-permission` as IANA writes it: CreatePermission. */
export function methodName(method: string | number): string {
  if (typeof method === 'number') return `0x${method.toString(16).padStart(3, '0')}`;
  return method.replace(/(?:^|-)([a-z])/g, (_whole, letter: string) => letter.toUpperCase());
}

function decoded(bytes: Uint8Array): StunMessage | null {
  try {
    return decodeMessage(bytes);
  } catch {
    return null;
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Requests and responses of one transaction point at each other. */
export function matchMessages(messages: readonly MessageRow[]): void {
  const requests = new Map<string, MessageRow>();
  for (const row of messages) {
    if (row.transaction === '') continue;
    if (row.class === 'request') {
      if (!requests.has(row.transaction)) requests.set(row.transaction, row);
    } else if (row.class === 'success' || row.class === 'error') {
      const request = requests.get(row.transaction);
      if (request === undefined) continue;
      row.partner = request.index;
      request.partner ??= row.index;
      if (row.time !== null && request.time !== null) row.rtt = row.time - request.time;
    }
  }
}
