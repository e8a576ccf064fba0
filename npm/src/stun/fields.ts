/** Names for every byte of a message. */
import { textOf } from '../text.js';
import type { StunAttribute, StunMessage } from './message.js';
import { attributeRow, hexCode, Kind } from './names.js';
import { hex, layoutOf, type Part } from './values.js';

/** A run of bytes with its meaning. The children of a field cover it whole. */
export interface Field {
  /** Name in a few English words, or that of the attribute. */
  name: string;
  /** First byte, from the start of the message. */
  start: number;
  /** One past the last byte. */
  end: number;
  /** The value, for people. */
  text: string;
  /** Parts in order; absent when it has none. */
  children?: Field[];
}

/** Of the other kinds, the parts before `rest`, which is the name of what follows them. */
const heads: Partial<Record<Kind, readonly [rest: string, ...parts: Part[]]>> = {
  [Kind.Address]: ['Address', ['family', 8, 8], ['port', 16, 16]],
  [Kind.XorAddress]: ['Address', ['family', 8, 8], ['port', 16, 16]],
  [Kind.ErrorCode]: ['Reason phrase', ['class', 16, 8], ['number', 24, 8]],
  [Kind.AddressErrorCode]: ['Reason phrase', ['family', 0, 8], ['class', 16, 8], ['number', 24, 8]],
  [Kind.Algorithm]: ['Parameters', ['algorithm', 0, 16], ['parameters length', 16, 16]],
};

/** The text of a decoded value. */
export function valueText(value: unknown): string {
  if (value === true) return 'present';
  if (value instanceof Uint8Array) return hex(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value))
    return value.map((part) => (typeof part === 'number' ? hexCode(part) : valueText(part))).join(', ');
  if ('address' in value && 'port' in value) {
    const { address, port } = value as { address: string; port: number };
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  }
  if ('reason' in value && 'code' in value) return `${value.code} ${value.reason}`.trim();
  return Object.entries(value)
    .filter(([, part]) => !(part instanceof Uint8Array && part.length === 0))
    .map(([name, part]) => `${name} ${valueText(part)}`)
    .join(', ');
}

/** The runs of whole bytes that hold `parts`: parts that share a byte share a run. */
function runs(parts: readonly Part[]): { names: string[]; start: number; end: number }[] {
  const list: { names: string[]; start: number; end: number }[] = [];
  for (const [name, bit, width] of parts) {
    const [start, end] = [bit >> 3, (bit + width + 7) >> 3];
    const last = list.at(-1);
    if (last !== undefined && start < last.end) {
      last.names.push(name);
      last.end = end;
    } else {
      if (start > (last?.end ?? 0)) list.push({ names: ['reserved'], start: last?.end ?? 0, end: start });
      list.push({ names: [name || 'number'], start, end });
    }
  }
  return list;
}

function inner(attribute: StunAttribute, message: StunMessage): Field[] {
  const { offset, length, error } = attribute;
  const row = attributeRow(attribute.type);
  if (row === undefined || error !== null) return [];
  const [rest, ...head] = heads[row.what as Kind] ?? [null];
  const list = runs(rest === null ? layoutOf(row.what as Kind)[1] : head);
  const end = list.at(-1)?.end ?? length;
  if (length > end) list.push({ names: [rest ?? 'reserved'], start: end, end: length });
  // A number alone needs no parts.
  if (list.length < 2) return [];
  return list.map(({ names, start, end }) => {
    const raw = message.bytes.subarray(offset + start, offset + end);
    const text = names[0] === 'Reason phrase' ? textOf(raw) : `0x${hex(raw)}`;
    const name = names.join(', ');
    return { name: name.charAt(0).toUpperCase() + name.slice(1), start: offset + start, end: offset + end, text };
  });
}

/** FINGERPRINT is a number, and read as bits. */
const FINGERPRINT = 0x8028;

function attributeField(attribute: StunAttribute, message: StunMessage): Field {
  const { bytes } = message;
  const { offset, length, name, error } = attribute;
  const end = offset + length;
  const value = attribute.type === FINGERPRINT ? `0x${hex(attribute.raw)}` : valueText(attribute.value);
  const text = error === null ? value : `${error}: ${hex(attribute.raw)}`;
  const note = attribute.counts ? '' : ' (after integrity: ignored)';
  const children: Field[] = [
    { name: 'Type', start: offset - 4, end: offset - 2, text: `${hexCode(attribute.type)} ${name}` },
    { name: 'Length', start: offset - 2, end: offset, text: String(length) },
  ];
  if (length > 0) {
    const deeper = inner(attribute, message);
    children.push({ name: 'Value', start: offset, end, text, ...(deeper.length > 0 && { children: deeper }) });
  }
  const padded = end + ((4 - (length % 4)) % 4);
  if (padded > end) children.push({ name: 'Padding', start: end, end: padded, text: hex(bytes.subarray(end, padded)) });
  return { name, start: offset - 4, end: padded, text: text + note, children };
}

/** The field tree of a message; its top level covers every byte. */
export function messageFields(message: StunMessage): Field[] {
  const { bytes, dialect, transactionId, attributes } = message;
  const method = typeof message.method === 'number' ? hexCode(message.method) : message.method;
  const length = ((bytes[2] as number) << 8) | (bytes[3] as number);
  const classic = dialect === 'rfc3489';
  return [
    { name: 'Message type', start: 0, end: 2, text: `0x${hex(bytes.subarray(0, 2))} ${method} ${message.class}` },
    { name: 'Message length', start: 2, end: 4, text: `${length}` },
    ...(classic ? [] : [{ name: 'Magic cookie', start: 4, end: 8, text: '0x2112a442' }]),
    { name: 'Transaction id', start: classic ? 4 : 8, end: 20, text: hex(transactionId) },
    ...attributes.map((attribute) => attributeField(attribute, message)),
  ];
}
