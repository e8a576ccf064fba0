/** Text from an input, made fit to be shown on a terminal: nothing in it may be an order to the terminal. */

/**
 * Characters that a terminal obeys or that reorder what is shown: C0 but the line feed, DEL, C1, line and paragraph
 * separators, marks of direction.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The text with every such character written as JSON would escape it. Line feeds stay: the text may have several lines. */
export function visible(text: string): string {
  return text.replace(OBEYED, escaped);
}

/** The same for what stands in one line: line feeds are escaped too, so that an input can't add lines of its own. */
export function visibleLine(text: string): string {
  return visible(text).replaceAll('\n', '\\u000a');
}
