// npm run interop: icelens with other ICE agents, each cell a real run. `npm run interop -- libnice pion` only those peers,
// `--only=restart` only that condition; the document is written when nothing was left out.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMain, Problem, root, run as runProgram, say, script } from '../scripts/lib/run.mjs';
import { Browsers } from './lib/browsers.mjs';
import { run } from './lib/cell.mjs';
import { conditions } from './lib/conditions.mjs';
import { document, speedSection } from './lib/document.mjs';
import { build, enter, IPV4, IPV6, isInside } from './lib/network.mjs';
import { peers } from './lib/peers.mjs';
import { BENCH, PEER, prepare } from './lib/prepare.mjs';
import { ProcessPeer } from './lib/process-peer.mjs';
import { startServers, stopServers } from './lib/servers.mjs';
import { count, table } from './lib/table.mjs';

/** Runs one cell: agents of its own, ended afterwards whatever happens. */
async function cell(peer, condition, browsers) {
  const addresses = [condition.ipv6 ? IPV6 : IPV4];
  const ours = new ProcessPeer(PEER, ['icelens', JSON.stringify({ ...condition.ours, addresses })]);
  let theirs = null;
  try {
    theirs = await peer.start({ ...condition.theirs, addresses }, browsers);
    const { took, pair } = await run(ours, theirs, condition, peer);
    // A known fault that did not show this time is told all the same.
    return { took, pair, note: peer.notes?.[condition.name] ?? peer.faults?.[condition.name] };
  } catch (error) {
    const said = theirs?.told.messages.findLast((message) => message.error)?.error;
    const fault = peer.faults?.[condition.name];
    return { error: said ? `${error.message} (it says: ${said})` : error.message, fault };
  } finally {
    await ours.close();
    await theirs?.close();
  }
}

async function column(peer, chosen, servers, browsers) {
  const missing = await peer.missing();
  const cells = {};
  for (const condition of chosen) {
    const { name } = condition;
    const why = missing ?? peer.cannot[name] ?? servers[name];
    cells[name] = why ? { why } : await cell(peer, condition, browsers);
    const { took, pair, error } = cells[name];
    console.log(`${peer.name}, ${name}: ${why ?? error ?? `${Math.round(took)} ms, ${pair}`}`);
  }
  return { version: missing ? null : await peer.version(), cells };
}

async function inside(args) {
  build();
  const names = args.filter((arg) => !arg.startsWith('--'));
  const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
  const unknown = names.filter((name) => !peers.some((peer) => peer.name === name));
  if (unknown.length > 0) throw new Problem(`no peer is called ${unknown.join(', ')}`);
  const chosen = conditions.filter(({ name }) => only === undefined || name === only);
  const browsers = new Browsers();
  const results = new Map();
  try {
    const servers = await startServers();
    for (const peer of peers) {
      if (names.length > 0 && !names.includes(peer.name)) continue;
      results.set(peer.name, await column(peer, chosen, servers, browsers));
    }
  } finally {
    await browsers.close();
    stopServers();
  }
  const text = table(chosen, results);
  const counted = count(results);
  console.log(
    `\n${text}\n\n${counted.right} of ${counted.run} cells connect; ${counted.faults} fail by a known fault of the peer; ${counted.not} can't be run`,
  );
  if (names.length === 0 && only === undefined) {
    const { output } = await runProgram(BENCH, [], { tee: true });
    writeFileSync(join(root, 'docs/interop.md'), await document(text, speedSection(output), counted));
    say('docs/interop.md is written');
  }
  process.exitCode = counted.right + counted.faults === counted.run ? 0 : 1;
}

if (isMain(import.meta.url)) {
  await script(async (args) => {
    if (isInside()) return await inside(args);
    if (process.platform !== 'linux') throw new Problem('npm run interop needs Linux: it makes a network of its own');
    await prepare();
    process.exitCode = enter();
  }, stopServers);
}
