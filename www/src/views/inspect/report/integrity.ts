/** Whether one of some passwords signed a message. */

import type { StunMessage } from 'icelens';
import type { Report } from './types';

/** Most passwords tried on one message. */
const MAX_TRIED = 64;

/** Every `ice-pwd` of the input: the one that signed a check is the receiver's, a response the sender's (RFC 8445 7.1.2). */
export function passwordsFor(report: Report | null): string[] {
  const passwords = new Set<string>();
  for (const description of report?.descriptions ?? []) {
    for (const { pwd } of description.media) if (pwd !== null && passwords.size < MAX_TRIED) passwords.add(pwd);
  }
  return [...passwords];
}

/** Null when there was no password to try, or nothing to check. */
export function checkPassword(
  message: StunMessage,
  passwords: readonly string[],
): { good: boolean; password: string } | null {
  if (passwords.length === 0 || message.dialect !== 'rfc8489') return null;
  for (const password of passwords) {
    const outcome = message.verify({ password });
    if (outcome === 'absent') return null;
    if (outcome === 'valid') return { good: true, password };
  }
  return { good: false, password: '' };
}
