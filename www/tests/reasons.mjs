// node www/tests/reasons.mjs [runs]: the reasons of Live held against raw data, 50 runs unless told, in several networks:
// this machine's own, and, as root, namespaces with two interfaces of both families, with IPv4 alone and with IPv6 alone.
import { spawnSync } from 'node:child_process';
import { root, say, script } from '../../scripts/lib/run.mjs';

/** Addresses of the interfaces of each namespace. */
const NETWORKS = {
  'two interfaces': [
    ['192.0.2.5/24', '2001:db8:1::5/64'],
    ['10.9.0.5/24', 'fd00:9::5/64'],
  ],
  'IPv4 alone': [['192.0.2.5/24']],
  'IPv6 alone': [['2001:db8:1::5/64']],
};

const ip = (...words) => spawnSync('ip', words, { encoding: 'utf8' });

/** Makes a namespace; its name, or null where it can't be made. */
function makeNetwork(interfaces, index) {
  const name = `icelens-reasons-${process.pid}-${index}`;
  if (ip('netns', 'add', name).status !== 0) return null;
  const within = (...words) => ip('-n', name, ...words);
  within('link', 'set', 'lo', 'up');
  interfaces.forEach((addresses, at) => {
    const link = `dummy${at}`;
    within('link', 'add', link, 'type', 'dummy');
    for (const address of addresses)
      within('addr', 'add', address, 'dev', link, ...(address.includes(':') ? ['nodad'] : []));
    within('link', 'set', link, 'up');
    if (at === 0) for (const version of ['-4', '-6']) within(version, 'route', 'add', 'default', 'dev', link);
  });
  return name;
}

function runIn(network, seed, runs) {
  const node = [process.execPath, '--test', '--test-reporter=spec', 'www/tests/page/reasons.test.mjs'];
  const command = network === null ? node : ['ip', 'netns', 'exec', network, ...node];
  const env = { ...process.env, ICELENS_RUNS: String(runs), ICELENS_SEED: String(seed) };
  const { status } = spawnSync(command[0], command.slice(1), { cwd: root, env, stdio: 'inherit' });
  return status === 0;
}

await script(async ([wanted = '50']) => {
  const networks = [['this machine', null]];
  for (const [index, [title, interfaces]] of Object.entries(NETWORKS).entries()) {
    const name = makeNetwork(interfaces, index);
    if (name === null) say(`${title}: left out, a namespace can't be made here (needs root and iproute2)`);
    else networks.push([title, name]);
  }
  const each = Math.ceil(Number(wanted) / networks.length);
  let bad = 0;
  try {
    networks.forEach(([title, network], index) => {
      say(`${title}: ${each} runs`);
      if (!runIn(network, 1 + index * each, each)) bad++;
    });
  } finally {
    for (const [, name] of networks) if (name !== null) ip('netns', 'del', name);
  }
  say(`${networks.length * each} runs in ${networks.length} networks, ${bad} networks with a contradiction`);
  if (bad > 0) process.exitCode = 1;
});
