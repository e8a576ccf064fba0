/** The engine's sentences about findings, in the chosen language. */

import { Fetched } from '../../i18n/fetched.svelte';
import { fill, plain } from '../../i18n/format';
import { t } from '../../i18n/index.svelte';
import type { AdviceRow, DiagnosticRow } from './report/types';

const findings = new Fetched(({ findings }) => findings);

/** Fetches the sentences. To be called in an effect. */
export const wantSentences = (): void => findings.want();

export function adviceText({ code, parameters, text }: Pick<AdviceRow, 'code' | 'parameters' | 'text'>): string {
  const { words } = findings;
  if (words === null) return text;
  const { phrases, sentences } = words;
  const said = (value: string | number) =>
    Object.hasOwn(phrases, value) ? (phrases[value] ?? value) : typeof value === 'string' ? listed(value) : value;
  const values = Object.entries(parameters).map(([name, value]) => [name, said(value)]);
  return plain(fill(sentences[code], Object.fromEntries(values)));
}

/** A list of names as the language writes one; what stands in brackets is part of a name. */
const listed = (names: string) => names.replace(/, (?![^()]*\))/g, t('list'));

/** Sentence of a diagnostic. */
export function diagnosticText({ code, message }: Pick<DiagnosticRow, 'code' | 'message'>): string {
  return findings.words?.diagnostics[code]?.[0] ?? message;
}

/** Sentence of a diagnostic, and its advice. Chinese has no space between sentences. */
export function explanation({ code, message, hint }: Pick<DiagnosticRow, 'code' | 'message' | 'hint'>): string {
  return findings.words?.diagnostics[code]?.join('') ?? `${message} ${hint}`;
}

/** A verdict that the page has no words of its own for. */
export function verdictText(verdict: string): string {
  return findings.words?.verdicts[verdict] ?? verdict;
}
