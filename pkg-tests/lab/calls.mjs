/**
 * The calls of the lab between two Chromiums, each behind a kernel NAT of its own, and how each is recorded: the
 * webrtc-internals dumps of both, and a capture at the offerer.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { find, SERVERS } from './network.mjs';

export const STUN = { urls: SERVERS.map((address) => `stun:${address}:3478`) };
export const turn = (transport, credential = 'pass', address = SERVERS[0]) => ({
  urls: `turn:${address}:3478?transport=${transport}`,
  username: 'user',
  credential,
});
/** Nothing has this address. */
const DEAD = '203.0.113.12';

/**
 * Name, the NATs of the offerer and the answerer, the servers of each and its policy, and how the call ends: `direct`,
 * `relayed` or `failed`.
 */
export const CALLS = [
  call('cone-cone', 'cone', 'cone', 'direct'),
  call('full-cone-symmetric', 'full cone', 'symmetric', 'direct'),
  call('symmetric-full-cone', 'symmetric', 'full cone', 'direct'),
  call('restricted-symmetric', 'restricted', 'symmetric', 'direct'),
  call('symmetric-restricted', 'symmetric', 'restricted', 'direct'),
  call('cone-restricted', 'cone', 'restricted', 'direct'),
  call('full-cone-full-cone', 'full cone', 'full cone', 'direct'),
  call('symmetric-cone-turn', 'symmetric', 'cone', 'relayed', [STUN, turn('udp')]),
  call('cone-symmetric-turn', 'cone', 'symmetric', 'relayed', [STUN], [STUN, turn('udp')]),
  call('symmetric-symmetric-turn', 'symmetric', 'symmetric', 'relayed', [STUN, turn('udp')], [STUN, turn('udp')]),
  call('cone-cone-relay-only', 'cone', 'cone', 'relayed', [turn('udp')], [STUN], 'relay'),
  call('blocked-cone-turn-tcp', 'blocked', 'cone', 'relayed', [STUN, turn('udp'), turn('tcp')]),
  call('symmetric-cone', 'symmetric', 'cone', 'failed'),
  call('cone-symmetric', 'cone', 'symmetric', 'failed'),
  call('symmetric-symmetric', 'symmetric', 'symmetric', 'failed'),
  call('blocked-cone', 'blocked', 'cone', 'failed'),
  call('cone-blocked', 'cone', 'blocked', 'failed'),
  call('blocked-symmetric-turn-udp', 'blocked', 'symmetric', 'failed', [STUN, turn('udp')]),
  call('symmetric-cone-wrong-password', 'symmetric', 'cone', 'failed', [STUN, turn('udp', 'wrong')]),
  call('cone-cone-relay-only-wrong', 'cone', 'cone', 'failed', [turn('udp', 'wrong')], [STUN], 'relay'),
  call('symmetric-symmetric-dead-turn', 'symmetric', 'symmetric', 'failed', [STUN, turn('udp', 'pass', DEAD)]),
  call('cone-cone-no-stun', 'cone', 'cone', 'failed', [], []),
  call(
    'cone-cone-dead-stun',
    'cone',
    'cone',
    'failed',
    [{ urls: `stun:${DEAD}:3478` }],
    [{ urls: `stun:${DEAD}:3478` }],
  ),
  call('cone-cone-one-stun', 'cone', 'cone', 'failed', [STUN], []),
];

function call(name, near, far, outcome, nearServers = [STUN], farServers = [STUN], policy = 'all') {
  return { name, near, far, outcome, nearServers, farServers, policy };
}

/** Opens webrtc-internals beside the page of a browser: it shows the connections that are made from now on. */
export async function openInternals({ page }) {
  const internals = await page.context().browser().newPage();
  await internals.goto('chrome://webrtc-internals');
  return internals;
}

/** The dump of webrtc-internals, as its button saves it. */
export async function saveDump(internals, file) {
  const download = internals.waitForEvent('download');
  await internals.evaluate(() => {
    // Without compression: what is kept is compressed once.
    document.querySelector('#dump-checkbox').checked = false;
    document.querySelector('#dump-click-target').click();
  });
  await (await download).saveAs(file);
}

/** Runs a call until both sides are connected or the offerer has failed; its state then. */
export async function runCall([near, far], { nearServers, farServers, policy }) {
  const open = async ({ evaluate }, iceServers, iceTransportPolicy) =>
    evaluate(
      (configuration) => {
        globalThis.pc = new RTCPeerConnection(configuration);
        globalThis.gathered = [];
        globalThis.pc.onicecandidate = ({ candidate }) => candidate && globalThis.gathered.push(candidate.toJSON());
      },
      { iceServers, iceTransportPolicy },
    );
  await open(near, nearServers, policy);
  await open(far, farServers, 'all');
  const offer = await near.evaluate(async () => {
    globalThis.pc.createDataChannel('lab');
    await globalThis.pc.setLocalDescription();
    return globalThis.pc.localDescription.toJSON();
  });
  const answer = await far.evaluate(async (offer) => {
    await globalThis.pc.setRemoteDescription(offer);
    await globalThis.pc.setLocalDescription();
    return globalThis.pc.localDescription.toJSON();
  }, offer);
  await near.evaluate((answer) => globalThis.pc.setRemoteDescription(answer), answer);
  const trickle = async (from, to) => {
    const candidates = await from.evaluate(() => globalThis.gathered.splice(0));
    await to.evaluate((all) => Promise.all(all.map((one) => globalThis.pc.addIceCandidate(one))), candidates);
  };
  const state = (side) => side.evaluate(() => globalThis.pc.connectionState);
  for (let round = 0; round < 350; round++) {
    await trickle(near, far);
    await trickle(far, near);
    const [here, there] = [await state(near), await state(far)];
    if (here === 'failed' || (here === 'connected' && there === 'connected')) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // The statistics of webrtc-internals are a second apart.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  return state(near);
}

/** Starts a capture at the offerer; `stop` ends it. */
export async function capture(network, file) {
  const filter = ['-f', 'not host 127.0.0.1 and not port 53 and not icmp6 and not port 5353'];
  const child = network.spawn('agent', find('dumpcap'), ['-i', 'out', ...filter, '-w', file]);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.stderr.resume();
  child.stdout.resume();
  for (let wait = 0; !existsSync(file); wait++) {
    if (wait > 200) throw new Error('dumpcap does not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return async () => {
    child.kill('SIGINT');
    await ended;
    return readFileSync(file);
  };
}

/** Records a call: both dumps, and the capture, as bytes; and the state that the offerer came to. */
export async function record(network, browsers, scenario) {
  network.set(scenario.near);
  network.setFar(scenario.far);
  const internals = [];
  for (const browser of browsers) internals.push(await openInternals(browser));
  const stop = await capture(network, join(network.folder, `${scenario.name}.pcapng`));
  const state = await runCall(browsers, scenario);
  const files = {};
  for (const [index, side] of ['near', 'far'].entries()) {
    const file = join(network.folder, `${scenario.name}-${side}.json`);
    await saveDump(internals[index], file);
    files[side] = readFileSync(file);
  }
  files.capture = await stop();
  for (const browser of browsers) await browser.evaluate(() => globalThis.pc.close());
  for (const page of internals) await page.close();
  return { state, ...files };
}
