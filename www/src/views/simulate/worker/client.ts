/** The page's end of the simulating thread. */

import { faultWords } from '../faults';
import type { Answers, Ask, Reply } from './protocol';

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
  onProgress?: (done: number) => void;
}

export class SimulateThread {
  #worker: Worker | null = null;
  #id = 0;
  readonly #waiting = new Map<number, Waiting>();

  ask<K extends Ask['kind']>(
    question: Extract<Ask, { kind: K }>,
    onProgress?: (done: number) => void,
  ): Promise<Answers[K]> {
    const id = ++this.#id;
    const worker = this.#start();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, onProgress });
      // Without the proxies that the page's state is made of, which can't be sent.
      // Evidence may be bytes, and is no such state.
      const ask = question.kind === 'evidence' ? question : JSON.parse(JSON.stringify(question));
      worker.postMessage({ id, ask });
    });
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./simulate.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data: reply }: MessageEvent<Reply>) => {
      const waiting = this.#waiting.get(reply.id);
      if (reply.kind === 'progress') return waiting?.onProgress?.(reply.done);
      this.#waiting.delete(reply.id);
      if (reply.kind === 'done') waiting?.resolve(reply.value as never);
      else waiting?.reject(new Error((reply.fault && faultWords(reply.fault)) ?? reply.detail));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      this.#worker = null;
      for (const { reject } of this.#waiting.values()) reject(new Error(event.message || 'the thread stopped'));
      this.#waiting.clear();
    };
    this.#worker = worker;
    return worker;
  }
}
