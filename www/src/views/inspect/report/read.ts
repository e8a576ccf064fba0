/** An input of any kind to a report: text and captures go to the engine as they are, notations first become bytes. */

import { analyze } from '#reading';
import { LineIndex } from '../model/lines';
import type { Phase, ReadAs } from '../worker/protocol';
import { buildReport } from './build';
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

export async function readInput(source: string | Uint8Array, readAs: ReadAs, progress: Progress): Promise<ReadResult> {
  const byteLength = typeof source === 'string' ? new TextEncoder().encode(source).length : source.length;
  const analysis = await analyze(inputFor(source, readAs), {
    onProgress: ({ phase, done, total }) => progress(phase, done, total),
  });
  const { input } = analysis;
  const text = typeof input === 'string' ? input : null;
  const lines = LineIndex.of(text ?? '');
  const report = await buildReport(analysis, text ?? '', lines, byteLength);
  return { report, text, bytes: typeof input === 'string' ? null : input, lines };
}

function inputFor(source: string | Uint8Array, readAs: ReadAs): string | Uint8Array {
  if (readAs === 'detect') return source;
  if (readAs === 'text') return typeof source === 'string' ? source : new TextDecoder().decode(source);
  const text = typeof source === 'string' ? source : new TextDecoder('latin1').decode(source);
  if (readAs === 'capture' && typeof source !== 'string') return source;
  return readAs === 'base64' ? fromBase64(text) : fromHex(text);
}
