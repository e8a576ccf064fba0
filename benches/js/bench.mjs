// npm run bench: STUN in icelens beside its peers, in one run. Rounds of all libraries take turns, so that a busy
// machine slows them alike; the figure is the median over the rounds.
import { decodeMessage } from 'icelens';
import { libraries, password } from './peers.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 15);
const roundTime = 10e6; // ns

const jobs = {
  decode: { title: 'decode Binding success, read the address (80 B)', goal: 300 },
  verify: { title: 'decode an ICE check, verify integrity and fingerprint', goal: 2000 },
  encode: { title: 'encode a Binding request', goal: 300 },
  sign: { title: 'encode and sign an ICE check', goal: 2500 },
};

const hex = (text) => Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
// RFC 5769 2.2 has padding of 0x20, which some peers lose when they verify; zeros are what a sender would write.
const response = hex(
  '0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96',
);

/** Nanoseconds for one call, over about `roundTime`. */
function time(work, calls) {
  const started = process.hrtime.bigint();
  for (let i = 0; i < calls; i++) work();
  return Number(process.hrtime.bigint() - started) / calls;
}

function measure(works) {
  const names = Object.keys(works);
  const calls = Object.fromEntries(
    names.map((name) => {
      time(works[name], 3000); // let V8 compile it
      return [name, Math.max(50, Math.round(roundTime / time(works[name], 2000)))];
    }),
  );
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) samples[name].push(time(works[name], calls[name]));
  }
  return Object.fromEntries(
    names.map((name) => {
      const sorted = samples[name].sort((a, b) => a - b);
      return [name, { median: sorted[rounds >> 1], least: sorted[0] }];
    }),
  );
}

const all = await libraries();
const check = all.icelens.sign();
const inputs = { decode: [response], verify: [check], encode: [], sign: [] };

// No figure for work that was not done.
for (const [name, library] of Object.entries(all)) {
  const sound =
    library.decode(response) === 32853 &&
    library.verify(check) === true &&
    decodeMessage(Uint8Array.from(library.encode())).class === 'request' &&
    decodeMessage(Uint8Array.from(library.sign())).verify({ password }) === 'valid';
  if (!sound) throw new Error(`${name} does not do what is timed`);
}

let missed = 0;
for (const [job, { title, goal }] of Object.entries(jobs)) {
  const works = Object.fromEntries(
    Object.entries(all).map(([name, library]) => [name, () => library[job](...inputs[job])]),
  );
  const results = measure(works);
  const best = Math.min(
    ...Object.entries(results).flatMap(([name, { median }]) => (name.startsWith('icelens') ? [] : [median])),
  );
  console.log(`\n${title}; goal ${goal} ns`);
  for (const [name, { median, least }] of Object.entries(results)) {
    const figures = `${median.toFixed(0).padStart(8)} ns   least ${least.toFixed(0).padStart(7)} ns`;
    console.log(`  ${name.padEnd(18)}${figures}   ${(median / best).toFixed(2).padStart(6)} × the best peer`);
  }
  if (results.icelens.median > goal) missed++;
}
console.log(missed === 0 ? '\nevery goal met' : `\n${missed} of ${Object.keys(jobs).length} goals missed in this run`);
