/** The reading thread: takes a text or a file, searches it, explains it, and posts the result in parts. */

import type { LineIndex } from '../model/lines';
import { readInput } from '../report/read';
import type { Report } from '../report/types';
import { LONG_TABLES, MAX_INPUT, PART, type Reply, type Request } from './protocol';

const post = (reply: Reply, transfer: Transferable[] = []) => postMessage(reply, { transfer });

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  try {
    await answer(data);
  } catch (error) {
    post({
      id: data.id,
      kind: 'failed',
      reason: 'engine',
      detail: error instanceof Error ? error.message : String(error),
    });
  }
});

async function answer({ id, source, readAs }: Request): Promise<void> {
  const size = typeof source === 'string' ? source.length : source.size;
  if (size > MAX_INPUT) {
    post({ id, kind: 'failed', reason: 'too-large', detail: `${Math.ceil(size / (1 << 20))} MiB` });
    return;
  }
  const input = typeof source === 'string' ? source : await readBlob(id, source);
  if (input === null) return;
  const began = performance.now();
  const result = await readInput(input, readAs, (phase, done, total) =>
    post({ id, kind: 'progress', phase, done, total }),
  );
  result.report.elapsed = performance.now() - began;
  send(id, result.report, result.text, result.bytes, result.lines);
}

async function readBlob(id: number, blob: Blob): Promise<Uint8Array | null> {
  const whole = new Uint8Array(blob.size);
  let done = 0;
  try {
    const reader = blob.stream().getReader();
    for (;;) {
      const part = await reader.read();
      if (part.done) break;
      whole.set(part.value, done);
      done += part.value.length;
      post({ id, kind: 'progress', phase: 'read', done, total: blob.size });
    }
  } catch (error) {
    post({ id, kind: 'failed', reason: 'unreadable', detail: error instanceof Error ? error.message : String(error) });
    return null;
  }
  return whole;
}

function send(id: number, report: Report, text: string | null, bytes: Uint8Array | null, lines: LineIndex): void {
  const head: Report = { ...report };
  for (const table of LONG_TABLES) head[table] = [];
  const { starts } = lines;
  const transfer: Transferable[] = [starts.buffer];
  if (bytes !== null) transfer.push(bytes.buffer);
  post({ id, kind: 'head', report: head, text, bytes, starts }, transfer);
  for (const table of LONG_TABLES) {
    const rows = report[table];
    for (let at = 0; at < rows.length; at += PART) post({ id, kind: 'part', table, rows: rows.slice(at, at + PART) });
  }
  post({ id, kind: 'end' });
}
