/**
 * The engine's sentences in the chosen language. English comes with what the engine returns; those of another language are
 * a part of the page of their own, fetched when first wanted. Until they are here, or when they can't be had, the English
 * is shown.
 */

import { settings } from '../app/settings.svelte';
import { type Language, languageOf } from '../languages';

export class Fetched<Words> {
  #byLanguage = $state.raw<Readonly<Record<string, Words>>>({});
  readonly #loader: (language: Language) => (() => Promise<Words>) | null;

  /** `loader` is what fetches the sentences of a language; `null` for English. */
  constructor(loader: (language: Language) => (() => Promise<Words>) | null) {
    this.#loader = loader;
  }

  /** Fetches the sentences of the chosen language. To be called in an effect, so that it follows the choice. */
  want(): void {
    const { language } = settings;
    const load = this.#loader(languageOf(language));
    if (load === null || Object.hasOwn(this.#byLanguage, language)) return;
    load().then(
      (words) => {
        this.#byLanguage = { ...this.#byLanguage, [language]: words };
      },
      // Offline: the next change of language tries again.
      () => undefined,
    );
  }

  /** Those of the chosen language; `null` for English, and until they are here. */
  get words(): Words | null {
    return this.#byLanguage[settings.language] ?? null;
  }
}
