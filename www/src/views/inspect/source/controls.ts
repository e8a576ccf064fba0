/**
 * Long runs of control characters, as a log has after a power failure. They have no width, so the editor would lay out
 * the whole run: such a text is shown with a dot for each, at the same offsets, and can't be edited.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
const LONG_RUN = new RegExp(`(?:${CONTROLS.source}){1000}`);

export function hasLongRun(text: string): boolean {
  return LONG_RUN.test(text);
}

export function withDots(text: string): string {
  return text.replace(CONTROLS, '·');
}
