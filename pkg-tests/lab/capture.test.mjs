/**
 * Captures of two real Chromiums with coturn, made here: what `analyze` reconstructs equals what tshark counts and what
 * the browsers' own statistics say. `ICELENS_KEEP_CAPTURES=folder` keeps the files.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyze } from 'icelens';
import { launch, missingBrowser, servePage } from './browsers.mjs';
import { find, missing, Network, SERVERS } from './network.mjs';
import '../lib/ends.mjs';

const tool = (name) => (find(name) === null ? `needs ${name} (Debian: apt-get install tshark)` : null);
const skip = missing() ?? missingBrowser('chromium') ?? tool('dumpcap') ?? tool('tshark') ?? false;

const server = (transport) => ({
  urls: `turn:${SERVERS[0]}:3478?transport=${transport}`,
  username: 'user',
  credential: 'pass',
});
const STUN = { urls: [`stun:${SERVERS[0]}:3478`, `stun:${SERVERS[1]}:3478`] };

/** NAT of the agent, its servers, what to capture as, and what has to come out. */
const SCENARIOS = [
  {
    name: 'cone-direct',
    nat: 'cone',
    iceServers: [STUN],
    interface: 'out',
    options: [],
    relayed: false,
    transport: 'udp',
  },
  {
    name: 'symmetric-relay-udp',
    nat: 'symmetric',
    iceServers: [STUN, server('udp')],
    policy: 'relay',
    interface: 'any',
    options: ['-P'],
    relayed: true,
    transport: 'udp',
  },
  {
    name: 'blocked-relay-tcp',
    nat: 'blocked',
    iceServers: [server('udp'), server('tcp')],
    policy: 'relay',
    interface: 'out',
    options: ['-P'],
    relayed: true,
    transport: 'tcp',
  },
];

test('captures of two Chromiums', { skip, timeout: 300_000 }, async (t) => {
  const network = new Network();
  const opened = [];
  t.after(async () => {
    await Promise.allSettled(opened.map((browser) => browser.close()));
    network.close();
  });
  await network.startCoturn();
  await Promise.all(['agent', 'open'].map((host) => servePage(network, host)));
  const browsers = [];
  for (const host of ['agent', 'open']) {
    const browser = await launch('chromium', network, host, { showAddresses: true });
    opened.push(browser);
    browsers.push(browser);
  }
  for (const scenario of SCENARIOS) {
    await t.test(scenario.name, async (sub) => {
      network.set(scenario.nat);
      const file = join(network.folder, `${scenario.name}.pcap`);
      const sniffer = await capture(network, scenario, file);
      const stats = await connect(browsers, scenario);
      await sniffer.stop();
      if (process.env.ICELENS_KEEP_CAPTURES) {
        copyFileSync(file, join(process.env.ICELENS_KEEP_CAPTURES, `${scenario.name}.pcap`));
      }
      const report = await analyze(new Uint8Array(readFileSync(file)));
      await compareWithTshark(network, file, report.capture, sub);
      compareWithStats(report, stats, scenario);
      sub.diagnostic(`${report.capture.packets} packets, ${report.capture.transactions.length} transactions`);
    });
  }
});

