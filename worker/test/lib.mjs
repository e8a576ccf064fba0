// A worker under workerd, and a real WebSocket client to it.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { within } from '../../pkg-tests/lib/limited.mjs';
import { startWorker } from '../../scripts/lib/worker.mjs';
import '../../pkg-tests/lib/ends.mjs';

/** Starts workerd for one test. */
export async function start(test, options) {
  const worker = await startWorker(options);
  test.after(() => worker.stop());
  return worker;
}

/** The code of a socket's end. */
export const closed = (socket) =>
  within(new Promise((resolve) => socket.once('close', resolve)), 'the close of a socket');

/** Opens `/stun`. Resolves with the socket, or rejects with the HTTP status as `error.status`. */
export async function connect(
  { url },
  { protocols = ['stun.icelens.v1'], headers = {}, path = '/stun', ...options } = {},
) {
  const target = new URL(path, url);
  target.protocol = 'ws:';
  const socket = new WebSocket(target, protocols, { headers, perMessageDeflate: false, ...options });
  socket.binaryType = 'nodebuffer';
  const opened = new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      reject(Object.assign(new Error(`HTTP ${response.statusCode}`), { status: response.statusCode, response }));
    });
  });
  await within(opened, 'the handshake');
  return socket;
}

/** The HTTP status of the handshake: 101 when it succeeds. */
export async function handshakeStatus(worker, options) {
  try {
    const socket = await connect(worker, options);
    socket.terminate();
    return 101;
  } catch (error) {
    return error.status;
  }
}

/** Sends one message and resolves with `{ reply }` or `{ close, reason }`, whichever comes first. */
export async function ask(socket, message) {
  const stop = new AbortController();
  const { signal } = stop;
  const reply = once(socket, 'message', { signal }).then(([data]) => ({ reply: new Uint8Array(data) }));
  const close = once(socket, 'close', { signal }).then(([code, reason]) => ({ close: code, reason: String(reason) }));
  for (const promise of [reply, close]) promise.catch(() => {});
  socket.send(message);
  try {
    return await within(Promise.race([reply, close]), 'an answer');
  } finally {
    stop.abort();
  }
}

/** Small deterministic generator (mulberry32): same seed, same numbers in [0, 1). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
