/** Changes that would have connected a failed call by the scenario made of its recording, in the terms of the lab. */
import { readFileSync } from 'node:fs';
import { analyze } from 'icelens';
import { scenarioFrom } from 'icelens/sim';
import { CALLS, STUN, turn } from './calls.mjs';
import { SERVERS } from './network.mjs';

export const FAILING = CALLS.filter(({ outcome }) => outcome === 'failed');

/** The changes that connect a call, from the dump of its offerer alone. */
export async function remediesOf({ name }) {
  const file = new URL(`../../tests/fixtures/evidence/${name}.near.json.gz`, import.meta.url);
  const { changes, assumptions } = scenarioFrom(await analyze(new Uint8Array(readFileSync(file))));
  return changes.filter(({ outcome }) => outcome !== 'failed').map((change) => ({ ...change, assumptions }));
}

/** A server that is added is not the one a call has already: Chromium takes two of one address for one. */
const ADDED = SERVERS[1];
const servers = (side, ...more) => ({ [`${side}Servers`]: (call) => [...call[`${side}Servers`], ...more] });
const both = (...more) => ({ ...servers('near', ...more), ...servers('far', ...more) });
/** The kind of kernel NAT that differs from another in one thing; `null` where nftables form none. */
const becomes = (side, kinds) => ({ [side]: (call) => kinds[call[side]] ?? null });

/** Effect of each change on a call of the lab; `side` is `near` or `far`. */
const CHANGES = {
  'turn-udp': (side) => servers(side, turn('udp', 'pass', ADDED)),
  'turn-tcp': (side) => servers(side, turn('tcp', 'pass', ADDED)),
  stun: (side) => servers(side, STUN),
  'turn-udp-both': () => both(turn('udp', 'pass', ADDED)),
  'turn-tcp-both': () => both(turn('tcp', 'pass', ADDED)),
  'stun-both': () => both(STUN),
  'right-password': (side) => ({
    [`${side}Servers`]: (call) =>
      call[`${side}Servers`].map((one) => ('credential' in one ? { ...one, credential: 'pass' } : one)),
  }),
  'udp-open': (side) => becomes(side, { blocked: 'cone' }),
  'filter-by-address': (side) => becomes(side, { cone: 'restricted' }),
  'map-independent': (side) => becomes(side, { symmetric: 'cone' }),
  'no-relay-only': () => ({ policy: () => 'all' }),
};

/** The call with a remedy; `null` where the kernel forms no such NAT. */
export function withRemedy(call, { code, side }) {
  const change = CHANGES[code];
  if (change === undefined) throw new Error(`the lab does not know the change ${code}`);
  const changed = Object.entries(change(side === 'local' ? 'near' : 'far')).map(([name, make]) => [name, make(call)]);
  if (changed.some(([, value]) => value === null)) return null;
  return { ...call, ...Object.fromEntries(changed) };
}
