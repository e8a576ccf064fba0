// RTCPeerConnection of a browser as an agent. Its ICE is what is looked at: the other side speaks no DTLS, so that data to
// the browser can't be seen there; its own ClientHello is the data that it sends.
import { Told } from './told.mjs';

/** The description of an agent with one data channel section. */
function description({ ufrag, pwd, lite = false, options = [] }, setup, version) {
  const lines = [
    'v=0',
    `o=- 4611731400430051336 ${version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    ...(lite ? ['a=ice-lite'] : []),
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=ice-options:${['trickle', ...options].join(' ')}`,
    `a=fingerprint:sha-256 ${Array(32).fill('A5').join(':')}`,
    `a=setup:${setup}`,
    'a=mid:0',
    'a=sctp-port:5000',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Runs in the page: makes the connection, and keeps what happens for `drain`. */
function open({ controlling, turn, relayOnly }) {
  const told = [];
  const iceServers = turn ? [{ urls: `turn:${turn.address}`, username: turn.username, credential: turn.password }] : [];
  const pc = new RTCPeerConnection({ iceServers, iceTransportPolicy: relayOnly ? 'relay' : 'all' });
  globalThis.peer = { pc, told, controlling };
  pc.onicecandidate = ({ candidate }) => {
    if (candidate === null) told.push({ end: true });
    // The empty one ends a generation; null comes too.
    else if (candidate.candidate !== '') told.push({ candidate: candidate.candidate });
  };
  pc.oniceconnectionstatechange = () => told.push({ state: pc.iceConnectionState });
  globalThis.parametersOf = (sdp) => ({
    ufrag: sdp.match(/a=ice-ufrag:(\S+)/)[1],
    pwd: sdp.match(/a=ice-pwd:(\S+)/)[1],
    options: (sdp.match(/a=ice-options:(.*)/)?.[1] ?? '').trim().split(' '),
  });
  if (!controlling) return;
  pc.createDataChannel('interop');
  return globalThis.offer();
}

/** Runs in the page: what `open` and `take` share. */
function prepare() {
  globalThis.offer = async (iceRestart = false) => {
    const { pc, told } = globalThis.peer;
    await pc.setLocalDescription(await pc.createOffer({ iceRestart }));
    told.push({ parameters: globalThis.parametersOf(pc.localDescription.sdp) });
  };
}

/** Runs in the page: does what a message asks. */
async function take(message) {
  const { pc, told, controlling } = globalThis.peer;
  const { sdp, candidate, end, restart, state, selected } = message;
  if (sdp && controlling) await pc.setRemoteDescription({ type: 'answer', sdp });
  if (sdp && !controlling) {
    await pc.setRemoteDescription({ type: 'offer', sdp });
    await pc.setLocalDescription();
    told.push({ parameters: globalThis.parametersOf(pc.localDescription.sdp) });
  }
  if (candidate) await pc.addIceCandidate({ candidate, sdpMid: '0', sdpMLineIndex: 0 });
  if (end) await pc.addIceCandidate({ candidate: '', sdpMid: '0', sdpMLineIndex: 0 });
  if (restart && controlling) await globalThis.offer(true);
  if (state) told.push({ state: pc.iceConnectionState });
  if (!selected) return;
  const stats = [...(await pc.getStats()).values()];
  const pair = stats.find(
    ({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded',
  );
  const kind = (id) => stats.find((it) => it.id === id)?.candidateType;
  const role = pc.sctp?.transport?.iceTransport?.role;
  told.push({
    selected: pair ? `${kind(pair.localCandidateId)} → ${kind(pair.remoteCandidateId)}` : null,
    ...(role && { controlling: role === 'controlling' }),
  });
}

export class BrowserPeer {
  told = new Told();
  #page;
  #work;
  #timer;
  #controlling;
  #version = 1;

  constructor(page, config) {
    this.#page = page;
    this.#controlling = config.controlling;
    this.#work = page.evaluate(prepare).then(() => page.evaluate(open, config));
    this.#work.catch((error) => this.told.push({ error: error.message }));
    this.#timer = setInterval(() => this.#drain(), 50);
  }

  async #drain() {
    try {
      const told = await this.#page.evaluate(() => globalThis.peer?.told.splice(0) ?? []);
      for (const message of told) this.told.push(message);
    } catch (error) {
      this.told.end(error.message);
    }
  }

  give(message) {
    const { remote, ...rest } = message;
    const given = remote
      ? { ...rest, sdp: description(remote, this.#controlling ? 'passive' : 'actpass', this.#version++) }
      : message;
    this.#work = this.#work
      .then(() => this.#page.evaluate(take, given))
      .catch((error) => this.told.push({ error: error.message }));
  }

  async close() {
    clearInterval(this.#timer);
    await this.#page.close();
  }
}
