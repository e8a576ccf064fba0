/**
 * A network of Linux namespaces with real kernel NATs, so that NAT verdicts can be checked against the truth.
 *
 *     agent (10.3.0.2) ── inner ── outer (203.0.113.130 …) ──┬── net: 203.0.113.10 and 203.0.113.11
 *     open  (203.0.113.120) ───────────────────────────────┘
 *
 * `outer` is the NAT under test; `inner` only routes, or is the second NAT of two. Traffic never leaves the namespaces.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from '../lib/limited.mjs';
import { nat } from './nats.mjs';

export const SERVERS = ['203.0.113.10', '203.0.113.11'];
export const OPEN = '203.0.113.120';
export const AGENT = '10.3.0.2';
/** Behind a NAT of its own, on a lab with a far side. */
export const FAR = '10.4.0.2';
const FAR_OUTSIDE = '203.0.113.30';
const INNER = '10.2.0.2';
const PREFIX = 'icelab';

/** Why the lab can't run here, or null. */
export function missing() {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid() !== 0) return 'needs root, to make network namespaces';
  for (const [tool, debian] of [
    ['ip', 'iproute2'],
    ['nft', 'nftables'],
    ['turnserver', 'coturn'],
    ['nc', 'netcat-openbsd'],
  ]) {
    if (!find(tool)) return `needs ${tool} (Debian: apt-get install ${debian})`;
  }
  const probe = `${PREFIX}${process.pid}-probe`;
  const made = spawnSync('ip', ['netns', 'add', probe]);
  if (made.status !== 0) return `can't make a network namespace: ${String(made.stderr).trim()}`;
  const rules = spawnSync('ip', ['netns', 'exec', probe, 'nft', '-f', '-'], {
    input: nat('cone', { out: 'lo', inside: 'lo', address: OPEN, agent: AGENT }),
  });
  spawnSync('ip', ['netns', 'del', probe]);
  return rules.status === 0 ? null : `can't set NAT rules: ${String(rules.stderr).trim()}`;
}

/** Path of a program, or null. */
export function find(program) {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin'];
  return folders.map((folder) => `${folder}/${program}`).find((path) => existsSync(path)) ?? null;
}

export class Network {
  /** For files that go with the lab. */
  folder = mkdtempSync(join(tmpdir(), 'icelens-lab-'));
  #names = new Map();
  #rounds = 0;
  #farRounds = 0;
  #children = new Set();
  #onExit = () => this.#remove();
  #onSignal = (signal) => {
    this.#remove();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };

