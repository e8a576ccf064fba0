// Messages per second of the worker beside a bare echo worker, in one run under workerd: `npm run bench -w worker`.
// Rounds alternate, so that both see the same machine; the figures are medians.
import { once } from 'node:events';
import { decodeMessage, encodeMessage } from 'icelens';
import { Miniflare } from 'miniflare';
import { WebSocket } from 'ws';
import { startWorker, wranglerConfig } from '../../scripts/lib/worker.mjs';

const CONNECTIONS = 8;
const WINDOW = 16;
const MESSAGES = 20_000;
const ROUNDS = 9;
const GOAL = 0.9;

const echo = `export default { fetch() {
  const { 0: client, 1: server } = new WebSocketPair();
  server.binaryType = 'arraybuffer';
  server.accept();
  server.addEventListener('message', ({ data }) => server.send(data));
  return new Response(null, { status: 101, webSocket: client });
} };`;

const request = encodeMessage({ class: 'request', method: 'binding' });
// Straight to the worker, without the server that miniflare puts in front.
const direct = [{ host: '127.0.0.1', port: 0 }];

async function startEcho() {
  const { compatibility_date: compatibilityDate, compatibility_flags: compatibilityFlags } = wranglerConfig();
  const options = {
    modules: true,
    script: echo,
    compatibilityDate,
    compatibilityFlags,
    cf: false,
    unsafeDirectSockets: direct,
  };
  const miniflare = new Miniflare(options);
  await miniflare.ready;
  return miniflare;
}

async function connect(url) {
  const socket = new WebSocket(url.href.replace('http', 'ws'), {
    perMessageDeflate: false,
    headers: { 'CF-Connecting-IP': '192.0.2.1' },
  });
  await once(socket, 'open');
  return socket;
}

/** One round: messages per second over all connections. `check` looks at every reply. */
async function round(sockets, check) {
  const each = MESSAGES / sockets.length;
  const started = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve, reject) => {
          let sent = 0;
          let received = 0;
          const onMessage = (data) => {
            if (!check(data)) return reject(new Error('a wrong reply'));
            if (++received === each) {
              socket.off('message', onMessage);
              return resolve();
            }
            if (sent < each) {
              sent++;
              socket.send(request);
            }
          };
          socket.on('message', onMessage);
          socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
          for (; sent < WINDOW; sent++) socket.send(request);
        }),
    ),
  );
  return (MESSAGES * 1000) / (performance.now() - started);
}

async function shut(sockets) {
  await Promise.all(
    sockets.map((socket) => {
      // That a round ended is not a failure of it.
      socket.removeAllListeners('close').close(1000);
      return once(socket, 'close');
    }),
  );
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

const bare = await startEcho();
const worker = await startWorker({ vars: { MESSAGES_PER_SECOND: '1000000' }, unsafeDirectSockets: direct });
try {
  const stunUrl = new URL('/stun', await worker.miniflare.unsafeGetDirectURL());
  const echoUrl = await bare.unsafeGetDirectURL();
  const open = (url) => Promise.all(Array.from({ length: CONNECTIONS }, () => connect(url)));
  let [stunSockets, echoSockets] = [await open(stunUrl), await open(echoUrl)];
  const [first] = await Promise.all([once(stunSockets[0], 'message'), stunSockets[0].send(request)]);
  const { length } = first[0];
  if (decodeMessage(new Uint8Array(first[0])).class !== 'success') throw new Error('the worker does not answer');
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) {
    // A connection has a fixed amount of answers, so each round has new ones.
    await shut([...stunSockets, ...echoSockets]);
    [stunSockets, echoSockets] = [await open(stunUrl), await open(echoUrl)];
    const echoed = await round(echoSockets, (data) => data.length === request.length);
    const answered = await round(stunSockets, (data) => data.length === length);
    // The first round warms both up.
    if (i > 0) rounds.push({ echoed, answered, ratio: answered / echoed });
  }
  const [echoed, answered] = [median(rounds.map((r) => r.echoed)), median(rounds.map((r) => r.answered))];
  const ratio = median(rounds.map((r) => r.ratio));
  console.log(`bare echo ${Math.round(echoed)} messages/s, STUN ${Math.round(answered)} messages/s`);
  console.log(`ratio ${ratio.toFixed(2)} (goal ${GOAL})`);
  await shut([...stunSockets, ...echoSockets]);
} finally {
  await worker.stop();
  await bare.dispose();
}
