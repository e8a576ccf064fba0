/** Settings and texts that are kept on this machine, read and written; plain, so that it is there before the page's own parts are. */

import { isLanguage, LANGUAGES } from '../languages';

/** Key of the settings. */
export const SETTINGS = 'icelens.settings';

/** Reads JSON kept under `key`; null when there is none, it is broken, or storage is switched off. */
export function readStored(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** Keeps `value` as JSON; false when storage is full or switched off. */
export function writeStored(key: string, value: unknown): boolean {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** The first language that the browser asks for and the page has. */
export function preferredLanguage(): string {
  for (const asked of navigator.languages ?? []) {
    const tag = asked.toLowerCase();
    const name = Object.keys(LANGUAGES).find((name) => tag === name || tag.startsWith(`${name}-`));
    if (name !== undefined) return name;
  }
  return 'en';
}

/** The language kept among the settings; `null` when there is none, or the page no longer has it. */
export function storedLanguage(kept: unknown): string | null {
  return isLanguage(kept) ? kept : null;
}
