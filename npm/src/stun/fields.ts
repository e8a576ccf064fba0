/** Names for every byte of a message. */
import type { StunAttribute, StunMessage } from './message.js';
import { attributeRow, hexCode, Shape } from './names.js';
import { hex } from './values.js';

/** A run of bytes with its meaning. The children of a field cover it whole. */
export interface Field {
  name: string;
  /** First byte, from the start of the message. */
  start: number;
  /** One past the last byte. */
  end: number;
  /** The value, for people. */
  text: string;
  children?: Field[];
}

/** Parts of the fixed shapes: name and length, `null` for what is left. */
type Part = readonly [name: string, length: number | null];

const parts: Partial<Record<Shape, readonly Part[]>> = {
  [Shape.Address]: [
    ['Reserved', 1],
    ['Family', 1],
    ['Port', 2],
    ['Address', null],
  ],
  [Shape.Error]: [
    ['Reserved', 2],
    ['Class', 1],
    ['Number', 1],
    ['Reason phrase', null],
  ],
  [Shape.AddressError]: [
    ['Family', 1],
    ['Reserved', 1],
    ['Class', 1],
    ['Number', 1],
    ['Reason phrase', null],
  ],
  [Shape.Algorithm]: [
    ['Algorithm', 2],
    ['Parameters length', 2],
    ['Parameters', null],
  ],
  [Shape.Icmp]: [
    ['Reserved', 2],
    ['Type and code', 2],
    ['Error data', 4],
  ],
  [Shape.Counter]: [
    ['Reserved', 2],
    ['Request', 1],
    ['Response', 1],
  ],
  [Shape.Ecn]: [
    ['Reserved', 3],
    ['ECN and V', 1],
  ],
  [Shape.Network]: [
    ['Network id', 2],
    ['Network cost', 2],
  ],
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

function inner(attribute: StunAttribute, message: StunMessage): Field[] {
  const { bytes } = message;
  const end = attribute.offset + attribute.length;
  const shape = attributeRow(attribute.type)?.what as Shape | undefined;
  const layout = attribute.error === null && shape !== undefined ? parts[shape] : undefined;
  if (layout === undefined) return [];
  let start = attribute.offset;
  return layout.flatMap(([name, length]) => {
    const field = { name, start, end: length === null ? end : start + length, text: '' };
    start = field.end;
    const raw = bytes.subarray(field.start, field.end);
    field.text = name === 'Reason phrase' ? new TextDecoder().decode(raw) : `0x${hex(raw)}`;
    return field.end > field.start ? [field] : [];
  });
}

function attributeField(attribute: StunAttribute, message: StunMessage): Field {
  const { bytes } = message;
  const { offset, length, name, error } = attribute;
  const end = offset + length;
  const text = error === null ? valueText(attribute.value) : `${error}: ${hex(attribute.raw)}`;
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
