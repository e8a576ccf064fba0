// Candidates, descriptions and check lists beside their peers, in one run: rounds of all libraries take turns, and the
// figure is the median over the rounds.
import { readFileSync } from 'node:fs';
import { parse as parseTs } from '@webex/ts-sdp';
import { formCheckList, parseCandidate, parseSdp } from 'icelens';
import sdp from 'sdp';
import transform from 'sdp-transform';

const rounds = Number(process.env.BENCH_ROUNDS ?? 15);
const roundTime = 10e6; // ns
const line =
  'candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.17.1 rport 46154 generation 0 ufrag EEtu network-id 3 network-cost 10';
// 175 lines, as browsers write them.
const lines = readFileSync(
  new URL('../../tests/fixtures/sdp/medooze_transceivers_0.sdp', import.meta.url),
  'utf8',
).split(/\r?\n/);
const text = `${lines.slice(0, 175).join('\r\n')}\r\n`;

/** Reads what the fields hold, so that nothing is left lazy. */
function readAll(description) {
  let read = description.diagnostics.length + description.session.groups.length;
  for (const media of description.media) {
    read += media.formats.length + media.port + media.ice.options.length + media.dtls.fingerprints.length;
    read += media.direction.length + (media.mid?.length ?? 0) + media.remoteCandidates.length;
    for (const candidate of media.candidates) read += candidate.extensions.length + candidate.port;
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
const [local, remote] = [eight(100), eight(101)];

const jobs = [
  {
    title: 'parse one candidate, all fields',
    goal: 600,
    works: {
      icelens: () => parseCandidate(line).candidate.extensions.length,
      '@webex/ts-sdp': () => parseTs(`v=0\r\na=${line}\r\n`),
      sdp: () => sdp.parseCandidate(line).port,
      'sdp-transform': () => transform.parse(`a=${line}\r\n`),
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
    works: { icelens: () => formCheckList(local, remote, { controlling: true }).pairs.length },
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
