/**
 * The engine's sentences about findings, in the chosen language. English comes with the findings; 简体中文 is a part of the
 * page of its own, fetched when it is first wanted. Until it is here, or when it can't be had, the English is shown.
 */

import { settings } from '../../app/settings.svelte';
import { fill, plain } from '../../i18n/format';
import type { AdviceRow, DiagnosticRow } from './report/types';

type Chinese = typeof import('./zh');

let chinese = $state.raw<Chinese | null>(null);

/** Fetches the sentences of the chosen language. To be called in an effect, so that it follows the choice. */
export function wantSentences(): void {
  if (settings.language !== 'zh' || chinese !== null) return;
  import('./zh').then(
    (loaded) => {
      chinese = loaded;
    },
    // Offline: the next change of language tries again.
    () => undefined,
  );
}

function translation(): Chinese | null {
  return settings.language === 'zh' ? chinese : null;
}

export function adviceText({ code, parameters, text }: Pick<AdviceRow, 'code' | 'parameters' | 'text'>): string {
  const words = translation();
  if (words === null) return text;
  const { phrases, sentences } = words;
  const said = (value: string | number) => (Object.hasOwn(phrases, value) ? (phrases[value] ?? value) : value);
  const values = Object.entries(parameters).map(([name, value]) => [name, said(value)]);
  return plain(fill(sentences[code], Object.fromEntries(values)));
}

/** Sentence of a diagnostic. */
export function diagnosticText({ code, message }: Pick<DiagnosticRow, 'code' | 'message'>): string {
  return translation()?.diagnostics[code]?.[0] ?? message;
}

/** Sentence of a diagnostic, and its advice. Chinese has no space between sentences. */
export function explanation({ code, message, hint }: Pick<DiagnosticRow, 'code' | 'message' | 'hint'>): string {
  return translation()?.diagnostics[code]?.join('') ?? `${message} ${hint}`;
}

/** A verdict that the page has no words of its own for. */
export function verdictText(verdict: string): string {
  return translation()?.verdicts[verdict] ?? verdict;
}
