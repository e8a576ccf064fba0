// tshark reads the pcapng of a simulated call, and agrees with the trace on every STUN message of it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Simulation, scenarios } from 'icelens/sim';
import { execFileSync, spawnSync } from './lib/limited.mjs';

const skip = spawnSync('tshark', ['--version']).status === 0 ? false : 'needs tshark (Debian: apt-get install tshark)';

/** Time in milliseconds, addresses, type and transaction of each STUN message, as the trace has them. */
function traced(simulation) {
  const rows = [];
  for (const entry of simulation.trace) {
    const { kind, bytes = '', time } = entry;
    if (!['sent', 'received', 'nat'].includes(kind) || !/^[0-3].{7}2112a442/.test(bytes)) continue;
    const [source, destination] = [entry.newSource ?? entry.source, entry.newDestination ?? entry.destination];
    rows.push([time.toFixed(3), source, destination, `0x${bytes.slice(0, 4)}`, bytes.slice(16, 40)].join(' '));
  }
  return rows;
}

function seen(file) {
  const names = [
    'frame.time_relative',
    'ip.src',
    'ipv6.src',
    'udp.srcport',
    'ip.dst',
    'ipv6.dst',
    'udp.dstport',
    'stun.type',
    'stun.id',
  ];
  const fields = names.flatMap((name) => ['-e', name]);
  const args = ['-r', file, '-Y', 'stun.type && udp', '-T', 'fields', ...fields];
  const output = execFileSync('tshark', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      // A message inside TURN is a second value of the same frame.
      const [time, v4, v6, port, to4, to6, toPort, type, id] = line.split('\t').map((value) => value.split(',')[0]);
      const hex = id.replace(/^0x/, '').slice(-24);
      const [from, to] = [v4 || `[${v6}]`, to4 || `[${to6}]`];
      return [(Number(time) * 1000).toFixed(3), `${from}:${port}`, `${to}:${toPort}`, type, hex].join(' ');
    });
}

test('tshark agrees on every STUN message of every built-in scenario', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-pcapng-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const { name } of scenarios()) {
    const simulation = new Simulation(name);
    simulation.run(20_000);
    const file = join(folder, `${name}.pcapng`);
    writeFileSync(file, simulation.toPcapng());
    const [ours, theirs] = [traced(simulation), seen(file)];
    const first = Number(simulation.trace.find(({ kind }) => kind === 'sent')?.time ?? 0);
    const shifted = ours.map((row) => row.replace(/^[\d.]+/, (time) => (Number(time) - first).toFixed(3)));
    assert.deepEqual(theirs, shifted, name);
    t.diagnostic(`${name}: ${ours.length} messages`);
  }
});
