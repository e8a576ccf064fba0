/**
 * Long runs of control characters, as a log has after a power failure. They have no width, so the editor would lay out
 * the whole run: such a text is shown with a dot for each, at the same offsets, and can't be edited.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;
/** Characters of a run that is a long one. */
const LONG = 1000;

/** Whether the character at `at` is one of `CONTROLS`. */
function isControl(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 32 ? code !== 9 && code !== 10 && code !== 13 : code === 127;
}

/** Looks at one character of each thousand: a long run has one of those. */
export function hasLongRun(text: string): boolean {
  for (let at = LONG - 1; at < text.length; at += LONG) {
    if (!isControl(text, at)) continue;
    let [start, end] = [at, at + 1];
    while (start > 0 && at - start < LONG && isControl(text, start - 1)) start--;
    while (end - start < LONG && isControl(text, end)) end++;
    if (end - start >= LONG) return true;
  }
  return false;
}

export function withDots(text: string): string {
  return text.replace(CONTROLS, '·');
}
