// Candidates, descriptions and check lists beside their peers, in one run: rounds of all libraries take turns, and the
// figure is the median over the rounds.
import { readFileSync } from 'node:fs';
import { parse as parseTs } from '@webex/ts-sdp';
import { formCheckList, parseCandidate, parseSdp } from 'icelens';
import sdp from 'sdp';
import transform from 'sdp-transform';

const rounds = Number(process.env.BENCH_ROUNDS ?? 15);
const roundTime = 10e6; // ns
/** Candidates as browsers write them, all different, in turns: no library can profit from having seen the one before. */
const lines = Array.from({ length: 32 }, (_, i) => {
  const port = 46154 + 13 * i;
  const head = (protocol, priority, address) =>
    `candidate:${842163049 + 7919 * i} 1 ${protocol} ${priority} ${address} ${port} typ`;
  const tail = `generation 0 ufrag E${(100000 + 977 * i).toString(36)} network-id ${1 + (i % 5)} network-cost ${[10, 50, 900][i % 3]}`;
  const id = (n) => (n + i).toString(16);
  return [
    `${head('udp', 1677729535, `203.0.113.${i + 1}`)} srflx raddr 10.0.17.${i + 1} rport ${port} ${tail}`,
    `${head('udp', 2122260223, `192.168.1.${i + 1}`)} host ${tail}`,
    `${head('tcp', 1518280447, `192.168.1.${i + 1}`)} host tcptype passive ${tail}`,
    `${head('udp', 33562367, `198.51.100.${i + 1}`)} relay raddr 203.0.113.${i + 1} rport ${port + 1} ${tail}`,
    `${head('udp', 2122197247, `2001:db8:17:${id(0)}::${id(1)}`)} host ${tail}`,
    `${head('udp', 2113937151, `${id(0x1b2c3d40)}-7a3e-4f50-9c1d-0${id(0x123456789a0)}.local`)} host ${tail}`,
  ][i % 6];
});
let turn = 0;
const nextLine = () => {
  turn = (turn + 1) % lines.length;
  return lines[turn];
};
// 175 lines, as browsers write them.
const fixture = readFileSync(
  new URL('../../tests/fixtures/sdp/medooze_transceivers_0.sdp', import.meta.url),
  'utf8',
).split(/\r?\n/);
const text = `${fixture.slice(0, 175).join('\r\n')}\r\n`;

/** Reads every field of a candidate, so that nothing is left lazy. */
function readCandidate(candidate) {
  const { foundation, component, protocol, priority, address, port, type, tcpType, usernameFragment } = candidate;
  const { relatedAddress, relatedPort, extensions, priorityParts, addressKind } = candidate;
  let read = foundation.length + component + protocol.length + priority + address.length + port + type.length;
  read += (tcpType?.length ?? 0) + (usernameFragment?.length ?? 0) + (relatedAddress?.length ?? 0) + (relatedPort ?? 0);
  for (const [name, value] of extensions) read += name.length + value.length;
  return read + priorityParts.localPreference + addressKind.length;
}

/** Reads what the fields hold, so that nothing is left lazy. */
function readAll(description) {
  let read = description.diagnostics.length + description.session.groups.length;
  for (const media of description.media) {
    read += media.formats.length + media.port + media.ice.options.length + media.dtls.fingerprints.length;
    read += media.direction.length + (media.mid?.length ?? 0) + media.remoteCandidates.length;
    for (const candidate of media.candidates) read += readCandidate(candidate);
  }
  return read;
}

/** `sdp` has helpers for sections, no document. */
function readSections(input) {
  return sdp.getMediaSections(input).map((section) => ({
    line: sdp.parseMLine(section),
    mid: sdp.getMid(section),
    direction: sdp.getDirection(section),
    rtp: sdp.parseRtpParameters(section),
    ice: sdp.matchPrefix(section, 'a=ice-ufrag:'),
    candidates: sdp.matchPrefix(section, 'a=candidate:').map((one) => sdp.parseCandidate(one)),
    encodings: sdp.parseRtpEncodingParameters(section),
  }));
}

const eight = (network) =>
  Array.from({ length: 8 }, (_, i) => {
    const type = i < 4 ? 'typ host' : `typ srflx raddr 10.${network}.0.${i - 3} rport ${5000 + i - 4}`;
    const address = i < 4 ? `10.${network}.0.${i + 1}` : `198.51.${network}.${i}`;
    return parseCandidate(`candidate:${i + 1} 1 udp ${2130706431 - i * 256} ${address} ${5000 + (i % 4)} ${type}`)
      .candidate;
  });
// Sixteen lists in turns. `from copies` makes new candidates for every list: what might be kept about the last is of no use.
const sides = Array.from({ length: 16 }, (_, i) => [eight(100 + i), eight(150 + i)]);
const copies = (candidates) => candidates.map((candidate) => ({ ...candidate }));

/** Reads the pairs in their order. */
function readPairs({ pairs, pruned }) {
  let read = 0;
  for (const { local, remote, foundation, state } of pairs)
    read += local.port + remote.port + foundation.length + state.length;
  for (const { local, remote, rule } of pruned) read += local.port + remote.port + rule.length;
  return read;
}

function nextSides() {
  turn = (turn + 1) % sides.length;
  return sides[turn];
}

const jobs = [
  {
    title: 'parse one candidate, all fields',
    goal: 600,
    works: {
      icelens: () => readCandidate(parseCandidate(nextLine()).candidate),
      '@webex/ts-sdp': () => parseTs(`v=0\r\na=${nextLine()}\r\n`),
      sdp: () => sdp.parseCandidate(nextLine()).port,
      'sdp-transform': () => transform.parse(`a=${nextLine()}\r\n`),
    },
  },
  {
    title: `parse a description of ${text.split('\r\n').length - 1} lines (${text.length} B), typed`,
    goal: 60_000,
    works: {
      icelens: () => readAll(parseSdp(text)),
      '@webex/ts-sdp': () => parseTs(text),
      sdp: () => readSections(text),
      'sdp-transform': () => transform.parse(text),
    },
  },
  {
    title: 'form and sort an 8 × 8 check list',
    goal: 5000,
    works: {
      icelens: () => {
        const [local, remote] = nextSides();
        return readPairs(formCheckList(local, remote, { controlling: true }));
      },
      'from copies': () => {
        const [local, remote] = nextSides();
        return readPairs(formCheckList(copies(local), copies(remote), { controlling: true }));
      },
    },
  },
];

/** Nanoseconds for one call. */
function time(work, calls) {
  const started = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) work();
  return Number(process.hrtime.bigint() - started) / calls;
}

let missed = 0;
for (const { title, goal, works } of jobs) {
  const names = Object.keys(works);
  const samples = new Map(names.map((name) => [name, []]));
  const calls = new Map();
  for (const name of names) {
    time(works[name], 500); // let V8 compile it
    calls.set(name, Math.max(5, Math.round(roundTime / time(works[name], 100))));
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) samples.get(name).push(time(works[name], calls.get(name)));
  }
  console.log(`\n${title}; goal ${goal} ns`);
  for (const name of names) {
    const sorted = samples.get(name).sort((a, b) => a - b);
    const [median, least] = [sorted[rounds >> 1], sorted[0]];
    console.log(`  ${name.padEnd(18)}${median.toFixed(0).padStart(9)} ns   least ${least.toFixed(0).padStart(8)} ns`);
    if (name === 'icelens' && median > goal) missed++;
  }
}
console.log(missed === 0 ? '\nevery goal met' : `\n${missed} of ${jobs.length} goals missed in this run`);
