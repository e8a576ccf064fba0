/** Settings that the page remembers on this machine: theme, language, pane sizes, whether single letters act. */

import { preferredLanguage, readStored, SETTINGS, storedLanguage, writeStored } from './stored';

export type Theme = 'auto' | 'light' | 'dark';

/** Most pane sizes kept; the product has far fewer hairlines. */
const MAX_SIZES = 64;

interface Stored {
  theme: Theme;
  language: string | null;
  letters: boolean;
  sizes: Record<string, number>;
}

function load(): Stored {
  const raw = readStored(SETTINGS);
  const from = (typeof raw === 'object' && raw !== null ? raw : {}) as Partial<Record<keyof Stored, unknown>>;
  const sizes: Record<string, number> = {};
  if (typeof from.sizes === 'object' && from.sizes !== null) {
    for (const [key, value] of Object.entries(from.sizes).slice(0, MAX_SIZES)) {
      if (typeof value === 'number' && value > 0 && value < 10_000) sizes[key] = value;
    }
  }
  return {
    theme: from.theme === 'light' || from.theme === 'dark' ? from.theme : 'auto',
    language: storedLanguage(from.language),
    letters: from.letters !== false,
    sizes,
  };
}

const stored = $state(load());

function save() {
  writeStored(SETTINGS, stored);
}

export const settings = {
  get theme(): Theme {
    return stored.theme;
  },
  set theme(value: Theme) {
    stored.theme = value;
    save();
  },
  /** Name of a folder of `languages`. */
  get language(): string {
    return stored.language ?? preferredLanguage();
  },
  set language(value: string) {
    stored.language = value;
    save();
  },
  /** Whether single letters act as keys (WCAG 2.1.4). */
  get letters(): boolean {
    return stored.letters;
  },
  set letters(value: boolean) {
    stored.letters = value;
    save();
  },
};

/** Auto, light, dark, auto … */
export function nextTheme() {
  settings.theme = stored.theme === 'auto' ? 'light' : stored.theme === 'light' ? 'dark' : 'auto';
}

export function savedSize(key: string): number | null {
  return stored.sizes[key] ?? null;
}

export function rememberSize(key: string, pixels: number) {
  stored.sizes[key] = pixels;
  save();
}

export function forgetSize(key: string) {
  delete stored.sizes[key];
  save();
}
