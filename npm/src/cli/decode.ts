/** `icelens decode`. */
import { existsSync } from 'node:fs';
import { scan } from '../scan.js';
import type { Field } from '../stun/fields.js';
import { decodeMessage, type StunMessage } from '../stun/full.js';
import type { Check, StunAttribute } from '../stun/message.js';
import { attributeRow } from '../stun/names.js';
import { StunError } from '../stun.js';
import { readAtMost } from './read.js';
import { reason } from './reason.js';
import { type Command, complain, type Parsed, print, printLines, readArgs, UsageError } from './usage.js';

const options = {
  json: { type: 'boolean', default: false },
  password: { type: 'string' },
  user: { type: 'string' },
  realm: { type: 'string' },
} as const;

/** The command. */
export const decode: Command = {
  usage: 'decode [HEX|BASE64|FILE]…',
  summary: 'Shows STUN and TURN messages field by field, with the bytes of each.',
  help: `A message is given as hex (spaces and colons allowed) or base64, as a file that holds its bytes, or on standard input ('-').
Of any other text, and of a capture, every message in it is shown.

      --password TEXT  says whether MESSAGE-INTEGRITY was made with this password: an ICE password, or that of a TURN
                       user where the message has a REALM or --realm is given
      --user NAME      the TURN user; that in the message
      --realm TEXT     the realm of the user; that in the message
      --json           prints the message as JSON; several as a list

Exit code: 0 decoded, 1 the password is not that of the message, 2 one of them is not a message.`,
  options,
  async run(args) {
    const { values, positionals } = readArgs(args, options);
    if (values.password === undefined && (values.user ?? values.realm) !== undefined)
      throw new UsageError('--user and --realm go with --password');
    const sources = positionals.length === 0 ? ['-'] : joined(positionals);
    if (sources.filter((source) => source === '-').length > 1) throw new UsageError("'-' can be read only once");
    const decoded: unknown[] = [];
    let code = 0;
    let isList = sources.length > 1;
    for (const source of sources) {
      try {
        const messages = await messagesOf(source);
        isList ||= messages.length > 1;
        for (const [index, bytes] of messages.entries()) {
          const number = messages.length > 1 ? `${index + 1} of ${messages.length}` : '';
          const title = [sources.length > 1 ? source : '', number].filter((part) => part !== '').join(', ');
          if (title !== '' && !values.json) print(`== ${title}`);
          const { plain, isSigned } = show(bytes, values);
          decoded.push(plain);
          if (!isSigned) code = Math.max(code, 1);
        }
      } catch (error) {
        if (sources.length === 1) throw error;
        complain(`icelens decode: ${source}: ${reason(error)}`);
        code = 2;
      }
    }
    if (values.json) printLines(JSON.stringify(isList ? decoded : decoded[0], null, 2));
    return code;
  },
};

type Values = Parsed<typeof options>['values'];

/** Arguments; pieces of hex that are each shorter than a header are one message, as a shell splits it without quotes. */
function joined(operands: string[]): string[] {
  const isPiece = (text: string) => /^(0x)?([0-9a-f]{2}){1,19}$/i.test(text) && !existsSync(text);
  if (operands.length < 2 || !operands.every(isPiece)) return operands;
  return [operands.map((text) => text.replace(/^0x/i, '')).join('')];
}

/**
 * The message as plain values, and printed unless it is for JSON; fails when it is none, after the fields that it has.
 * `isSigned` is false only where a password is given that is not that of the message.
 */
function show(bytes: Uint8Array, values: Values): { plain: unknown; isSigned: boolean } {
  try {
    const message = decodeMessage(bytes);
    const integrity = integrityOf(message, values);
    const isSigned = integrity === null || integrity === 'valid';
    if (values.json) {
      const plain = plainMessage(message);
      return { plain: integrity === null ? plain : { ...plain, integrity }, isSigned };
    }
    for (const line of lines(message, 0)) print(line);
    if (integrity !== null) print(INTEGRITIES[integrity]);
    return { plain: null, isSigned };
  } catch (error) {
    if (!(error instanceof StunError)) throw error;
    const before = bytes.length >= HEADER ? partial(bytes) : [];
    if (!values.json) for (const line of before) print(line);
    throw new Error(`no STUN message: ${error.message}`);
  }
}

const INTEGRITIES: Record<Check, string> = {
  valid: 'The password is that of the message.',
  invalid: 'The password is not that of the message, or the message was changed.',
  absent: 'The message has no MESSAGE-INTEGRITY: no password can be checked.',
};

/** Whether the message is signed with the password that was given; null when none was. */
function integrityOf(message: StunMessage, { password, user, realm }: Values): Check | null {
  if (password === undefined) return null;
  const theRealm = realm ?? message.realm;
  if (theRealm === null && user === undefined) return message.verify({ password });
  const username = user ?? message.username;
  if (theRealm === null) throw new UsageError('the message names no realm: give it with --realm');
  if (username === null) throw new UsageError('the message names no user: give it with --user');
  return message.verify({ username, realm: theRealm, password });
}

/** Bytes of the header. */
const HEADER = 20;
/** Messages in messages that are opened. */
const MAX_DEPTH = 4;

/** Most bytes that are read, as of a capture that is scanned. */
const MAX_INPUT = 64 << 20;
const FINGERPRINTS: Record<StunMessage['fingerprint'], string> = {
  valid: 'FINGERPRINT is right.',
  invalid: 'FINGERPRINT is wrong, or not the last attribute.',
  absent: 'There is no FINGERPRINT.',
};

/** The message that a DATA attribute carries; `null` when it is none. */
function inside(attribute: StunAttribute): StunMessage | null {
  if (attribute.name !== 'DATA') return null;
  try {
    return decodeMessage(attribute.raw);
  } catch {
    return null;
  }
}

