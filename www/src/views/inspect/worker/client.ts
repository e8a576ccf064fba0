/** The page's end of the reading thread: one reading at a time, progress, and a cancel that really stops it. */

import type { Report } from '../report/types';
import type { Phase, ReadAs, Reply, Request } from './protocol';

export interface Reading {
  report: Report;
  text: string | null;
  bytes: Uint8Array | null;
  starts: Uint32Array;
}

export interface Handlers {
  onProgress(phase: Phase, done: number, total: number): void;
  onReading(reading: Reading): void;
  onFailure(reason: 'too-large' | 'unreadable' | 'engine' | 'unfetched', detail: string): void;
}

export class ReaderThread {
  #worker: Worker | null = null;
  #id = 0;
  #busy = false;

  read(source: string | Blob, readAs: ReadAs, handlers: Handlers): void {
    this.cancel();
    const id = ++this.#id;
    const worker = this.#start();
    let reading: Reading | null = null;
    this.#busy = true;
    worker.onmessage = ({ data: reply }: MessageEvent<Reply>) => {
      if (reply.id !== id) return;
      if (reply.kind === 'progress') handlers.onProgress(reply.phase, reply.done, reply.total);
      else if (reply.kind === 'head') {
        const { report, text, bytes, starts } = reply;
        reading = { report, text, bytes, starts };
      } else if (reply.kind === 'part' && reading !== null) {
        (reading.report[reply.table] as unknown[]).push(...reply.rows);
      } else if (reply.kind === 'end' && reading !== null) {
        this.#busy = false;
        handlers.onReading(reading);
      } else if (reply.kind === 'failed') {
        this.#busy = false;
        handlers.onFailure(reply.reason, reply.detail);
      }
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#stop();
      // A thread whose script did not come has no words for it.
      handlers.onFailure(event.message ? 'engine' : 'unfetched', event.message ?? '');
    };
    const request: Request = { id, source, readAs };
    worker.postMessage(request);
  }

  /** Ends a reading under way. A call into wasm can't be interrupted, so its thread goes with it. */
  cancel(): void {
    if (this.#busy) this.#stop();
  }

  #start(): Worker {
    this.#worker ??= new Worker(new URL('./inspect.worker.ts', import.meta.url), { type: 'module' });
    return this.#worker;
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#busy = false;
  }
}
