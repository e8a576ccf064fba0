/** A scenario of a file, before the engine reads it. */
import { t } from '../../../i18n/index.svelte';

/** Bytes of a scenario that the engine takes at most. */
const MAX_BYTES = 4 << 20;
/** Lists and objects in each other at most; a scenario needs eight. */
export const MAX_NESTING = 64;

/** Whether the lists and objects of a JSON value stand in each other deeper than `most`. */
export function deeperThan(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((one) => deeperThan(one, most - 1));
}

/** The JSON of a file; an error says why it is none. */
export async function readScenario(file: Blob): Promise<unknown> {
  if (file.size > MAX_BYTES) throw new Error(t('sim.tooLong', { n: file.size, most: MAX_BYTES }));
  const text = await file.text();
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(t('sim.notJson', { reason: error instanceof Error ? error.message : String(error) }));
  }
}
