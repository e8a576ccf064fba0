/** How a verdict of the engine is drawn: a sign, and a word of the page's own where it has one. */

import type { Key } from '../../../i18n/index.svelte';
import type { SignName } from '../../../ui/signs';

export interface VerdictLook {
  sign: SignName;
  key: Key | null;
  /** The engine's own words. */
  text: string;
}

const WORDS: Record<string, { sign: SignName; key: Key }> = {
  ok: { sign: 'ok', key: 'inspect.verdict.ok' },
  used: { sign: 'ok', key: 'inspect.verdict.used' },
  ignored: { sign: 'warning', key: 'inspect.verdict.ignored' },
  rejects: { sign: 'error', key: 'inspect.verdict.rejects' },
  invalid: { sign: 'warning', key: 'inspect.verdict.invalid' },
  'never paired': { sign: 'warning', key: 'inspect.verdict.neverPaired' },
  'no pair': { sign: 'warning', key: 'inspect.verdict.neverPaired' },
};

export function verdictLook(verdict: string): VerdictLook {
  const known = WORDS[verdict];
  if (known !== undefined) return { ...known, text: verdict };
  return { sign: verdict.startsWith('rejects') ? 'error' : 'warning', key: null, text: verdict };
}
