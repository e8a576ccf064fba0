/** By what a dump is told from other text, before the readers of dumps are there. */

/** Types of which a text with reports has one. */
export const NAMES = /\b(?:candidate-pair|local-?candidate|googCandidatePair)\b/;

/** Lines that are looked at to tell whether a text is a dump. */
const LOOKED_AT = 50;
const HEAD = 'RTCStatsDump';
const LINE = /^\s*\[\s*(?:"[\w.]{1,80}"|\d{1,3})\s*,\s*(?:"[^"]{0,100}"|null)\s*[,\]]/;
const KNOWN =
  /"(?:create(?:Offer|Answer)?(?:OnSuccess)?|[gG]et[sS]tats|set(?:Local|Remote)Description(?:OnSuccess)?|addIceCandidate|on(?:icecandidate|\w+statechange))"/;

/** Whether the text is a dump of rtcstats. */
export function isRtcstats(input: string): boolean {
  const lines = input.slice(0, 1 << 20).split('\n', LOOKED_AT);
  if (lines[0]?.trim() === HEAD) return true;
  const matching = lines.filter((line) => LINE.test(line));
  return matching.length > 1 && matching.some((line) => KNOWN.test(line.slice(0, 120)));
}

/** Whether a reader of dumps may find one in the text; without these signs each of them finds none. */
export function mayBeDump(input: string): boolean {
  // A dump of webrtc-internals, of rtcstats, of getStats(), of about:webrtc.
  return input.includes('"PeerConnections"') || isRtcstats(input) || NAMES.test(input) || input.includes(' (id=');
}
