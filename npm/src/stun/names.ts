/** Names come from the tables of the crate; this module reads them once. */
import { mustBe } from '../argument.js';
import { type AreaExports, memoryBytes, raw } from '../core.js';
import { textOf } from '../text.js';

/** The raw exports of `wasm/src/stun.rs` and its neighbours. */
export interface StunExports extends AreaExports {
  stun_decode(length: number): number;
  stun_fingerprint(length: number): number;
  stun_verify(length: number, slot: number): number;
  stun_key(slot: number, length: number, algorithm: number): void;
  stun_hash(length: number): number;
  stun_names(): number;
  stun_encode(length: number, kind: number, method: number, flags: number, slot: number): number;
}

/** Kind of an attribute's value; `Kind::number` in `src/stun/attribute_table.rs`. From `Flag` on it is numbers at fixed places. */
export enum Kind {
  Bytes = 0,
  Text = 1,
  Address = 2,
  XorAddress = 3,
  ErrorCode = 4,
  AddressErrorCode = 5,
  Codes = 6,
  Algorithm = 7,
  Algorithms = 8,
  Flag = 9,
  Byte = 10,
  Short = 11,
  Word = 12,
  Long = 13,
  TopBit = 14,
  ChangeRequest = 15,
  Icmp = 16,
  TransmitCounter = 17,
  EcnCheck = 18,
  NetworkInfo = 19,
}

/** The form of an attribute's value. */
export type ValueForm =
  | 'bytes'
  | 'flag'
  | 'number'
  | 'bigint'
  | 'boolean'
  | 'address'
  | 'text'
  | 'error'
  | 'address-error'
  | 'codes'
  | 'algorithm'
  | 'algorithms'
  | 'change-request'
  | 'icmp'
  | 'counter'
  | 'ecn'
  | 'network';

/** The form of the values of each kind. */
export const forms: Record<Kind, ValueForm> = {
  [Kind.Bytes]: 'bytes',
  [Kind.Text]: 'text',
  [Kind.Address]: 'address',
  [Kind.XorAddress]: 'address',
  [Kind.ErrorCode]: 'error',
  [Kind.AddressErrorCode]: 'address-error',
  [Kind.Codes]: 'codes',
  [Kind.Algorithm]: 'algorithm',
  [Kind.Algorithms]: 'algorithms',
  [Kind.Flag]: 'flag',
  [Kind.Byte]: 'number',
  [Kind.Short]: 'number',
  [Kind.Word]: 'number',
  [Kind.Long]: 'bigint',
  [Kind.TopBit]: 'boolean',
  [Kind.ChangeRequest]: 'change-request',
  [Kind.Icmp]: 'icmp',
  [Kind.TransmitCounter]: 'counter',
  [Kind.EcnCheck]: 'ecn',
  [Kind.NetworkInfo]: 'network',
};

/** Other things that the crate names; `mod named` in `wasm/src/stun_names.rs`. */
export enum Named {
  Method = 32,
  Reason = 33,
  ParseError = 34,
  Rule = 35,
}

/** One row of a table. */
export interface Row {
  code: number;
  name: string;
  /** The kind of an attribute's value, or what the name is of. */
  what: Kind | Named;
  /** Least and most bytes, for `Bytes` and `Text`. */
  least: number;
  most: number;
}

const list: Row[] = [];
const byName = /* @__PURE__ */ new Map<string, Row>();
const byCode = /* @__PURE__ */ new Map<number, Row>();

const key = (what: number, code: number) => (what < Named.Method ? code : what * 65536 + code);

/** Reads the table, which is written column by column: see `Pack::table` in `wasm/src/stun_names.rs`. */
function load(): void {
  const bytes = memoryBytes().subarray(raw<StunExports>().stun_names());
  const end = bytes.indexOf(0);
  const names = textOf(bytes.subarray(0, end - 1)).split('\n');
  let column = end + 1;
  let low = 0;
  let limits = column + 3 * names.length;
  const short = () => ((bytes[limits++] as number) << 8) | (bytes[limits++] as number);
  for (const name of names) {
    const what = bytes[column] as number;
    low = (low + (bytes[column + 2 * names.length] as number)) & 255;
    const code = ((bytes[column++ + names.length] as number) << 8) | low;
    const limited = what <= Kind.Text;
    const row = { code, name, what, least: limited ? short() : 0, most: limited ? short() : 0 };
    list.push(row);
    byCode.set(key(what, code), row);
    if (what <= Named.Method) byName.set(name, row);
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
  if (typeof attribute !== 'string') throw mustBe('attribute', 'a name or a number', attribute);
  const row = rowOf(attribute);
  if (row && row.what < Named.Method) return row.code;
  return /^0x[\da-f]{4}$/i.test(attribute) ? Number(attribute) : undefined;
}
