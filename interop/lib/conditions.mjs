// The conditions: how the two agents are made and what is asked of them. `ours` and `theirs` are parts of the configuration.

const user = { username: 'interop', password: 'interop-password' };
export const COTURN = { address: '203.0.113.10:3478', ...user };
export const OWN_TURN = { address: '203.0.113.11:3478', ...user };

export const conditions = [
  { name: 'controlling', ours: { controlling: true }, theirs: { controlling: false } },
  { name: 'controlled', ours: { controlling: false }, theirs: { controlling: true } },
  { name: 'aggressive', ours: { controlling: true, aggressive: true }, theirs: { controlling: false } },
  { name: 'trickle', ours: { controlling: true }, theirs: { controlling: false, trickle: true }, trickle: true },
  { name: 'restart', ours: { controlling: true }, theirs: { controlling: false }, restart: true },
  { name: 'both controlling', ours: { controlling: true }, theirs: { controlling: true } },
  { name: 'both controlled', ours: { controlling: false }, theirs: { controlling: false } },
  { name: 'icelens lite', ours: { controlling: false, lite: true }, theirs: { controlling: true } },
  { name: 'peer lite', ours: { controlling: true }, theirs: { controlling: false, lite: true } },
  {
    name: 'relay, coturn',
    ours: { controlling: true, relayOnly: true, turn: COTURN },
    theirs: { controlling: false, relayOnly: true, turn: COTURN },
  },
  {
    name: 'relay, icelens',
    ours: { controlling: true, relayOnly: true, turn: OWN_TURN },
    theirs: { controlling: false, relayOnly: true, turn: OWN_TURN },
  },
  { name: 'IPv6', ours: { controlling: true }, theirs: { controlling: false }, ipv6: true },
  { name: '10 % loss', ours: { controlling: true, loss: 10, seed: 11 }, theirs: { controlling: false } },
];
