// scan() of the built package: spans, sides and values.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { scan } from 'icelens';

const log = readFileSync(new URL('../tests/fixtures/scan/seed-000.txt', import.meta.url), 'utf8');

test('the seed log: six descriptions, six candidates, three end marks of each side', () => {
  const found = scan(log);
  const count = (kind, side) => found.filter((finding) => finding.kind === kind && finding.side === side).length;
  for (const kind of ['sdp', 'candidate', 'end-of-candidates']) {
    assert.deepEqual([kind, count(kind, 'local'), count(kind, 'remote')], [kind, 3, 3]);
  }
  assert.equal(found.length, 18);
  for (const finding of found) {
    const text = log.slice(finding.start, finding.end);
    if (finding.kind === 'sdp') {
      assert.ok(text.startsWith('v=0\no=- '), text);
      assert.equal(finding.value.toString(), text);
      assert.equal(finding.value.media.length, 1);
    } else if (finding.kind === 'candidate') {
      assert.equal(String(finding.value), text);
      assert.equal(finding.value.priority, 2113937151);
      const { typePreference, localPreference, componentPart } = finding.value.priorityParts;
      assert.deepEqual([typePreference, localPreference, 256 - componentPart], [126, 30, 1]);
    } else {
      assert.equal(text, '(null)');
    }
  }
  assert.deepEqual(
    found.filter(({ kind }) => kind === 'sdp').map(({ type, line }) => [type, log.split('\n')[line - 1]]),
    Array.from({ length: 6 }, (_, index) => [index % 2 ? 'answer' : 'offer', 'v=0']),
  );
});

test('bytes give the same findings at byte offsets', () => {
  const bytes = new TextEncoder().encode(log);
  const found = scan(bytes);
  const text = scan(log);
  assert.equal(found.length, text.length);
  for (const [index, finding] of found.entries()) {
    const other = text[index];
    assert.equal(
      new TextDecoder().decode(bytes.subarray(finding.start, finding.end)),
      log.slice(other.start, other.end),
    );
    assert.equal(finding.written, other.written);
  }
});

test('escaped SDP: value is the text without escapes, diagnostics are placed in the input', () => {
  const sdp = `${log.slice(log.indexOf('v=0'), log.indexOf('common.js:6 15.466'))}a=candidate:1 1 udp x 192.0.2.1 9 typ host\n`;
  const input = `前言 ${JSON.stringify(JSON.stringify({ type: 'offer', sdp }))}`;
  const [finding, ...rest] = scan(input);
  assert.deepEqual(rest, []);
  assert.equal(finding.value.toString(), sdp);
  assert.equal(finding.type, 'offer');
  for (const offset of [sdp.indexOf('ice-pwd'), sdp.indexOf('sctpmap')]) {
    assert.ok(input.slice(finding.locate(offset)).startsWith(sdp.slice(offset, offset + 7)));
  }
  assert.ok(finding.diagnostics.length > 0);
  for (const { start, end, line, column } of finding.diagnostics) {
    assert.ok(finding.start <= start && start <= end && end <= finding.end);
    assert.deepEqual([line, column], [1, start + 1]);
  }
});

test('nothing in nothing', () => {
  for (const empty of ['', new Uint8Array(), '\0', '\ufeff', '\ud800']) assert.deepEqual(scan(empty), []);
});
