import type { Table } from './tables';

/** Mark of the keys by which a language has the engine's sentences about NATs; English comes with the engine's report. */
export const ENGINE = 'engine.';

/** The engine's sentences by code as words of the page. */
export function engineWords(sentences: Table): Table {
  return Object.fromEntries(Object.entries(sentences).map(([code, text]) => [`${ENGINE}${code}`, text]));
}
