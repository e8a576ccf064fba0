// Logs, dumps and captures of calls that worked: no error, and at most one warning that they do not bear out. The count of
// both is the test.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { analyze } from 'icelens';
import { CALLS } from './lab/calls.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Whole logs, as the programs of two connected agents printed them. */
const folder = path('fixtures/working/');
const whole = readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(folder + name))]);

const fixtures = [
  'scan/seed-000.txt',
  'scan/about-webrtc.txt',
  'scan/webrtc-internals.json.gz',
  'capture/cone-direct.pcap',
  'capture/symmetric-relay-udp.pcap',
  'capture/blocked-relay-tcp.pcap',
].map((name) => [name, new Uint8Array(readFileSync(path(`../tests/fixtures/${name}`)))]);

/** Calls of two Chromiums behind kernel NATs that connected: both dumps, and the capture at the offerer. */
const calls = CALLS.filter(({ outcome }) => outcome !== 'failed').flatMap(({ name }) =>
  ['near.json', 'far.json', 'pcapng'].map((source) => [
    `${name}.${source}`,
    new Uint8Array(readFileSync(path(`../tests/fixtures/evidence/${name}.${source}.gz`))),
  ]),
);

/** The texts of logs that lead to no advice. */
const texts = readFileSync(path('fixtures/logs.txt'), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((part) => [part.split('\n')[0], part.slice(part.indexOf('\n') + 1)])
  .filter(([head]) => head.split('|')[2].trim().split(/\s+/).join('') === '');

/** Codes that calls which worked may have, by how their names begin: silent servers, NATs that are symmetric. */
const borneOut = Object.entries({
  'capture/blocked-relay-tcp.pcap': ['stun.server-silent', 'turn.silent', 'turn.tcp-only'],
  'capture/symmetric-relay-udp.pcap': ['nat.symmetric'],
  'symmetric-': ['ice.symmetric-no-relay', 'nat.symmetric'],
  'blocked-cone-turn-tcp': ['ice.relay-tcp-only', 'stun.server-silent', 'turn.silent', 'turn.tcp-only'],
});
const borneOutIn = (name) => borneOut.flatMap(([begin, codes]) => (name.startsWith(begin) ? codes : []));

const inputs = [...whole, ...fixtures, ...calls, ...texts];

for (const [name, input] of inputs) {
  test(name, async () => {
    const { advice, findings } = await analyze(input);
    const told = [...advice, ...findings.flatMap(({ diagnostics }) => diagnostics ?? [])];
    assert.deepEqual(
      told.filter(({ severity }) => severity === 'error').map(({ code }) => code),
      [],
    );
    const warnings = advice.filter(({ severity }) => severity === 'warning').map(({ code }) => code);
    assert.deepEqual(
      warnings.filter((code) => !borneOutIn(name).includes(code)),
      [],
    );
  });
}

test('there are enough of them', () => assert.ok(inputs.length >= 90, `${inputs.length} inputs`));
