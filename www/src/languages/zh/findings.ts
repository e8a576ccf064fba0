/** Sentences of the engine, in 简体中文. Loaded when that language is chosen. */
export { phrases, sentences } from './advice';
export { diagnostics, verdicts } from './diagnostics';
