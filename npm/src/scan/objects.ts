/** Candidates that a program printed as an object, by members: as the line that the same candidate has in a description. */
import type { Edit } from './edits.js';

/** Characters of an object before and behind the name of its foundation. */
const BEFORE = 300;
const BEHIND = 500;
/** Characters that open and close the objects of languages: braces, and the brackets of a call. */
const OPEN = /[{(][^{}()]*$/;
const CLOSE = /[})]/;

/** The class or list, which tells nothing of the side. */
const NAME = /\b(?:RTC)?ice_?candidates?["']?\s?[:=]?\s?\[?\s{0,20}$/i;

/** RTCIceCandidate of aiortc, pion, webrtc-rs and browsers, mediasoup's `iceCandidates`, aioice's `Candidate(…)`. */
export function* candidateObjects(text: string): Generator<Edit> {
  for (const { index } of text.matchAll(/\bfoundation\b(?=\\{0,3}["']?\s?[:=])/gi)) {
    const before = OPEN.exec(text.slice(Math.max(0, index - BEFORE), index))?.[0];
    const close = CLOSE.exec(text.slice(index, index + BEHIND));
    if (before === undefined || close === null) continue;
    const [start, end] = [index - before.length, index + close.index + 1];
    const line = lineOf(text.slice(start + 1, end - 1));
    if (line === null) continue;
    const name = NAME.exec(text.slice(Math.max(0, start - 60), start))?.[0] ?? '';
    yield { start: start - name.length, end, text: line };
  }
}

/** The line of a candidate with these members (RFC 8839 §5.1); `null` when they are not a candidate's. */
function lineOf(members: string): string | null {
  const foundation = member(members, 'foundation', /^[\w+/-]+$/);
  const priority = member(members, 'priority', /^\d+$/);
  const address = member(members, 'ip|address|host', /^(?:[\d.]+|[\da-f:]+:[\da-f:.]*|[\w.-]+\.[a-z]+)$/i);
  const port = member(members, 'port', /^\d+$/);
  const type = member(members, 'type|typ', /^(?:host|srflx|prflx|relay)$/i)?.toLowerCase();
  if (!foundation || !priority || !address || !port || !type) return null;
  const protocol = member(members, 'protocol|transport', /^(?:udp|tcp)$/i)?.toLowerCase() ?? 'udp';
  const component = componentOf(member(members, 'component', /^(?:\d+|rtp|rtcp)$/i));
  const base = member(members, 'related_?address|raddr', /^(?:[\d.]+|[\da-f:]+)$/i);
  const basePort = member(members, 'related_?port|rport', /^\d+$/);
  const related = type !== 'host' && base && basePort ? ` raddr ${base} rport ${basePort}` : '';
  const tcp = member(members, 'tcp_?type', /^(?:active|passive|so)$/i)?.toLowerCase();
  const tcpType = protocol === 'tcp' && tcp ? ` tcptype ${tcp}` : '';
  return `\ncandidate:${foundation} ${component} ${protocol} ${priority} ${address} ${port} typ ${type}${related}${tcpType}\n`;
}

function componentOf(component: string | null): number {
  return component === null || component.toLowerCase() === 'rtp' ? 1 : Number(component) || 2;
}

/** Value of a member, as languages and JSON print it, when it has the form given. */
function member(members: string, names: string, form: RegExp): string | null {
  const value = `\\b(?:${names})\\\\{0,3}["']?\\s?[:=]\\s?(?:Some\\()?\\\\{0,3}["']?([^\\s"',})\\\\]{1,100})`;
  const found = new RegExp(value, 'i').exec(members)?.[1];
  return found !== undefined && form.test(found) ? found : null;
}
