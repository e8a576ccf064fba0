/** STUN messages as rows. */

import type { StunFinding } from 'icelens';
import type { Builder } from './build';
import type { MessageRow } from './types';

/** A message that was found. Its session is settled later. */
export function addMessage({ report, messageOf }: Builder, finding: StunFinding): void {
  const { packet, value } = finding;
  messageOf.set(finding.index, report.messages.length);
  report.messages.push({
    index: report.messages.length,
    session: 0,
    packet: packet?.number ?? null,
    time: packet?.time ?? null,
    from: packet?.from ?? null,
    to: packet?.to ?? null,
    protocol: packet === null ? null : packet.transport,
    class: value?.class ?? '',
    method: value === null ? 'STUN' : methodName(value.method),
    transaction: value === null ? '' : hex(value.transactionId),
    // In a capture, offsets are those of the file.
    start: packet === null ? finding.start : 0,
    end: packet === null ? finding.end : 0,
    // A copy: a view would take the whole capture along to the page.
    bytes: finding.bytes.slice(),
    partner: null,
    rtt: null,
    note: packet?.relayed ? 'turn' : null,
    code: value?.errorCode?.code ?? null,
    named: value?.attributes.some(({ name }) => name === 'USERNAME' || name === 'USERHASH') ?? false,
  });
}

/**
 * Whether an error response only asks for what the next request brings: the first 401 of long-term credentials, which
 * gives realm and nonce, and 438, which gives a new nonce (RFC 8489 §9.2.4).
 */
export function isChallenge(row: MessageRow, messages: readonly MessageRow[]): boolean {
  if (row.code === 438) return true;
  const request = row.partner === null ? undefined : messages[row.partner];
  return row.code === 401 && request !== undefined && !request.named;
}

/** `create-permission` as IANA writes it: CreatePermission. */
export function methodName(method: string | number): string {
  if (typeof method === 'number') return `0x${method.toString(16).padStart(3, '0')}`;
  return method.replace(/(?:^|-)([a-z])/g, (_whole, letter: string) => letter.toUpperCase());
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Requests and responses of one transaction point at each other, where a capture has not said so. */
export function matchMessages(messages: readonly MessageRow[]): void {
  const requests = new Map<string, MessageRow>();
  for (const row of messages) {
    if (row.transaction === '' || row.partner !== null) continue;
    if (row.class === 'request') {
      if (!requests.has(row.transaction)) requests.set(row.transaction, row);
    } else if (row.class === 'success' || row.class === 'error') {
      const request = requests.get(row.transaction);
      if (request === undefined) continue;
      row.partner = request.index;
      request.partner ??= row.index;
    }
  }
}
