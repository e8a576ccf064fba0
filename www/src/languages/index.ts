/**
 * The languages of the page: a folder each, found by its `index.ts` and `frame.ts`. What a language lacks is shown in
 * English; the unit tests ask that it lacks nothing.
 */
import type { AdviceCode } from 'icelens';
import type { Table } from '../i18n/tables';
import type { ViewId } from '../views/parts';
import { language as english } from './en';

/** What the engine says of findings, in another language than English. */
export interface Findings {
  /** Sentence of each piece of advice, with the parameters of the English one. */
  sentences: Readonly<Record<AdviceCode, string>>;
  /** Words that are put in for a parameter, by the English ones. */
  phrases: Readonly<Record<string, string>>;
  /** Diagnostics by code: what is so, and what to do. */
  diagnostics: Readonly<Record<string, readonly [message: string, hint: string]>>;
  /** Verdicts that the page has no words of its own for, by the English ones. */
  verdicts: Readonly<Record<string, string>>;
}

/** The agent's decisions in a simulation, in another language than English. */
export interface Decisions {
  /** Sentence of each decision by its code. */
  sentences: Readonly<Record<string, string>>;
  /** Words that are put into one, by the English ones. */
  words: Readonly<Record<string, string>>;
  /** A component of another stream than the first. */
  stream: string;
}

export interface Language {
  /** Tag of the texts, for `lang`. */
  tag: string;
  /** Name in the language itself. */
  name: string;
  /** Words of each view: a part of the page of their own, fetched with the view. */
  views: Record<ViewId, () => Promise<Table>>;
  /** Fetches what the engine says of findings; `null` for English, which comes with them. */
  findings: (() => Promise<Findings>) | null;
  /** Fetches the agent's decisions; `null` for English, which comes with them. */
  decisions: (() => Promise<Decisions>) | null;
}

const found = import.meta.glob<Language>('./*/index.ts', { eager: true, import: 'language' });

/** Every language by the name of its folder, English first. */
export const LANGUAGES: Readonly<Record<string, Language>> = {
  en: english,
  ...Object.fromEntries(Object.entries(found).map(([path, language]) => [path.split('/')[1] ?? '', language])),
};

/** Whether the page has a language of that name. */
export function isLanguage(name: unknown): name is string {
  return typeof name === 'string' && Object.hasOwn(LANGUAGES, name);
}

/** The language of that name; English for any other. */
export function languageOf(name: string): Language {
  return LANGUAGES[name] ?? english;
}
