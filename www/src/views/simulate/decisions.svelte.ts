/**
 * The agent's sentences in the chosen language. English comes with the trace; those of another language are a part of the
 * page of their own, fetched when first wanted. Until they are here, or when they can't be had, the English is shown.
 */

import { settings } from '../../app/settings.svelte';
import { fill, plain } from '../../i18n/format';
import { type Decisions, languageOf } from '../../languages';
import type { DecisionEntry } from './model/types';

let translations = $state.raw<Readonly<Record<string, Decisions>>>({});

/** Fetches the sentences of the chosen language. To be called in an effect, so that it follows the choice. */
export function wantDecisions(): void {
  const { language } = settings;
  const { decisions } = languageOf(language);
  if (decisions === null || Object.hasOwn(translations, language)) return;
  decisions().then(
    (loaded) => {
      translations = { ...translations, [language]: loaded };
    },
    // Offline: the next change of language tries again.
    () => undefined,
  );
}

/** The sentence of a decision in another language; its own, in English, where a word of it is not known. */
export function translated({ sentences, words, stream: ofStream }: Decisions, entry: DecisionEntry): string {
  const sentence = Object.hasOwn(sentences, entry.code) ? sentences[entry.code] : undefined;
  if (sentence === undefined) return entry.why;
  const word = (text = '') => (Object.hasOwn(words, text) ? (words[text] ?? text) : text);
  const { stream = 0, component = '', local = '?', remote = '?', pair = '?', number = '?' } = entry;
  const one = stream === 0 ? component : plain(fill(ofStream, { component, stream }));
  const values = {
    ...{ local, remote, pair, number, what: word(entry.what), was: word(entry.was) },
    component: entry.code === 'list-state' ? stream : one,
  };
  return plain(fill(sentence, values));
}

/** The sentence of a decision in the chosen language. */
export function decisionWords(entry: DecisionEntry): string {
  const words = translations[settings.language];
  return words === undefined ? entry.why.replace(/^[a-z]/, (letter) => letter.toUpperCase()) : translated(words, entry);
}
