import type { CandidateRow } from './candidates';
import type { End, PairRecord } from './pairs';
import type { Seen } from './report';
import { parseServer } from './servers';

const HEX = '[0-9a-fA-F]{1,4}';
const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IPV4 = `(?:${OCTET}\\.){3}${OCTET}`;
/** IPv4, IPv6 in any shortening, and `.local` names; not a section (`§7.2.5.3`) nor a version (`Chrome/150.0.0.0`). */
const ADDRESS = new RegExp(
  [
    '\\b[0-9a-zA-Z-]{1,63}\\.local\\b',
    `(?<![\\w:])(?:${HEX}:){1,7}(?::?${HEX}|:)(?::${HEX})*(?::?${IPV4})?(?![\\w:])`,
    `(?<![\\w:])::(?:${HEX}(?::${HEX})*)?(?:${IPV4})?(?![\\w:])`,
    `(?<![\\w.§/])${IPV4}(?![\\w.]*\\d)`,
  ].join('|'),
  'g',
);
/** Tells nobody's address, and says what the browser hides. */
const BLANK = new Set(['', '(redacted)', '0.0.0.0', '::']);

function kind(address: string): string {
  if (address.endsWith('.local')) return 'mdns';
  if (address.includes(':')) return /^fe[89ab]|^f[cd]|^::1$/i.test(address) ? 'private-v6' : 'public-v6';
  return /^(10|127|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(address)
    ? 'private-v4'
    : 'public-v4';
}

/** Puts a label in place of an address or a server's name, the same one for the same, so that what equals what can still be read. */
class Labels {
  readonly #labels = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #names: RegExp | null;

  /** `names`: of servers, found in any case. */
  constructor(names: readonly string[]) {
    // The longest first, so that a name is not taken for another that begins like it.
    const known = [...new Set(names)].sort((a, b) => b.length - a.length).map((n) => n.replace(/[^\w-]/g, '\\$&'));
    this.#names = known.length === 0 ? null : new RegExp(`(?<![\\w.-])(?:${known.join('|')})(?![\\w-])`, 'gi');
  }

  #label(found: string, as: string): string {
    const key = found.toLowerCase();
    const known = this.#labels.get(key);
    if (known) return known;
    const count = (this.#counts.get(as) ?? 0) + 1;
    this.#counts.set(as, count);
    const made = `[${as}-${count}]`;
    this.#labels.set(key, made);
    return made;
  }

  /** A field that is an address. */
  address(address: string): string {
    return BLANK.has(address) ? address : this.#label(address, kind(address));
  }

  /** Words of a browser, a server or the engine, in which addresses and names may stand. Ports stay. */
  text(text: string): string {
    const named = this.#names ? text.replace(this.#names, (name) => this.#label(name, 'server')) : text;
    // A time such as `12:30` is not an address: an IPv6 address has two colons at least.
    return named.replace(ADDRESS, (found) => (found.split(':').length === 2 ? found : this.address(found)));
  }

  /** The strings within, whatever holds them. */
  deep<T>(value: T): T {
    if (typeof value === 'string') return this.text(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.deep(item)) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.deep(item)])) as T;
  }

  end(end: End): End {
    return { ...end, address: this.address(end.address) };
  }

  candidate = (row: CandidateRow): CandidateRow => ({
    ...row,
    id: '',
    address: this.address(row.address),
    relatedAddress: row.relatedAddress === null ? null : this.address(row.relatedAddress),
    url: row.url === null ? null : this.text(row.url),
  });

  pair = (pair: PairRecord): PairRecord => ({ ...pair, local: this.end(pair.local), remote: this.end(pair.remote) });
}

/** Host names of the servers; those given by address are found as addresses. */
function serverNames(seen: Seen): string[] {
  return seen.servers.flatMap(({ url }) => {
    const read = parseServer(url);
    return 'host' in read && !/^[\d.]+$|:/.test(read.host) ? [read.host] : [];
  });
}

/** Facts without addresses and server names. The page's own words and the browser's version stay as they are. */
export function redactSeen(seen: Seen): Seen {
  const labels = new Labels(serverNames(seen));
  const { candidate, pair } = labels;
  return {
    ...seen,
    servers: seen.servers.map((s) => ({ ...s, url: labels.text(s.url), values: labels.deep(s.values) })),
    local: seen.local.map(candidate),
    remote: seen.remote.map(candidate),
    pairs: seen.pairs.map(pair),
    past: seen.past.map((g) => ({
      ...g,
      local: g.local.map(candidate),
      remote: g.remote.map(candidate),
      pairs: g.pairs.map(pair),
    })),
    nat: labels.deep(seen.nat),
    log: seen.log.map((entry) => ({ ...entry, values: labels.deep(entry.values) })),
  };
}
