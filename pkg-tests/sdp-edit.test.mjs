// Edits of mutated descriptions: what was edited is read back, every other section keeps its text.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseCandidate, parseSdp } from 'icelens';

const folder = new URL('../tests/fixtures/sdp/', import.meta.url);
const descriptions = readdirSync(folder)
  .filter((file) => file.endsWith('.sdp'))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'));

/** Mulberry32. */
function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
  const below = (end) => Math.floor(next() * end);
  return { below, pick: (list) => list[below(list.length)] };
}

const odd = [
  ...['\r\n', '\n', '\r', ' \r\n', 'a=mid:x\r\n', '  a=mid:y\n', 'a=x', 'a= mid:z\n', '\ufeff', 'é\n', '\0'],
  ...['junk\r\n', 'a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r', 'a=mid\n', 'm=audio\n', 'm=audio 9 RTP/AVP 0\r\na=x'],
];

function mutated(text, { below, pick }) {
  const lines = text.split(/(?<=\n)/);
  for (let i = below(5); i > 0; i--) {
    const at = below(lines.length);
    const line = lines[at] ?? '';
    const change = below(6);
    if (change < 2) lines.splice(at, 0, pick(odd));
    else if (change === 2) lines.splice(at, 1);
    else if (change === 3) lines[at] = line.replace(/\r?\n$/, '');
    else if (change === 4) lines[at] = line.replace('\r\n', '\r');
    else lines.length = at;
  }
  return (below(6) === 0 ? '\ufeff' : '') + (below(6) === 0 ? lines.slice(5) : lines).join('');
}

/** The text of each section, without what ends its last line. */
function sections(sdp) {
  const text = sdp.toString();
  const first = sdp.media[0]?.start ?? text.length;
  const trim = (part) => part.replace(/^\ufeff/, '').replace(/[\r\n \t]+$/, '');
  return {
    session: trim(text.slice(0, first)),
    media: sdp.media.map(({ start, end }) => trim(text.slice(start, end))),
  };
}

const others = ({ session, media }, section) => [
  section === 'session' ? null : session,
  media.filter((_, index) => index !== section),
];

const names = ['mid', 'ice-ufrag', 'x', 'setup', 'sendrecv', 'é', 'toString', '__proto__'];
const values = ['v', true, '', 'é', 'a:b', ' ', 'm=audio 9 RTP/AVP 0', '\u2028', '\ufeff'];
const candidate = 'candidate:9 1 udp 7 203.0.113.77 7777 typ host';

function edit(text, { below, pick }) {
  const sdp = parseSdp(text);
  const section = below(3) === 0 || sdp.media.length === 0 ? 'session' : below(sdp.media.length);
  const of = (parsed) => (section === 'session' ? parsed.session : parsed.media[section]);
  const edited = sdp.edit();
  const name = pick(names);
  const value = pick(values);
  const kind = below(section === 'session' ? 2 : 3);
  if (kind === 0) edited.setAttribute(section, name, value);
  else if (kind === 1) edited.removeAttribute(section, name);
  else edited.addCandidate(section, parseCandidate(candidate).candidate);
  const after = parseSdp(edited.toString());
  const what = JSON.stringify({ kind, section, name, value, text, after: after.toString() });
  if (kind === 0) assert.equal(of(after).attribute(name), value, what);
  else if (kind === 1) assert.deepEqual(of(after).attributes(name), [], what);
  else assert.equal(of(after).candidates.filter((one) => String(one) === candidate).length, 1 + count(of(sdp)), what);
  assert.deepEqual(others(sections(after), section), others(sections(sdp), section), what);
  return after.toString();
}

const count = (section) => section.candidates.filter((one) => String(one) === candidate).length;

test('an edit changes its own section alone', () => {
  const source = random(3);
  for (let run = 0; run < 1500; run++) {
    let text = mutated(source.pick(descriptions), source);
    for (let i = source.below(4); i >= 0; i--) text = edit(text, source);
  }
});

test('an attribute with a line end or NUL is refused', () => {
  const text = descriptions[0];
  for (const [name, value] of [
    ['mid', '0\r\nm=audio 9 RTP/AVP 0'],
    ['mid', '0\n'],
    ['mid', '0\r'],
    ['mid', '0\0'],
    ['mid:0\na', 'v'],
    ['x\r', true],
  ]) {
    const edited = parseSdp(text).edit();
    assert.throws(() => edited.setAttribute(0, name, value), TypeError, JSON.stringify([name, value]));
    assert.equal(edited.toString(), text);
  }
});

test('a name that is read back as another is written as it is, and changes no other section', () => {
  const text = descriptions[0];
  for (const name of ['', ':', 'mid:x', 'a b', ' mid', 'mid\t', '\u2028', 'candidate:1 1 udp 1 192.0.2.1 5 typ']) {
    for (const value of ['v', true]) {
      const edited = parseSdp(text).edit();
      edited.setAttribute(0, name, value);
      const after = edited.toString();
      assert.equal(after, `${text}\na=${name}${value === true ? '' : ':v'}`);
      assert.deepEqual(others(sections(parseSdp(after)), 0), others(sections(parseSdp(text)), 0));
    }
  }
});

test('what is added before a first media line follows the byte order mark', () => {
  const edited = parseSdp('\ufeffm=audio 9 RTP/AVP 0\r\n').edit();
  edited.setAttribute('session', 'ice-lite', true);
  assert.equal(edited.toString(), '\ufeffa=ice-lite\r\nm=audio 9 RTP/AVP 0\r\n');
});
