/**
 * The engine's sentences about findings, in the chosen language. English comes with the findings; those of another language
 * are a part of the page of their own, fetched when first wanted. Until they are here, or when they can't be had, the
 * English is shown.
 */

import { settings } from '../../app/settings.svelte';
import { fill, plain } from '../../i18n/format';
import { type Findings, languageOf } from '../../languages';
import type { AdviceRow, DiagnosticRow } from './report/types';

let translations = $state.raw<Readonly<Record<string, Findings>>>({});

/** Fetches the sentences of the chosen language. To be called in an effect, so that it follows the choice. */
export function wantSentences(): void {
  const { language } = settings;
  const { findings } = languageOf(language);
  if (findings === null || Object.hasOwn(translations, language)) return;
  findings().then(
    (loaded) => {
      translations = { ...translations, [language]: loaded };
    },
    // Offline: the next change of language tries again.
    () => undefined,
  );
}

function translation(): Findings | null {
  return translations[settings.language] ?? null;
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
