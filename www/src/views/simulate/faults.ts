/** Faults of scenarios, options and evidence, in the page's words. */
import { known, t } from '../../i18n/index.svelte';

/** What the engine says of a fault. */
export interface Fault {
  code: string;
  path: string;
  values: Readonly<Record<string, string>>;
}

/** Faults whose sentence has the place in it. */
const WITH_PLACE: ReadonlySet<string> = new Set(['missing', 'wrong-type']);

/** The fault as a sentence with its place; `null` for a code that this page does not know. */
export function faultWords({ code, path, values }: Fault): string | null {
  const key = known(`sim.fault.${code}`);
  if (!key) return null;
  const kind = known(`sim.fault.kind.${values.expected}`);
  const thing = known(`sim.fault.thing.${values.what}`);
  const words = {
    ...values,
    path: path || t('sim.fault.whole'),
    expected: kind ? t(kind) : (values.expected ?? ''),
    what: thing ? t(thing) : (values.what ?? ''),
  };
  const what = t(key, words);
  return path === '' || WITH_PLACE.has(code) ? what : t('sim.fault.at', { path, what });
}
