// icelens/browser where there is no page: it loads, and says what it needs. The rest is tested in real browsers: lab/.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatherCandidates, probeNat, watchPairs } from 'icelens/browser';

const needsPage = { name: 'TypeError', message: /needs RTCPeerConnection/ };

test('icelens/browser loads without a page, as servers that render pages do', async () => {
  await assert.rejects(gatherCandidates({}), needsPage);
  await assert.rejects(probeNat({}), needsPage);
  assert.throws(() => watchPairs({}, { onUpdate() {} }), needsPage);
});
