/** Ordering of table rows. Addresses compare by number, text by code unit, nothing comes last in both directions. */

export type SortValue = number | bigint | string | null;

export interface SortKey<Row> {
  column: string;
  descending: boolean;
  value(row: Row): SortValue;
}

/** A sorted copy; equal rows keep their order. */
export function sortRows<Row>(rows: readonly Row[], key: SortKey<Row> | null): Row[] {
  if (key === null) return [...rows];
  const keyed = rows.map((row) => ({ row, value: key.value(row) }));
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    const order = compareValues(a.value, b.value);
    return key.descending ? -order : order;
  });
  return keyed.map(({ row }) => row);
}

export function compareValues(a: number | bigint | string, b: number | bigint | string): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  if (typeof a === 'string' || typeof b === 'string') return typeof a === 'string' ? 1 : -1;
  return a < b ? -1 : Number(a > b);
}

/** A text whose order is the address's: IPv4 by octet, then IPv6, then names. */
export function addressKey(address: string, port: number): string {
  const tail = String(port).padStart(5, '0');
  const octets = address.split('.');
  if (octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet))) {
    return `4${octets.map((octet) => octet.padStart(3, '0')).join('')}:${tail}`;
  }
  const kind = address.includes(':') ? '6' : '7';
  return `${kind}${address.toLowerCase()}:${tail}`;
}
