/** A run of bytes with a name, for the byte view and its list. */
export interface ByteField {
  /** Unique within the message; the same id in two messages marks fields that must agree. */
  id: string;
  /** IANA name. */
  name: string;
  /** First byte, and the one after the last: type, length and padding included. */
  start: number;
  end: number;
  /** Bytes at the start that are type and length; drawn dimmer. */
  head: number;
  /** Bytes at the end that are padding; drawn dotted. */
  padding: number;
  /** The value, as people write it. */
  text: string;
  /** Meaning in words. */
  note?: string;
  /** A check that was made on it. */
  check?: { good: boolean; word: string };
  /** Must agree with another message: underlined in both. */
  linked?: boolean;
}

/** Field as the package's `fields()` gives it. */
export interface MessageField {
  name: string;
  start: number;
  end: number;
  text: string;
}

const HEADER = 20;

/**
 * Message fields as byte fields: attributes get their type and length bytes and their padding marked.
 * Fields that point outside the bytes are cut to them.
 */
export function byteFields(bytes: Uint8Array, fields: readonly MessageField[]): ByteField[] {
  return fields.map((field, index) => {
    const start = Math.min(Math.max(0, field.start), bytes.length);
    const end = Math.min(Math.max(start, field.end), bytes.length);
    const attribute = start >= HEADER && end - start >= 4;
    const declared = attribute ? ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0) : 0;
    return {
      id: `${index}:${field.name}`,
      name: field.name,
      start,
      end,
      head: attribute ? 4 : 0,
      padding: attribute ? Math.max(0, end - start - 4 - declared) : 0,
      text: field.text,
    };
  });
}

/** Two hex digits. */
export function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** Bytes as hex, in groups of `group` bytes. */
export function hexText(bytes: Uint8Array, group = 1): string {
  let out = '';
  bytes.forEach((byte, i) => {
    out += (i > 0 && i % group === 0 ? ' ' : '') + hex(byte);
  });
  return out;
}

/** The character a byte is drawn as: printable ASCII as itself, space and the rest as a middle dot. */
export function ascii(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
}

/** The index of the field each byte belongs to, −1 for none. Fields must be in order; where they overlap the later wins. */
export function owners(length: number, fields: readonly ByteField[]): Int32Array {
  const out = new Int32Array(length).fill(-1);
  fields.forEach((field, index) => {
    out.fill(index, field.start, field.end);
  });
  return out;
}