/** The fields of a message, the messages in it, and whether FINGERPRINT is right. */
function lines(message: StunMessage, depth: number): string[] {
  const indent = '  '.repeat(depth * 2);
  const fields = message.fields().flatMap((field) => fieldLines(field, 0));
  const within =
    depth >= MAX_DEPTH
      ? []
      : message.attributes.flatMap((attribute) => {
          const data = inside(attribute);
          return data === null ? [] : [`${indent}in DATA: ${data.method} ${data.class}`, ...lines(data, depth + 1)];
        });
  const strange = nearlyCookie(message.bytes);
  return [
    ...fields.map((line) => indent + line),
    ...(strange === null ? [] : [indent + strange]),
    indent + FINGERPRINTS[message.fingerprint],
    ...within,
  ];
}

/** The message as plain values, with the messages in its DATA. */
function plainMessage(message: StunMessage): object {
  const withInner = (one: StunMessage, depth: number): object => {
    const plain = one.toJSON() as Record<string, unknown>;
    const found = depth >= MAX_DEPTH ? [] : one.attributes.map(inside).filter((data) => data !== null);
    return found.length === 0 ? plain : { ...plain, inData: found.map((data) => withInner(data, depth + 1)) };
  };
  return withInner(message, 0);
}

/** Sentence about a cookie that differs from the right one in a few bits: the message is then read as RFC 3489. */
function nearlyCookie(bytes: Uint8Array): string | null {
  const cookie = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4);
  let bits = 0;
  for (let rest = cookie ^ 0x2112a442; rest !== 0; rest &= rest - 1) bits++;
  if (bits === 0 || bits > 4) return null;
  const written = cookie.toString(16).padStart(8, '0');
  return `${written} is nearly the magic cookie 2112a442 (${bits} ${bits === 1 ? 'bit' : 'bits'} off): read as RFC 3489, and XOR addresses come out wrong.`;
}

/** The fields of bytes that are not a whole message, up to the fault. */
function partial(bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const digits = (start: number, end: number) => Buffer.from(bytes.subarray(start, end)).toString('hex');
  const row = (start: number, end: number, name: string, text: string) =>
    `${`${start}–${end - 1}`.padStart(9)}  ${name.padEnd(26)} ${text}`.trimEnd();
  const out = [
    row(0, 2, 'Message type', `0x${digits(0, 2)}`),
    row(2, 4, 'Message length', `${view.getUint16(2)} of ${bytes.length - HEADER} that are here`),
    row(4, 8, 'Magic cookie', `0x${digits(4, 8)}`),
    row(8, 20, 'Transaction id', digits(8, 20)),
  ];
  for (let at = HEADER; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at + 2);
    const end = at + 4 + length;
    const name = attributeRow(view.getUint16(at))?.name ?? `0x${digits(at, at + 2)}`;
    if (end > bytes.length) {
      out.push(
        row(
          at,
          bytes.length,
          name,
          `says ${length} bytes, ${bytes.length - at - 4} are here: ${digits(at + 4, bytes.length)}`,
        ),
      );
      break;
    }
    out.push(row(at, end, name, digits(at + 4, end)));
    at = at + 4 + Math.ceil(length / 4) * 4;
  }
  return out;
}

function fieldLines({ name, start, end, text, children = [] }: Field, depth: number): string[] {
  const place = `${start}–${end - 1}`.padStart(9);
  const line = `${place}  ${'  '.repeat(depth)}${name.padEnd(26 - 2 * depth)} ${text}`.trimEnd();
  return [line, ...children.flatMap((child) => fieldLines(child, depth + 1))];
}

/** The messages of an argument: one that it is, or else those that are found in it. */
async function messagesOf(argument: string): Promise<Uint8Array[]> {
  // A path such as /tmp/captured/requests/first is base64 too: a file that is there comes first.
  const written = existsSync(argument) ? undefined : fromText(argument);
  if (written) return [written];
  if (argument !== '-' && !existsSync(argument)) {
    const found = messagesIn(argument);
    if (found.length > 0) return found;
  }
  const bytes = await readInput(argument);
  const whole = fromText(new TextDecoder().decode(bytes)) ?? bytes;
  if (whole !== bytes || isMessage(bytes)) return [whole];
  const found = messagesIn(bytes);
  return found.length > 0 ? found : [bytes];
}

/** The bytes of each message in a text or a capture. */
function messagesIn(input: string | Uint8Array<ArrayBuffer>): Uint8Array[] {
  return scan(input).flatMap((finding) => (finding.kind === 'stun' && finding.value ? [finding.value.bytes] : []));
}

function isMessage(bytes: Uint8Array): boolean {
  try {
    decodeMessage(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The bytes that hex or base64 stands for, if the text is one of them. */
function fromText(text: string): Uint8Array | undefined {
  const hex = text.replace(/^\s*0x|[\s:]/g, '');
  // Fewer bytes than a header has are a message that was cut off.
  if (/^([0-9a-f]{2}){4,}$/i.test(hex)) return Buffer.from(hex, 'hex');
  const base64 = text.replace(/\s/g, '');
  if (/^[A-Za-z0-9+/_-]{27,}=*$/.test(base64)) return Buffer.from(base64, 'base64');
  return undefined;
}

/** A file's bytes, or those of standard input (`-`). */
async function readInput(file: string): Promise<Uint8Array<ArrayBuffer>> {
  if (file === '-' && process.stdin.isTTY) {
    throw new UsageError('nothing to read: give it as an argument or on standard input');
  }
  try {
    return await readAtMost(file, MAX_INPUT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`can't read '${file}': it is neither hex nor base64 of a message, nor a file`);
  }
}
