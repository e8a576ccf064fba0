import { StunError } from 'icelens';
import { type Key, t } from '../i18n/index.svelte';

const CODES = new Set([
  'too-short',
  'not-stun',
  'unaligned-length',
  'truncated',
  'trailing-bytes',
  'attribute-overrun',
]);

/** Why `bytes` are not a STUN message, as a sentence without its stop: the error of `decodeMessage` in the page's language. */
export function stunFault(error: unknown, bytes: Uint8Array): string {
  if (!(error instanceof StunError) || !CODES.has(error.code)) {
    return error instanceof Error ? error.message : String(error);
  }
  const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  const values = { offset: error.offset, have: bytes.length, length, wanted: length + 20 };
  return t(`stun.fault.${error.code}` as Key, values);
}
