/** The source of a packet or a connection, as a socket tells it. */

const COLON = 58;
const DOT = 46;
const groups = new Uint16Array(8);

/**
 * Reads an IP address, with or without a zone (`fe80::1%eth0`), into four words, IPv4 mapped into IPv6. False when the text is
 * none; the words then mean nothing. Makes no object: it is called for each packet.
 */
export function readIp(text: string, words: Uint32Array): boolean {
  if (!text.includes(':')) {
    const word = ipv4Word(text, 0, text.length);
    if (word < 0) return false;
    words[0] = words[1] = 0;
    words[2] = 0xffff;
    words[3] = word;
    return true;
  }
  if (!readGroups(text)) return false;
  for (let i = 0; i < 4; i++) words[i] = ((groups[2 * i] as number) << 16) | (groups[2 * i + 1] as number);
  return true;
}

/** The 32 bits of `192.0.2.1` between two places of a text; -1 when it is none. */
function ipv4Word(text: string, from: number, to: number): number {
  let word = 0;
  let octet = -1;
  let dots = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0 || ++dots > 3) return -1;
      word = word * 256 + octet;
      octet = -1;
      continue;
    }
    // No leading zero: some read octal there.
    if (code < 48 || code > 57 || octet === 0) return -1;
    octet = Math.max(octet, 0) * 10 + code - 48;
    if (octet > 255) return -1;
  }
  return dots === 3 && octet >= 0 ? word * 256 + octet : -1;
}

/** The value of a hexadecimal digit; -1 when it is none. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = (code | 32) - 97;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

/** Reads the eight groups of an IPv6 address; false when the text is none. */
function readGroups(text: string): boolean {
  const zone = text.indexOf('%');
  const end = zone < 0 ? text.length : zone;
  let count = 0;
  let gap = -1;
  let at = 0;
  groups.fill(0);
  while (at < end) {
    if (text.charCodeAt(at) === COLON) {
      if (text.charCodeAt(at + 1) === COLON && at + 1 < end) {
        if (gap >= 0) return false;
        gap = count;
        at += 2;
        continue;
      }
      // A single colon stands between two groups.
      if (count === 0 || gap === count || ++at === end) return false;
    }
    const start = at;
    let group = 0;
    for (; at < end && text.charCodeAt(at) !== COLON; at++) {
      if (text.charCodeAt(at) === DOT) return count <= 6 && spread(dotted(text, start, end, count), gap);
      const digit = hexDigit(text.charCodeAt(at));
      if (digit < 0 || at - start > 3) return false;
      group = group * 16 + digit;
    }
    if (at === start || count > 7) return false;
    groups[count++] = group;
  }
  return spread(count, gap);
}

/** Reads the IPv4 address at the end of an IPv6 one into two groups; returns how many groups there are then, 9 for none. */
function dotted(text: string, start: number, end: number, count: number): number {
  const word = ipv4Word(text, start, end);
  if (word < 0) return 9;
  groups[count] = word >>> 16;
  groups[count + 1] = word & 0xffff;
  return count + 2;
}

/** Puts the zeros that `::` stands for between the groups before and after it. */
function spread(count: number, gap: number): boolean {
  if (gap < 0) return count === 8;
  if (count > 7) return false;
  groups.copyWithin(8 - (count - gap), gap, count);
  groups.fill(0, gap, 8 - (count - gap));
  return true;
}

const scratch = new Uint32Array(4);

/**
 * The name of one client: an IPv4 address, or the first 64 bits of an IPv6 one, since that much is handed to one household.
 * An IPv4-mapped address is the IPv4 address; what is not an address is one client with everything else that is none.
 */
export function clientKey(address: string): string {
  if (!readIp(address, scratch)) return 'unknown';
  const [a = 0, b = 0, c = 0, d = 0] = scratch;
  if (a === 0 && b === 0 && c === 0xffff) return `${d >>> 24}.${(d >>> 16) & 255}.${(d >>> 8) & 255}.${d & 255}`;
  return [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff].map((group) => group.toString(16)).join(':');
}

/** Whether an address is one of this machine that no other can use as a source. */
export function isLoopback(address: string): boolean {
  if (!readIp(address, scratch)) return false;
  const [a = 0, b = 0, c = 0, d = 0] = scratch;
  return a === 0 && b === 0 && ((c === 0xffff && d >>> 24 === 127) || (c === 0 && d === 1));
}
