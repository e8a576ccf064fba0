/**
 * The agent's sentences in the chosen language. English comes with the trace; 简体中文 is a part of the page of its own,
 * fetched when it is first wanted. Until it is here, or when it can't be had, the English is shown.
 */

import { settings } from '../../app/settings.svelte';
import { fill, plain } from '../../i18n/format';
import type { DecisionEntry } from './model/types';

type Chinese = typeof import('./decisions.zh');

let chinese = $state.raw<Chinese | null>(null);

/** Fetches the sentences of the chosen language. To be called in an effect, so that it follows the choice. */
export function wantDecisions(): void {
  if (settings.language !== 'zh' || chinese !== null) return;
  import('./decisions.zh').then(
    (loaded) => {
      chinese = loaded;
    },
    // Offline: the next change of language tries again.
    () => undefined,
  );
}

/** The sentence of a decision in Chinese; its own, in English, where a word of it is not known. */
export function inChinese({ sentences, words }: Pick<Chinese, 'sentences' | 'words'>, entry: DecisionEntry): string {
  const sentence = Object.hasOwn(sentences, entry.code) ? sentences[entry.code] : undefined;
  if (sentence === undefined) return entry.why;
  const word = (text = '') => (Object.hasOwn(words, text) ? (words[text] ?? text) : text);
  const { stream = 0, component = '', local = '?', remote = '?', pair = '?', number = '?' } = entry;
  const one = stream === 0 ? component : `${component}（流 ${stream}）`;
  const values = {
    ...{ local, remote, pair, number, what: word(entry.what), was: word(entry.was) },
    component: entry.code === 'list-state' ? stream : one,
  };
  return plain(fill(sentence, values));
}

/** The sentence of a decision in the chosen language. */
export function decisionWords(entry: DecisionEntry): string {
  if (settings.language === 'zh' && chinese !== null) return inChinese(chinese, entry);
  return entry.why.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}
