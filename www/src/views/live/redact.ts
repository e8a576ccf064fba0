const HEX = '[0-9a-fA-F]{1,4}';
/** IPv4, IPv6 in any shortening, and `.local` names, as they stand in text. */
const ADDRESS = new RegExp(
  [
    '\\b[0-9a-zA-Z-]{1,63}\\.local\\b',
    `(?<![\\w:])(?:${HEX}:){1,7}(?::?${HEX}|:)(?::${HEX})*(?:(?:\\d{1,3}\\.){3}\\d{1,3})?(?![\\w:])`,
    `(?<![\\w:])::(?:${HEX}(?::${HEX})*)?(?:(?:\\d{1,3}\\.){3}\\d{1,3})?(?![\\w:])`,
    '(?<![\\w.])(?:\\d{1,3}\\.){3}\\d{1,3}(?![\\w.])',
  ].join('|'),
  'g',
);

function kind(address: string): string {
  if (address.endsWith('.local')) return 'mdns';
  if (address.includes(':')) return /^fe[89ab]|^f[cd]|^::1$/i.test(address) ? 'private-v6' : 'public-v6';
  return /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(address)
    ? 'private-v4'
    : 'public-v4';
}

/** The host in a STUN or TURN URL, when it is a name. */
const SERVER_NAME = /(?<=\b(?:stuns?|turns?):)[A-Za-z0-9_-][A-Za-z0-9._-]*/g;
const ALL_DIGITS = /^[\d.]+$/;

/**
 * Replaces addresses and server names by labels, the same one by the same label, so that what equals what can still
 * be read. Ports stay. A time such as `12:30` is no address: an IPv6 address has two colons at least.
 */
export function redact(text: string): string {
  const labels = new Map<string, string>();
  const counts = new Map<string, number>();
  const label = (found: string, as: string) => {
    const key = found.toLowerCase();
    const known = labels.get(key);
    if (known) return known;
    const count = (counts.get(as) ?? 0) + 1;
    counts.set(as, count);
    const made = `[${as}-${count}]`;
    labels.set(key, made);
    return made;
  };
  return text
    .replace(SERVER_NAME, (name) => (ALL_DIGITS.test(name) ? name : label(name, 'server')))
    .replace(ADDRESS, (found) => (found.split(':').length === 2 ? found : label(found, kind(found))));
}
