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
  'takes it': { sign: 'ok', key: 'inspect.verdict.takes' },
  ignored: { sign: 'warning', key: 'inspect.verdict.ignored' },
  rejects: { sign: 'error', key: 'inspect.verdict.rejects' },
  refuses: { sign: 'error', key: 'inspect.verdict.rejects' },
  invalid: { sign: 'warning', key: 'inspect.verdict.invalid' },
  'must be there': { sign: 'warning', key: 'inspect.verdict.missing' },
  'older syntax': { sign: 'warning', key: 'inspect.verdict.older' },
  'never paired': { sign: 'warning', key: 'inspect.verdict.neverPaired' },
  'stops reading here': { sign: 'error', key: 'inspect.verdict.stops' },
  'not measured': { sign: 'unknown', key: 'inspect.verdict.notMeasured' },
  pruned: { sign: 'ok', key: 'inspect.verdict.pruned' },
};

export function verdictLook(verdict: string): VerdictLook {
  const known = WORDS[verdict];
  if (known !== undefined) return { ...known, text: verdict };
  // Qualified verdicts begin with their word: "refuses fewer than 4", "used, foundation with a colon".
  const sign = /^(?:refuses|rejects)/.test(verdict)
    ? 'error'
    : /^(?:takes|used|uses)\b/.test(verdict)
      ? 'ok'
      : 'warning';
  return { sign, key: null, text: verdict };
}
