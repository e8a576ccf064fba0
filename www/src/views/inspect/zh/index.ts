/** What the engine says, in 简体中文. Loaded when that language is chosen. */
export { phrases, sentences } from './advice';
export { diagnostics, verdicts } from './diagnostics';
