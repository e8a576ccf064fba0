import type { StunError } from 'icelens';
import { type Key, t } from '../i18n/index.svelte';

const CODES = new Set([
  'too-short',
  'not-stun',
  'unaligned-length',
  'truncated',
  'trailing-bytes',
  'attribute-overrun',
]);

/** By its code: views have the engine in builds of their own, each with its class. */
const isFault = (error: unknown): error is StunError =>
  error instanceof Error && 'code' in error && CODES.has(`${error.code}`);

/** Why `bytes` are not a STUN message, as a sentence without its stop: the error of `decodeMessage` in the page's language. */
export function stunFault(error: unknown, bytes: Uint8Array): string {
  if (!isFault(error)) return error instanceof Error ? error.message : String(error);
  const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  const values = { offset: error.offset, have: bytes.length, length, wanted: length + 20 };
  return t(`stun.fault.${error.code}` as Key, values);
}
