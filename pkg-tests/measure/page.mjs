/** Functions for the page of a browser under measurement: each is sent there whole, so it uses nothing outside. */

/** Offers that this browser makes, by the name of what they are for. */
export async function makeOffers() {
  const canvas = document.createElement('canvas');
  canvas.getContext('2d');
  const video = () => canvas.captureStream(1);
  const audio = () => new AudioContext().createMediaStreamDestination().stream;
  const track = (pc, stream) => pc.addTrack(stream.getTracks()[0], stream);
  const layers = { direction: 'sendonly', sendEncodings: ['h', 'm', 'l'].map((rid) => ({ rid })) };
  const gathered = (pc) =>
    new Promise((resolve) => {
      pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
      setTimeout(resolve, 3000);
    });
  const all = (pc) => {
    pc.addTransceiver('audio');
    pc.addTransceiver('video');
    pc.createDataChannel('x');
  };
  const makers = {
    data: [{}, (pc) => void pc.createDataChannel('x')],
    'data-candidates': [{}, (pc) => void pc.createDataChannel('x'), true],
    audio: [{}, (pc) => void pc.addTransceiver('audio')],
    'all-balanced': [{ bundlePolicy: 'balanced' }, all],
    'all-max-compat': [{ bundlePolicy: 'max-compat' }, all, true],
    'all-max-bundle': [{ bundlePolicy: 'max-bundle' }, all],
    tracks: [{}, (pc) => [track(pc, audio()), track(pc, video())]],
    simulcast: [{}, (pc) => void pc.addTransceiver(video().getTracks()[0], layers)],
    'receive-only': [
      {},
      (pc) => {
        pc.addTransceiver('audio', { direction: 'recvonly' });
        pc.addTransceiver('video', { direction: 'inactive' });
      },
    ],
  };
  const offers = {};
  for (const [name, [configuration, prepare, candidates]] of Object.entries(makers)) {
    const pc = new RTCPeerConnection(configuration);
    prepare(pc);
    await pc.setLocalDescription();
    if (candidates) await gathered(pc);
    offers[name] = pc.localDescription.sdp;
    pc.close();
  }
  // A second offer on a running connection, with one section stopped.
  const [one, other] = [new RTCPeerConnection(), new RTCPeerConnection()];
  const stopped = one.addTransceiver('audio');
  one.addTransceiver('video');
  one.createDataChannel('x');
  await one.setLocalDescription();
  await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription();
  await one.setRemoteDescription(other.localDescription);
  stopped.stop();
  await one.setLocalDescription();
  offers['second-stopped'] = one.localDescription.sdp;
  one.close();
  other.close();
  return offers;
}

/** Verdict of `setRemoteDescription` on each text as an offer: `ok`, or the error. */
export async function tryOffers(texts) {
  const verdicts = [];
  for (const sdp of texts) {
    const pc = new RTCPeerConnection();
    try {
      await pc.setRemoteDescription({ type: 'offer', sdp });
      verdicts.push('ok');
    } catch (error) {
      verdicts.push(`${error.name}: ${error.message}`);
    }
    pc.close();
  }
  return verdicts;
}

/**
 * Fate of each text as a candidate: `used` when a pair with it appears within `wait` milliseconds, `ignored` when
 * none does, or the error of `addIceCandidate`. Each has a connection of its own.
 */
export async function tryCandidates({ texts, wait, offer }) {
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const hasPair = async (pc) => [...(await pc.getStats()).values()].some((one) => one.type === 'candidate-pair');
  return Promise.all(
    texts.map(async (candidate) => {
      const pc = new RTCPeerConnection();
      try {
        await pc.setRemoteDescription({ type: 'offer', sdp: offer });
        await pc.setLocalDescription();
        for (let waited = 0; pc.iceGatheringState !== 'complete' && waited < 5000; waited += 50) await sleep(50);
        try {
          await pc.addIceCandidate({ candidate, sdpMid: '0' });
        } catch (error) {
          return `rejected ${error.name}: ${error.message}`;
        }
        for (let waited = 0; waited < wait; waited += 100) {
          if (await hasPair(pc)) return 'used';
          await sleep(100);
        }
        return (await hasPair(pc)) ? 'used' : 'ignored';
      } finally {
        pc.close();
      }
    }),
  );
}
