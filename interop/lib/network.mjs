// A network of its own: one interface that leads nowhere, with the addresses that agents and servers use.
import { spawnSync } from 'node:child_process';

export const IPV4 = '203.0.113.1';
export const IPV6 = '2001:db8::1';

/** Set in the process that runs inside. */
const INSIDE = 'ICELENS_INTEROP_INSIDE';

export const isInside = () => process.env[INSIDE] === '1';

function ip(command) {
  const { status, stderr } = spawnSync('ip', command.split(' '), { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${command}: ${stderr.trim()}`);
}

/** Runs this program again in a network namespace; gives its exit code. */
export function enter() {
  const namespace = process.getuid() === 0 ? ['--net'] : ['--net', '--user', '--map-root-user'];
  const { status, error } = spawnSync('unshare', [...namespace, process.execPath, ...process.argv.slice(1)], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  if (error) throw error;
  return status ?? 1;
}

export function build() {
  ip('link set lo up');
  // Not of type dummy, which some kernels lack.
  ip('link add net0 type veth peer name nowhere');
  ip('link set nowhere up');
  ip('link set net0 up');
  for (const host of ['1', '10', '11']) ip(`addr add 203.0.113.${host}/24 dev net0`);
  ip(`addr add ${IPV6}/64 dev net0 nodad`);
  ip('route add default dev net0');
  ip('-6 route add default dev net0');
}
