/** A transport address. */
export interface TransportAddress {
  /** IPv4 or IPv6, as RFC 5952 writes it. */
  address: string;
  /** Port, 0 to 65535. */
  port: number;
  /** Family of the address. */
  family: 'ipv4' | 'ipv6';
}

/** The text of an IPv4 address. */
export function ipv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** The text of an IPv6 address by RFC 5952: lower case, the longest run of zeros left out, IPv4-mapped in dots. */
export function ipv6(words: readonly number[]): string {
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return `::ffff:${ipv4(words[3] ?? 0)}`;
  let start = 0;
  let longest = 0;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (groups[i + run] === 0) run++;
    if (run > longest) [start, longest] = [i, run];
  }
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return longest < 2 ? text(0, 8) : `${text(0, start)}::${text(start + longest, 8)}`;
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255)) return null;
  return parts.map(Number);
}

/** The four or sixteen bytes of an address; `null` when the text is none. */
export function parseIp(text: string): number[] | null {
  if (!text.includes(':')) return parseIpv4(text);
  const dots = text.lastIndexOf(':') + 1;
  const tail = text.includes('.') ? parseIpv4(text.slice(dots)) : [];
  if (tail === null) return null;
  const head = tail.length > 0 ? text.slice(0, dots).replace(/([^:]):$/, '$1') : text;
  const halves = head.split('::');
  if (halves.length > 2) return null;
  const bytes = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (bytes.flat().some((group) => !/^[\da-f]{1,4}$/i.test(group))) return null;
  const [before = [], after = []] = bytes.map((groups) =>
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  );
  const missing = 16 - before.length - after.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return [...before, ...new Array<number>(missing).fill(0), ...after, ...tail];
}

/** Splits `192.0.2.1:3478` and `[2001:db8::1]:3478`. */
export function splitHostPort(text: string): { address: string; port: number } | null {
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  return found && { address: (found[1] ?? found[2]) as string, port: Number(found[3]) };
}
