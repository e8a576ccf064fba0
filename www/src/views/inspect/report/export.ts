/** The findings as one JSON document. BigInt priorities are written as digits in a string, bytes as hex. */

import { hexText } from '../../../ui/bytes';
import type { Reading } from '../worker/client';

export function exportJson(reading: Reading, name: string | null): string {
  const { report } = reading;
  return JSON.stringify(
    { format: 'icelens.findings', version: 1, input: { name, ...head(reading) }, ...report },
    plain,
    2,
  );
}

function head({ report, text }: Reading): { kind: string; bytes: number; offsets: string | null } {
  return { kind: report.kind, bytes: report.byteLength, offsets: text === null ? null : 'utf-16' };
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? hexText(value) : value;
}
