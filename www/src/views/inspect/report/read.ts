/** An input of any kind to a report: decides whether it is text or bytes, and has the engine search it. */

import { parseSdp, scan } from 'icelens';
import { LineIndex } from '../model/lines';
import type { Phase, ReadAs } from '../worker/protocol';
import { buildReport, type FoundSdp } from './build';
import { fromBase64, fromHex } from './bytes';
import type { Report } from './types';

export interface ReadResult {
  report: Report;
  /** The input as text; null when it is bytes. */
  text: string | null;
  bytes: Uint8Array | null;
  lines: LineIndex;
}

export type Progress = (phase: Phase, done: number, total: number) => void;

export function readInput(input: string | Uint8Array, readAs: ReadAs, progress: Progress): ReadResult {
  if (typeof input !== 'string') {
    const text = readAs === 'capture' ? null : decodeText(input);
    return text === null ? readBytes(input, progress) : readText(text, readAs, input.length, progress);
  }
  return readText(input, readAs, new TextEncoder().encode(input).length, progress);
}

function readText(text: string, readAs: ReadAs, byteLength: number, progress: Progress): ReadResult {
  if (readAs === 'hex' || readAs === 'base64') {
    const bytes = readAs === 'hex' ? fromHex(text) : fromBase64(text);
    return readBytes(bytes, progress);
  }
  progress('scan', 0, 0);
  const found = readAs === 'sdp' ? [wholeSdp(text)] : scan(text);
  progress('explain', 0, 0);
  const lines = LineIndex.of(text);
  return { report: buildReport(found, text, lines, byteLength), text, bytes: null, lines };
}

function readBytes(bytes: Uint8Array, progress: Progress): ReadResult {
  progress('scan', 0, 0);
  const found = scan(bytes);
  progress('explain', 0, 0);
  const lines = LineIndex.of('');
  return { report: buildReport(found, '', lines, bytes.length), text: null, bytes, lines };
}

/** The whole text as one description, where the reader knows better than the search. */
function wholeSdp(text: string): FoundSdp {
  const value = parseSdp(text);
  const setup = value.media[0]?.dtls.setup ?? null;
  return {
    kind: 'sdp',
    start: 0,
    end: text.length,
    side: null,
    type: setup === null ? null : setup === 'actpass' ? 'offer' : 'answer',
    fragment: false,
    message: null,
    text,
    value,
    diagnostics: value.diagnostics,
    locate: (offset) => offset,
  };
}

/** The first bytes of pcap (either byte order, µs or ns) and pcapng files. */
const CAPTURE_MAGIC = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a]);

export function isCapture(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && CAPTURE_MAGIC.has(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
}

/** The file's text by its byte order mark, else UTF-8; null for captures and other bytes. */
export function decodeText(bytes: Uint8Array): string | null {
  if (isCapture(bytes)) return null;
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.slice(0, 4096).includes('\0') ? null : text;
  } catch {
    return binaryShare(bytes) > 0.1 ? null : new TextDecoder().decode(bytes);
  }
}

/** Share of control characters among the first bytes: logs with a broken character stay text. */
function binaryShare(bytes: Uint8Array): number {
  const head = bytes.subarray(0, 4096);
  let controls = 0;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32)) controls++;
  return head.length === 0 ? 0 : controls / head.length;
}
