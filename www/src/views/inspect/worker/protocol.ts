/** Messages between the page and the reading thread. */

import type { Report } from '../report/types';

/** How the input is to be read; `detect` decides by what is in it. */
export const READ_AS = ['detect', 'text', 'capture', 'hex', 'base64'] as const;
export type ReadAs = (typeof READ_AS)[number];

/** Most input read: what one call of the engine takes. */
export const MAX_INPUT = 64 << 20;

export interface Request {
  id: number;
  source: string | Blob;
  readAs: ReadAs;
}

/** Tables that may be long come in parts, so that no message keeps the page busy. */
export const LONG_TABLES = ['descriptions', 'candidates', 'ends', 'diagnostics', 'messages', 'checks'] as const;
export type LongTable = (typeof LONG_TABLES)[number];

/** Rows of one part. */
export const PART = 1000;

export type Phase = 'load' | 'read' | 'scan' | 'explain';

export type Reply =
  | { id: number; kind: 'progress'; phase: Phase; done: number; total: number }
  | { id: number; kind: 'head'; report: Report; text: string | null; bytes: Uint8Array | null; starts: Uint32Array }
  | { id: number; kind: 'part'; table: LongTable; rows: unknown[] }
  | { id: number; kind: 'end' }
  | { id: number; kind: 'failed'; reason: 'too-large' | 'unreadable' | 'engine'; detail: string };
