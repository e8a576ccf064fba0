/** The agent's sentences in the chosen language. */

import { Fetched } from '../../i18n/fetched.svelte';
import { fill, plain } from '../../i18n/format';
import type { Decisions } from '../../languages';
import type { DecisionEntry } from './model/types';

const decisions = new Fetched(({ decisions }) => decisions);

/** Fetches the sentences. To be called in an effect. */
export const wantDecisions = (): void => decisions.want();

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
  const { words } = decisions;
  return words === null ? entry.why.replace(/^[a-z]/, (letter) => letter.toUpperCase()) : translated(words, entry);
}
