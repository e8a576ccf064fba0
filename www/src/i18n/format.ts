/** Values a message may hold. */
export type Values = Readonly<Record<string, string | number | bigint>>;

/** A stretch of a filled message: plain text, a value put in, or text the message stresses. */
export interface Piece {
  text: string;
  kind: 'text' | 'value' | 'strong';
}

const TOKEN = /\*\*(.+?)\*\*|\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g;

/**
 * Fills a message. `{name}` is the value, `{n|pair|pairs}` is the first word when the value is 1 and the second
 * otherwise, `**words**` are stressed. A value that is missing stays visible as `{name}`.
 */
export function fill(template: string, values: Values = {}): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of template.matchAll(TOKEN)) {
    if (match.index > end) pieces.push({ text: template.slice(end, match.index), kind: 'text' });
    end = match.index + match[0].length;
    const [whole, strong, name, one, many] = match;
    if (strong !== undefined) {
      pieces.push({ text: plain(fill(strong, values)), kind: 'strong' });
      continue;
    }
    const value = name === undefined ? undefined : values[name];
    if (value === undefined) pieces.push({ text: whole, kind: 'text' });
    else if (one !== undefined) pieces.push({ text: Number(value) === 1 ? one : (many ?? one), kind: 'text' });
    else pieces.push({ text: String(value), kind: 'value' });
  }
  if (end < template.length) pieces.push({ text: template.slice(end), kind: 'text' });
  return pieces;
}

/** The text of pieces, for labels and attributes. */
export function plain(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join('');
}

/** What stands between a sentence and the next: nothing after full-width punctuation, which has its own room. */
export function gapAfter(sentence: string): string {
  return /[\u3000-\u303f\uff00-\uffef]$/.test(sentence) ? '' : ' ';
}

/** Sentences one after the other. */
export function sentences(...all: readonly string[]): string {
  return all.reduce((before, it) => (before === '' || it === '' ? before + it : before + gapAfter(before) + it), '');
}

/** The names of the values a message wants, sorted, each once. */
export function placeholders(template: string): string[] {
  const names = new Set<string>();
  for (const match of template.matchAll(/\{(\w+)/g)) if (match[1]) names.add(match[1]);
  return [...names].sort();
}
