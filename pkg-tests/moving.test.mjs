// With `--import ./pkg-tests/lib/moving.mjs`, that the build whose areas move is in use, and that keeping a view fails in it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const instances = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = new Proxy(Instance, {
  construct(_, args) {
    const made = new WebAssembly.Instance.Real(...args);
    instances.push(made.exports);
    return made;
  },
});
WebAssembly.Instance.Real = Instance;
const { parseCandidate } = await import('icelens');

test('the areas move with every call where that is asked for', () => {
  const line = 'candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host';
  assert.equal(parseCandidate(line).candidate.port, 3478);
  const [{ memory, area_places: places }] = instances;
  const addresses = () => [...new Uint32Array(memory.buffer, places(), 3)];
  const before = addresses();
  assert.equal(parseCandidate(line).candidate.port, 3478);
  if (process.env.ICELENS_MOVING === undefined) return assert.deepEqual(addresses(), before);
  assert.equal(globalThis.icelensMoving, 1);
  assert.notDeepEqual(addresses(), before);
});
