/** Names that the text gives to the connections it shows: `pc1.setLocalDescription`, `Offer from localConnection`. */
import type { Finding } from './finding.js';
import type { Source } from './source.js';

/** How far before a finding its name is looked for, in units of the input. */
const BEFORE = 300;

/** The author of a description, in words. */
const AUTHOR = /\b(?:offer|answer)\s+(?:from|by|of)\s+([A-Za-z_][\w.-]{0,39})/i;
/** The connection that was called, or that the event is of. */
const CALLED =
  /\b((?:pc|peer|conn|client|agent|caller|callee|alice|bob|left|right|local|remote)\w{0,30})[\s.:>\])-]{1,4}(?:on)?(?:set(?:local|remote)description|create(?:offer|answer)|addicecandidate|ice ?candidate)\b/i;

/** The name beside a finding, and whether it is its author's, or of the connection that was given it. */
export interface Name {
  name: string;
  author: boolean;
}

/** The name on the finding's own line before it, else on the line above. `null` in a capture. */
export function nameBeside(finding: Finding, source: Source): Name | null {
  if (finding.packet !== null) return null;
  const before = source.slice(Math.max(0, finding.start - BEFORE), finding.start);
  const [own = '', above = ''] = before.split('\n').reverse();
  return nameIn(own, finding) ?? nameIn(above, finding);
}

function nameIn(text: string, { side }: Finding): Name | null {
  const author = AUTHOR.exec(text)?.[1];
  if (author !== undefined) return { name: author, author: true };
  const called = CALLED.exec(text)?.[1];
  return called === undefined ? null : { name: called, author: side !== 'remote' };
}

/** `Alice` of `Alice <sip:alice@atlanta.example.com>`, else the user part of the URI. */
export function partyName(header: string | null): string | null {
  if (header === null) return null;
  const shown = /^\s*"?([^"<]{1,40}?)"?\s*</.exec(header)?.[1]?.trim();
  if (shown !== undefined && shown !== '') return shown;
  return /sips?:([^@>;\s]{1,40})/i.exec(header)?.[1] ?? null;
}