  constructor() {
    removeStale();
    process.on('exit', this.#onExit);
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
    try {
      this.#build();
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  #build() {
    for (const host of ['net', 'outer', 'inner', 'agent', 'open']) {
      const name = `${PREFIX}${process.pid}-${host}`;
      run('ip', ['netns', 'add', name]);
      this.#names.set(host, name);
      this.ip(host, 'link set lo up');
    }
    this.ip('net', 'link add br0 type bridge');
    for (const [host, port] of [
      ['outer', 'p1'],
      ['open', 'p2'],
    ]) {
      this.ip('net', `link add ${port} type veth peer name out netns ${this.name(host)}`);
      this.ip('net', `link set ${port} master br0 up`);
      this.ip(host, 'link set out up');
    }
    this.ip('net', 'link set br0 up');
    for (const address of SERVERS) this.ip('net', `addr add ${address}/24 dev br0`);
    // Without a route to anywhere, a relay that is asked to send to a private address gets ENETUNREACH.
    this.ip('net', 'neigh add 203.0.113.250 lladdr 02:00:00:00:00:fa dev br0 nud permanent');
    this.ip('net', 'route add default via 203.0.113.250');

    this.ip('outer', `addr add ${this.#outside}/24 dev out`);
    this.ip('open', `addr add ${OPEN}/24 dev out`);
    this.ip('open', `route add default via ${SERVERS[0]}`);
    this.#join('outer', '10.2.0.1', 'inner', INNER, 'out');
    this.#join('inner', '10.3.0.1', 'agent', AGENT, 'out');
    this.ip('outer', `route add 10.3.0.0/24 via ${INNER}`);
    for (const host of ['outer', 'inner'])
      run('ip', ['netns', 'exec', this.name(host), 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  }

  /** A link from `upper`'s interface `in` to `lower`'s, with `lower`'s default route over it. */
  #join(upper, upperAddress, lower, lowerAddress, lowerName) {
    this.ip(upper, `link add in type veth peer name ${lowerName} netns ${this.name(lower)}`);
    this.ip(upper, 'link set in up');
    this.ip(upper, `addr add ${upperAddress}/24 dev in`);
    this.ip(lower, `link set ${lowerName} up`);
    this.ip(lower, `addr add ${lowerAddress}/24 dev ${lowerName}`);
    this.ip(lower, `route add default via ${upperAddress}`);
  }

  /** Adds the host `far` behind the NAT `farnat`, so that both ends of a call have one. */
  addFar() {
    for (const host of ['farnat', 'far']) {
      const name = `${PREFIX}${process.pid}-${host}`;
      run('ip', ['netns', 'add', name]);
      this.#names.set(host, name);
      this.ip(host, 'link set lo up');
    }
    this.ip('net', `link add p3 type veth peer name out netns ${this.name('farnat')}`);
    this.ip('net', 'link set p3 master br0 up');
    this.ip('farnat', 'link set out up');
    this.ip('farnat', `addr add ${this.#farOutside}/24 dev out`);
    this.#join('farnat', '10.4.0.1', 'far', FAR, 'out');
    run('ip', ['netns', 'exec', this.name('farnat'), 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  }

  /** Sets the NAT of the far side. */
  setFar(kind) {
    this.ip('farnat', `addr del ${this.#farOutside}/24 dev out`);
    this.#farRounds += 1;
    this.ip('farnat', `addr add ${this.#farOutside}/24 dev out`);
    this.#rules('farnat', nat(kind, { out: 'out', inside: 'in', address: this.#farOutside, agent: FAR }));
  }

  /** The address of `farnat` now: 203.0.113.30 to .99 in turn. */
  get #farOutside() {
    return FAR_OUTSIDE.replace(/\d+$/, (first) => String(Number(first) + (this.#farRounds % 70)));
  }

  /** The address of `outer` now: 203.0.113.130 to .229 in turn. */
  get #outside() {
    return `203.0.113.${130 + (this.#rounds % 100)}`;
  }

  /** The namespace of a host. */
  name(host) {
    const name = this.#names.get(host);
    if (name === undefined) throw new Error(`the lab has no host ${host}`);
    return name;
  }

  ip(host, command) {
    run('ip', ['-n', this.name(host), ...command.split(' ')]);
  }

  /** Sets the NAT under test, a second one behind it (null: none), and the share of UDP packets lost each way in per cent. */
  set(outer, { inner = null, loss = 0 } = {}) {
    // A new outside address each time: the kernel remembers the ports of the one before, which could collide.
    this.ip('outer', `addr del ${this.#outside}/24 dev out`);
    this.#rounds += 1;
    this.ip('outer', `addr add ${this.#outside}/24 dev out`);
    const agent = inner === null ? AGENT : INNER;
    this.#rules('outer', nat(outer, { out: 'out', inside: 'in', address: this.#outside, agent, loss }));
    this.#rules('inner', inner === null ? '' : nat(inner, { out: 'out', inside: 'in', address: INNER, agent: AGENT }));
  }

  #rules(host, rules) {
    run('ip', ['netns', 'exec', this.name(host), 'nft', '-f', '-'], `flush ruleset\n${rules}`);
  }

  /** Starts a program on a host; it ends with the lab. */
  spawn(host, program, args, options = {}) {
    const child = spawn('ip', ['netns', 'exec', this.name(host), program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    this.#children.add(child);
    child.on('exit', () => this.#children.delete(child));
    return child;
  }

  /** Runs a program on a host to its end, or kills it after `timeout` milliseconds. */
  async run(host, program, args, { timeout = 60_000 } = {}) {
    const child = this.spawn(host, program, args);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    const [code, signal] = await once(child, 'close');
    clearTimeout(timer);
    return { code, signal, stdout, stderr };
  }

  /** coturn with two addresses and two ports (RFC 5780) and a TURN user. */
  async startCoturn() {
    const [first, second] = SERVERS;
    const child = this.spawn('net', find('turnserver'), [
      '-n',
      '--no-tls',
      '--no-dtls',
      '--no-cli',
      '--no-software-attribute',
      '-L',
      first,
      '-L',
      second,
      '-E',
      first,
      '-p',
      '3478',
      '--alt-listening-port=3479',
      '-a',
      '-u',
      'user:pass',
      '-r',
      'lab',
      '--pidfile',
      '/dev/null',
      '--userdb',
      '/dev/null',
      '-l',
      'stdout',
      '--simple-log',
    ]);
    child.stdout.resume();
    child.stderr.resume();
    for (let attempt = 0; attempt < 100; attempt++) {
      const probe = await this.run('net', 'nc', ['-z', '-w', '1', second, '3479'], { timeout: 2000 });
      if (probe.code === 0) return;
      if (child.exitCode !== null) throw new Error(`turnserver ended with code ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('turnserver did not open its ports within some seconds');
  }

  /** Ends every program of the lab and removes its namespaces and files. */
  close() {
    process.off('exit', this.#onExit);
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
    this.#remove();
  }

  #remove() {
    for (const name of this.#names.values()) removeNamespace(name);
    this.#names.clear();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Namespaces whose maker is gone (killed before it could clean up). */
function removeStale() {
  const list = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout ?? '';
  for (const [name, pid] of [...list.matchAll(/^icelab(\d+)-\w+/gm)]) {
    if (!existsSync(`/proc/${pid}`)) removeNamespace(name);
  }
}

function removeNamespace(name) {
  const pids = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout ?? '';
  for (const pid of pids.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  spawnSync('ip', ['netns', 'del', name]);
}

function run(program, args, input) {
  const result = spawnSync(program, args, { encoding: 'utf8', input });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr.trim()}`);
}
