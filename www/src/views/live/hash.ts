/** SHA-256 of a file in hex, worked out in a thread of its own; null when the file can't be read. */
export function sha256(file: Blob): Promise<string | null> {
  const worker = new Worker(new URL('./worker/hash.worker.ts', import.meta.url), { type: 'module' });
  const digest = new Promise<string | null>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<string | null>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(null);
    };
    worker.postMessage(file);
  });
  return digest.finally(() => worker.terminate());
}
