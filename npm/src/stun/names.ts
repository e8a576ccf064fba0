/** Names come from the tables of the crate; this module reads them once. */
import { type AreaExports, raw, readOutput } from '../core.js';

/** The raw exports of `src/wasm/stun.rs`. */
export interface StunExports extends AreaExports {
  stun_is_message(length: number): number;
  stun_decode(length: number): number;
  stun_fingerprint(length: number): number;
  stun_verify(length: number, slot: number): number;
  stun_key_short(slot: number, length: number): number;
  stun_key_long(slot: number, username: number, realm: number, password: number, sha256: boolean): number;
  stun_user_hash(username: number, realm: number): number;
  stun_value(length: number, at: number, offset: number): number;
  stun_names(): number;
  stun_encode(length: number): number;
}

/** The shapes in which values cross; `mod shape` in `src/wasm/stun.rs`. */
export enum Shape {
  Bytes = 0,
  Flag = 1,
  Number = 2,
  Long = 3,
  Bit = 4,
  Address = 5,
  Text = 6,
  Error = 7,
  AddressError = 8,
  Codes = 9,
  Algorithm = 10,
  Algorithms = 11,
  Change = 12,
  Icmp = 13,
  Counter = 14,
  Ecn = 15,
  Network = 16,
  /** Encoding only: bytes whatever the table says of the type. */
  Raw = 254,
  /** Decoding only. */
  Malformed = 255,
}

/** What else the crate names; `mod named` in `src/wasm/stun.rs`. */
export enum Named {
  Method = 128,
  ParseError = 129,
  ValueError = 130,
  BuildError = 131,
  Rule = 132,
}

/** One row of a table. */
export interface Row {
  code: number;
  name: string;
  /** The shape of an attribute's value, or what the name is of. */
  what: Shape | Named;
  /** Bits of the classes an attribute may appear in: 1 request, 2 indication, 4 success, 8 error. */
  classes: number;
}

const list: Row[] = [];
const byName = new Map<string, Row>();
const byCode = new Map<number, Row>();

const key = (what: number, code: number) => (what < 128 ? code : what * 65536 + code);

function load(): void {
  const bytes = readOutput(raw<StunExports>().stun_names());
  const at = (index: number) => bytes[index] as number;
  const decoder = new TextDecoder();
  for (let i = 0; i < bytes.length; i += 5 + at(i + 4)) {
    const name = decoder.decode(bytes.subarray(i + 5, i + 5 + at(i + 4)));
    const row = { code: (at(i) << 8) | at(i + 1), name, what: at(i + 2), classes: at(i + 3) };
    list.push(row);
    byCode.set(key(row.what, row.code), row);
    if (row.what <= Named.Method) byName.set(name, row);
  }
}

/** Every row of every table. */
export function rows(): readonly Row[] {
  if (list.length === 0) load();
  return list;
}

/** The row of an attribute by its type. */
export function attributeRow(code: number): Row | undefined {
  rows();
  return byCode.get(code);
}

/** The row of an attribute or method by its name. */
export function rowOf(name: string): Row | undefined {
  rows();
  return byName.get(name);
}

/** The name of `code` in one of the other tables. */
export function nameOf(what: Named, code: number): string | undefined {
  rows();
  return byCode.get(key(what, code))?.name;
}

/** `0x8030`, as an attribute without a name is called. */
export function hexCode(code: number): string {
  return `0x${code.toString(16).padStart(4, '0')}`;
}

/** The type of the attribute called `name`, or written as `hexCode` writes it. */
export function attributeCode(attribute: string | number): number | undefined {
  if (typeof attribute === 'number') return attribute;
  const row = rowOf(attribute);
  if (row && row.what < 128) return row.code;
  return /^0x[\da-f]{4}$/i.test(attribute) ? Number(attribute) : undefined;
}
