import { createResponder, decodeMessage, type Responder, type ServerCheck, type StunMessage } from '#echo';
import { stunFault } from '../../ui/stunFault';

/** A decoded message, or the sentence why the bytes are none. */
export function tryDecode(bytes: Uint8Array): { message: StunMessage } | { error: string } {
  try {
    return { message: decodeMessage(bytes) };
  } catch (error) {
    return { error: stunFault(error, bytes) };
  }
}

/** One column of the XOR table. */
export interface XorByte {
  wire: number;
  mask: number;
  result: number;
}

/** How XOR-MAPPED-ADDRESS is undone, byte by byte (RFC 8489 §14.2). */
export interface XorWorking {
  port: XorByte[];
  address: XorByte[];
  portNumber: number;
  /** The address in the form people write. */
  addressText: string;
  /** First and last byte of the attribute in the message. */
  start: number;
  end: number;
}

const XOR_MAPPED_ADDRESS = 0x0020;

/** The working for the message's XOR-MAPPED-ADDRESS; null when there is none that fits. */
export function xorWorking(message: StunMessage): XorWorking | null {
  const attribute = message.attributes.find((a) => a.type === XOR_MAPPED_ADDRESS);
  const mapped = message.mappedAddress;
  if (!attribute || !mapped || (attribute.length !== 8 && attribute.length !== 20)) return null;
  const { bytes } = message;
  // The mask is the cookie, and for IPv6 the transaction id after it: bytes 4 to 19 of the message itself.
  const column = (at: number, maskAt: number): XorByte => {
    const wire = bytes[at] ?? 0;
    const mask = bytes[maskAt] ?? 0;
    return { wire, mask, result: wire ^ mask };
  };
  const value = attribute.offset;
  return {
    port: [0, 1].map((i) => column(value + 2 + i, 4 + i)),
    address: Array.from({ length: attribute.length - 4 }, (_, i) => column(value + 4 + i, 4 + i)),
    portNumber: mapped.port,
    addressText: mapped.address,
    start: value - 4,
    end: value + attribute.length,
  };
}

/** One bit of the message type (RFC 8489 §5). */
export interface TypeBit {
  bit: 0 | 1;
  /** `zero`: always 00; `class`: C1 and C0; `method`: M11 to M0. */
  kind: 'zero' | 'class' | 'method';
}

export function typeBits(type: number): TypeBit[] {
  return Array.from({ length: 16 }, (_, i) => ({
    bit: ((type >>> (15 - i)) & 1) as 0 | 1,
    kind: i < 2 ? 'zero' : i === 7 || i === 11 ? 'class' : 'method',
  }));
}

/** Longest message the worker takes. */
const MAX_MESSAGE = 1500;

/** Verdict on a frame by the worker's rules, run here without credentials. */
export interface Prediction {
  /** `success`, an error code, a close code, or `silence`. */
  outcome: { kind: 'success' | 'silence' } | { kind: 'error' | 'close'; code: number };
  checks: readonly ServerCheck[];
}

/** Rules that the worker looks at before anything that depends on its settings. */
const FIRST: readonly ServerCheck['rule'][] = ['header', 'structure', 'cookie', 'fingerprint', 'class', 'method'];

/**
 * The steps to show beside what came (`success`, `error 400`, `close 1007`, `silence`). What was foretold is what the
 * worker did only as far as its answer agrees; that an answer was made is told when one came.
 */
export function stepsTaken(prediction: Prediction, actual: string): readonly ServerCheck[] {
  const { checks } = prediction;
  if (actual === outcomeName(prediction.outcome)) {
    return actual === 'success' ? checks : checks.filter(({ rule }) => rule !== 'response');
  }
  if (actual.startsWith('close')) return [];
  return checks.filter(({ rule, outcome }) => FIRST.includes(rule) && outcome !== 'failed');
}

export function outcomeName(outcome: Prediction['outcome']): string {
  return outcome.kind === 'error' || outcome.kind === 'close' ? `${outcome.kind} ${outcome.code}` : outcome.kind;
}

/** As the worker is set up when it asks for no credentials; made when first asked, since that unpacks the engine. */
let responder: Responder | null = null;
/** Any address will do: the checks do not look at it. */
const SOMEBODY = { address: '192.0.2.1', port: 0 };

export function predict(data: Uint8Array | string): Prediction {
  if (typeof data === 'string') return { outcome: { kind: 'close', code: 1003 }, checks: [] };
  if (data.length > MAX_MESSAGE) return { outcome: { kind: 'close', code: 1009 }, checks: [] };
  responder ??= createResponder({ refuseMalformed: true, fingerprint: true });
  const { verdict, code, checks } = responder.answer(data, SOMEBODY);
  if (verdict === 'success') return { outcome: { kind: 'success' }, checks };
  if (code !== null) return { outcome: { kind: 'error', code }, checks };
  const failed = checks.find((check) => check.outcome === 'failed')?.rule;
  return failed === 'header' || failed === 'structure'
    ? { outcome: { kind: 'close', code: 1007 }, checks }
    : { outcome: { kind: 'silence' }, checks };
}