/** Starts dumpcap on the agent, and waits until it listens. */
async function capture(network, { interface: name, options }, file) {
  // Neither the page from the namespace's own loopback, which `any` shows, nor the browser's look-ups.
  const filter = ['-f', 'not host 127.0.0.1 and not port 53'];
  const child = network.spawn('agent', find('dumpcap'), ['-i', name, ...filter, ...options, '-w', file]);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  child.stdout.resume();
  for (let wait = 0; !existsSync(file) || !said.includes('File:'); wait++) {
    assert.ok(wait < 200 && child.exitCode === null, `dumpcap does not start: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    async stop() {
      // The packets sent last have to reach the file.
      await new Promise((resolve) => setTimeout(resolve, 500));
      // `ip netns exec` becomes the program itself.
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Connects both pages by a data channel; returns the agent's selected pair by its statistics. */
async function connect([agent, open], { iceServers, policy = 'all' }) {
  const offer = await agent.evaluate(
    async ({ iceServers, iceTransportPolicy }) => {
      globalThis.pc = new RTCPeerConnection({ iceServers, iceTransportPolicy });
      globalThis.channel = globalThis.pc.createDataChannel('lab');
      globalThis.opened = new Promise((resolve) => {
        globalThis.channel.onopen = resolve;
      });
      const wanted = iceTransportPolicy === 'relay' ? 'relay' : 'srflx';
      const gathered = new Promise((resolve) => {
        globalThis.pc.onicecandidate = ({ candidate }) => {
          if (candidate === null || candidate.type === wanted) resolve();
        };
      });
      await globalThis.pc.setLocalDescription();
      await gathered;
      return globalThis.pc.localDescription.toJSON();
    },
    { iceServers, iceTransportPolicy: policy },
  );
  const answer = await open.evaluate(async (offer) => {
    globalThis.pc = new RTCPeerConnection();
    await globalThis.pc.setRemoteDescription(offer);
    await globalThis.pc.setLocalDescription();
    while (globalThis.pc.iceGatheringState !== 'complete') await new Promise((resolve) => setTimeout(resolve, 20));
    return globalThis.pc.localDescription.toJSON();
  }, offer);
  const stats = await agent.evaluate(async (answer) => {
    await globalThis.pc.setRemoteDescription(answer);
    await globalThis.opened;
    for (let round = 0; round < 10; round++) {
      globalThis.channel.send('x'.repeat(1000));
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    const reports = new Map(await globalThis.pc.getStats());
    const transport = [...reports.values()].find(({ type }) => type === 'transport');
    const pair = reports.get(transport.selectedCandidatePairId);
    return {
      pair,
      role: transport.iceRole,
      local: reports.get(pair.localCandidateId),
      remote: reports.get(pair.remoteCandidateId),
    };
  }, answer);
  for (const browser of [agent, open]) await browser.evaluate(() => globalThis.pc.close());
  return stats;
}

async function compareWithTshark(network, file, capture, sub) {
  const fields = async (filter, ...names) => {
    const args = ['-2', '-r', file, '-Y', filter, '-T', 'fields', ...names.flatMap((name) => ['-e', name])];
    const { code, stdout, stderr } = await network.run('agent', find('tshark'), args);
    assert.equal(code, 0, stderr);
    return stdout.split('\n').filter(Boolean);
  };
  // An ICMP error quotes what it is about; that is not a message on its way.
  const types = (await fields('stun.type && !icmp', 'stun.type')).flatMap((line) => line.split(','));
  assert.equal(capture.messages, types.length);
  const matched = (await fields('stun.response-to && !icmp', 'frame.number')).length;
  const answered = capture.transactions.filter(
    ({ response, requests }) => response && requests.some(({ relayed }) => !relayed),
  );
  // tshark counts every response, also a second one to the same request.
  assert.equal(
    answered.reduce((sum, { moreResponses }) => sum + 1 + moreResponses, 0),
    matched,
  );
  assert.equal(capture.unasked, 0);
  sub.diagnostic(`tshark: ${types.length} messages, ${matched} responses matched`);
}

function compareWithStats({ capture, advice }, { pair, role, local, remote }, { relayed, transport }) {
  assert.equal(capture.sessions.length, 1);
  const [session] = capture.sessions;
  const selected = capture.pairs[session.selected];
  // Behind a NAT the checks leave from the base of a reflexive candidate.
  const reflexive = local.candidateType === 'prflx' || local.candidateType === 'srflx';
  const port = reflexive ? local.relatedPort : local.port;
  const ports = [selected.a, selected.b].map((address) => Number(address.slice(address.lastIndexOf(':') + 1)));
  assert.deepEqual(ports.toSorted(), [port, remote.port].toSorted(), JSON.stringify({ selected, local, remote }));
  const ours = [selected.a, selected.b].find((address) => address.endsWith(`:${port}`));
  if (local.candidateType === 'relay') assert.equal(ours, `${local.address}:${local.port}`);
  assert.equal(local.candidateType === 'relay', relayed);
  const agentIs = session.addresses[0].includes(ours) ? 'controlling' : 'controlled';
  assert.equal(agentIs, role);
  const [sent, received] = ours === selected.a ? [selected.fromA, selected.fromB] : [selected.fromB, selected.fromA];
  // A request whose answer is still on its way when the statistics are read is in the capture only.
  assert.ok(sent.answered >= pair.responsesReceived && sent.answered <= pair.responsesReceived + 3);
  assert.ok(received.sent >= pair.requestsReceived && received.sent <= pair.requestsReceived + 3);
  assert.ok(selected.dataBytes > 10_000);
  const flow = capture.flows[selected.flow ?? selected.relayedFlow];
  assert.ok(flow.dtls.established && flow.dtls.clientHello !== null);
  const granted = capture.allocations.filter(({ granted }) => granted !== null);
  assert.deepEqual(new Set(granted.map((one) => one.transport)), new Set(relayed ? [transport] : []));
  const codes = (of) => advice.filter(({ severity }) => severity === of).map(({ code }) => code);
  assert.deepEqual(codes('error'), []);
  // The call worked, so that servers which are silent over UDP are told, and stop nothing.
  const silent = codes('warning').filter((code) => code === 'stun.server-silent' || code === 'turn.silent');
  assert.deepEqual(silent, transport === 'tcp' ? ['stun.server-silent', 'turn.silent'] : []);
  assert.equal(
    advice.some(({ code }) => code === 'turn.tcp-only'),
    transport === 'tcp',
  );
}
