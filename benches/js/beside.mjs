/**
 * The package beside another build of it, for instance of an earlier commit:
 * `node benches/js/beside.mjs OTHER [NAME…]`, where OTHER is the folder of a built package (`pkg` of another work tree) and each
 * NAME a row to run. Both are in one process and take turns, after a warm-up; the figures are the CPU of the process, medians of
 * the rounds, and the ratio is the median of each round's.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');
const WARM_UP = 6;
const ROUNDS = 31;
/** CPU of one round of one package, milliseconds. */
const ROUND = 12;

/** The module that a package exports as itself. */
async function load(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = (entry) => (typeof entry === 'string' ? entry : file(entry.node ?? entry.import ?? entry.default));
  return import(pathToFileURL(join(folder, file(exports['.']))));
}

const fixture = readFileSync(join(root, 'tests/fixtures/sdp/medooze_transceivers_0.sdp'), 'utf8');
const sdp = `${fixture.split(/\r?\n/).slice(0, 175).join('\r\n')}\r\n`;
const candidates = Array.from({ length: 32 }, (_, i) => {
  const type = i % 2 === 0 ? 'host' : `srflx raddr 10.0.0.${i} rport ${5000 + i}`;
  const address = `${2122260223 - i} 192.168.${i}.${i + 7} ${40000 + i}`;
  return `candidate:${1000 + i} 1 udp ${address} typ ${type} generation 0 ufrag ab${i}d`;
});
const lines = (line) => `${Array.from({ length: 4000 }, (_, i) => line(i)).join('\n')}\n${sdp}`;
const log = lines((i) => `[${i}] INFO app something happened with id ${i * 7919} and a=value${i}`);
const prose = lines((i) => `something happened at the place ${i * 7919} and nothing else of note here, value ${i}`);
const password = 'VOkJxbRl1RmTxUk/WvJxBt';
const check = {
  class: 'request',
  method: 'binding',
  attributes: [
    ['USERNAME', 'evtj:h6vY'],
    ['PRIORITY', 1845494271],
    ['ICE-CONTROLLED', 5n],
  ],
  integrity: { password },
  fingerprint: true,
};

/** The work of each row, by its name. */
function works({ encodeMessage, decodeMessage, parseCandidate, parseSdp, formCheckList, scan }) {
  const message = encodeMessage(check);
  const [local, remote] = [0, 8].map((from) =>
    candidates.slice(from, from + 8).map((line) => parseCandidate(line).candidate),
  );
  let next = 0;
  return {
    decode: () => decodeMessage(message),
    'decode and verify': () => decodeMessage(message).verify({ password }),
    encode: () => encodeMessage(check),
    candidate: () => parseCandidate(candidates[next++ & 31]),
    'description of 175 lines': () => parseSdp(sdp),
    'check list of 8 × 8': () => formCheckList(local, remote, { controlling: true }),
    'scan, log of 4000 lines': () => scan(log),
    'scan, 4000 lines of prose': () => scan(prose),
    'scan, one description': () => scan(sdp),
  };
}

/** Microseconds of CPU for each of `times` runs. */
function cpu(work, times) {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function compare(here, other) {
  cpu(here, 20);
  const times = Math.max(1, Math.round((ROUND * 1000) / cpu(here, 20)));
  const rounds = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const turn = round % 2 === 0 ? [here, other] : [other, here];
    const [first, second] = turn.map((work) => cpu(work, times));
    if (round >= WARM_UP) rounds.push(round % 2 === 0 ? [first, second] : [second, first]);
  }
  const column = (of) => median(rounds.map(of));
  return [column(([mine]) => mine), column(([, theirs]) => theirs), column(([mine, theirs]) => mine / theirs)];
}

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('give the folder of another built package: node benches/js/beside.mjs OTHER [NAME…]');
const [here, other] = await Promise.all([load(join(root, 'pkg')), load(resolve(folder))]);
const [mine, theirs] = [works(here), works(other)];
console.log('| work | other, µs | this, µs | ratio |\n|---|---|---|---|');
for (const name of Object.keys(mine)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const [now, then, ratio] = compare(mine[name], theirs[name]);
  console.log(`| ${name} | ${then.toFixed(2)} | ${now.toFixed(2)} | ${ratio.toFixed(2)} |`);
}
