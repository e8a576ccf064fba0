/** Files and standard input, read whole up to a limit. */
import { createReadStream } from 'node:fs';

/**
 * Bytes of a file, or of standard input (`-`). More than `limit` of them is an error: a device or a pipe may never end.
 * Errors of the system are passed on, with the file in `path`.
 */
export async function readAtMost(file: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let length = 0;
  const stream: AsyncIterable<Buffer> = file === '-' ? process.stdin : createReadStream(file);
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit)
      throw new Error(`${named(file)}: longer than ${limit >> 20} MiB, which is the most that is read`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const named = (file: string) => (file === '-' ? 'standard input' : `'${file}'`);
