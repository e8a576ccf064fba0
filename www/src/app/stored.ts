/** Settings and texts that are kept on this machine, read and written; plain, so that it is there before the page's own parts are. */

export type Language = 'en' | 'zh';

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

/** The language that the browser asks for. */
export function preferredLanguage(): Language {
  return navigator.languages?.some((l) => l.toLowerCase().startsWith('zh')) &&
    !navigator.languages[0]?.toLowerCase().startsWith('en')
    ? 'zh'
    : 'en';
}
