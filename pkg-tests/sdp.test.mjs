// Candidates, descriptions and check lists through the built package; what browsers do, measured again in Chromium.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  candidatePriority,
  formatCandidate,
  formCheckList,
  pairPriority,
  parseCandidate,
  parseSdp,
  predictCandidate,
  predictOffer,
} from 'icelens';
import * as small from 'icelens/sdp';
import { launchChromium, noChromium } from './lib/chromium.mjs';

const fixtures = fileURLToPath(new URL('../tests/fixtures/', import.meta.url));
const escapes = { r: '\r', n: '\n', t: '\t', 0: '\0', '\\': '\\', u00a0: '\u00a0' };
const unescaped = (text) => text.replace(/\\(u00a0|.)/g, (_, name) => escapes[name]);
const rows = (file) =>
  readFileSync(fixtures + file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));

const vectors = rows('candidate_vectors.tsv').map(([id, line, , chromium, firefox, lenient]) => ({
  id,
  line: unescaped(line),
  chromium,
  firefox,
  lenient,
}));
const offers = rows('offers.tsv').map(([name, text, chromium, firefox]) => ({
  name,
  text: unescaped(text),
  chromium,
  firefox,
}));

test('the candidate vectors, as their column says', () => {
  for (const { id, line, lenient } of vectors) {
    const { candidate, diagnostics, endOfCandidates } = parseCandidate(line);
    if (lenient.startsWith('found by scan')) {
      assert.equal(candidate.toJSON().sdpMid, '0', id);
      assert.equal(candidate.address, '192.0.2.9', id);
      continue;
    }
    assert.equal(endOfCandidates, lenient.startsWith('endOfCandidates'), id);
    assert.equal(candidate === null, endOfCandidates || lenient.startsWith('error'), id);
    const bad = diagnostics.filter((one) => one.severity !== 'info').map((one) => one.code);
    const named = [...lenient.matchAll(/(?:warn|error)\(([^)]*)\)/g)].flatMap(([, codes]) => codes.split(','));
    assert.deepEqual(bad.sort(), named.map((code) => `cand.${code}`).sort(), id);
    if (candidate === null) continue;
    const text = line.replace(/^a=/, '').replace(/[\r\n]+$/, '');
    assert.equal(candidate.toString(), text, id);
    assert.equal(candidate.toJSON().candidate, text, id);
    for (const one of diagnostics) assert.equal(line.slice(one.start, one.end).length, one.end - one.start, id);
  }
});

test('an edited candidate is written anew, an unedited one as it was', () => {
  const line = 'candidate:1 1  UDP 2130706431 192.0.2.1 5000 typ host generation 0';
  const { candidate } = parseCandidate(line);
  assert.equal(String(candidate), line);
  candidate.port = 6000;
  assert.equal(String(candidate), 'candidate:1 1 UDP 2130706431 192.0.2.1 6000 typ host generation 0');
  assert.equal(
    formatCandidate({ type: 'srflx', address: '192.0.2.3', port: 1, relatedAddress: '0.0.0.0', relatedPort: 9 }),
    'candidate:1 1 udp 1694498815 192.0.2.3 1 typ srflx raddr 0.0.0.0 rport 9',
  );
});

test('priorities', () => {
  assert.equal(candidatePriority({ type: 'host' }), 2130706431);
  assert.equal(candidatePriority({ type: 'srflx' }), 1694498815);
  assert.deepEqual(parseCandidate('candidate:1 1 udp 2113937151 1.2.3.4 5 typ host').candidate.priorityParts, {
    typePreference: 126,
    localPreference: 30,
    componentPart: 255,
  });
  assert.equal(pairPriority(2130706431, 2130706431), 9151314442783293438n);
  assert.equal(pairPriority(1694498815, 2130706431), 7277816997797167102n);
  assert.throws(() => candidatePriority({ type: 'toString' }), /use host, srflx, prflx or relay/);
});

test('a candidate that was read is written again whatever its fields hold', () => {
  for (const odd of ['\u3000', '\u2028', '\u0001', '\u007f', '\u0085', '\ufeff', '\0', 'é']) {
    const line = `candidate:1 1 udp 1 192.0.2.1 5000 typ ho${odd}st x${odd} y${odd}`;
    const { candidate } = parseCandidate(line);
    assert.equal(candidate.toString(), line, JSON.stringify(odd));
    assert.equal(JSON.parse(JSON.stringify(candidate)).candidate, line);
    if (odd === '\0') continue;
    candidate.port = 5001;
    assert.equal(candidate.toString(), line.replace('5000', '5001'), JSON.stringify(odd));
  }
  for (const type of ['a b', 'a\tb', 'a\u00a0b', 'a\nb', 'a\rb', 'a\0b']) {
    assert.throws(() => formatCandidate({ type }), /^TypeError: type must be/, JSON.stringify(type));
  }
});

test('the check list of RFC 8445 15.1', () => {
  const line = (text) => parseCandidate(text).candidate;
  const local = [
    line('candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host'),
    line('candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.1.1 rport 8998'),
    line('candidate:3 1 UDP 1 2001:db8::1 5000 typ host'),
  ];
  const remote = [line('candidate:1 1 UDP 2130706431 192.0.2.1 3478 typ host')];
  const list = formCheckList(local, remote, { controlling: true });
  assert.deepEqual(
    list.pairs.map((pair) => [pair.local, pair.priority, pair.state, pair.foundation, pair.component]),
    [[local[0], 9151314442783293438n, 'waiting', '11', 1]],
  );
  assert.deepEqual(list.pruned, [{ local: local[1], remote: remote[0], rule: 'redundant' }]);
  assert.deepEqual(list.excluded, [{ local: local[2], remote: remote[0], rule: 'address-family' }]);
  // Plain objects do as well, and an edited field counts.
  local[0].port = 8999;
  assert.equal(formCheckList([{ ...local[0] }, local[1]], remote, { controlling: true }).pairs.length, 2);
});

test('check lists of thousands of candidates are bounded, read or not', () => {
  const { candidate } = parseCandidate('candidate:1 1 udp 1 192.0.2.1 5000 typ host');
  // A space of Unicode does not end a field of a line.
  const odd = parseCandidate('candidate:1 1 udp 1 192.0.2.1 5000 typ ho\u3000st').candidate;
  const list = formCheckList([odd], [candidate], { controlling: true });
  assert.deepEqual([list.pairs.length, list.excluded.length], [1, 0]);
  const many = (change) => Array.from({ length: 3000 }, (_, i) => ({ ...candidate, port: 1024 + i, ...change }));
  const broken = many({ address: 'a b' });
  const unread = formCheckList(broken, broken, { controlling: true });
  assert.deepEqual([unread.pairs.length, unread.pruned.length, unread.excluded.length], [0, 0, 256 * 256]);
  assert.ok(unread.excluded.every(({ rule }) => rule === 'unreadable'));
  assert.equal(formCheckList(many({}), broken, { controlling: true }).excluded.length, 256 * 256);
  const read = formCheckList(many({}), many({}), { controlling: true });
  assert.deepEqual([read.pairs.length, read.pruned.length], [100, 256 * 256 - 100]);
});

test('pairs with one base are one, and a base sends only what it can', () => {
  const form = (local, remote) => {
    const { pairs, pruned } = formCheckList(
      local.map((text) => parseCandidate(text).candidate),
      [parseCandidate(remote).candidate],
      { controlling: true },
    );
    return [pairs.map(({ local }) => `${local.address} ${local.port}`), pruned.map(({ rule }) => rule)];
  };
  const host = 'candidate:1 1 udp 969431381 203.0.113.5 5001 typ host';
  const remote = 'candidate:3 1 udp 1637431432 10.0.0.2 5001 typ host';
  for (const raddr of ['0.0.0.0 rport 5000', '203.0.113.5 rport 5001', '10.0.0.9 rport 0']) {
    const reflexive = `candidate:2 1 udp 2081488460 203.0.113.5 5001 typ srflx raddr ${raddr}`;
    assert.deepEqual(form([reflexive, host], remote), [['203.0.113.5 5001'], ['redundant']], raddr);
  }
  const named = 'candidate:2 1 udp 1 x.local 5001 typ srflx raddr 203.0.113.5 rport 5001';
  assert.deepEqual(form([named, host], 'candidate:3 1 udp 1 fe80::2 5001 typ host'), [[], ['address-family']]);
  const global = 'candidate:1 1 udp 1 2001:db8::1 5001 typ host';
  const linkLocal = 'candidate:2 1 udp 1 x.local 5001 typ srflx raddr 2001:db8::1 rport 5001';
  assert.deepEqual(form([linkLocal, global], 'candidate:3 1 udp 1 fe80::2 5001 typ host'), [[], ['link-local']]);
});

test('check lists of names, zones and what cannot be read', () => {
  const line = (text) => parseCandidate(text).candidate;
  const host = line('candidate:1 1 udp 2130706431 10.0.1.1 8998 typ host');
  const rules = (local, remote) =>
    formCheckList(local, remote, { controlling: false }).excluded.map(({ rule }) => rule);
  for (const change of [
    { address: 'a b' },
    { address: '10.0.1.1\n' },
    { address: '' },
    { port: 70000 },
    { port: 1.5 },
    { priority: -1 },
    { component: Number.NaN },
    { protocol: '' },
    { type: 'ho st' },
  ]) {
    assert.deepEqual(rules([{ ...host, ...change }], [host]), ['unreadable'], JSON.stringify(change));
    assert.deepEqual(rules([host], [{ ...host, ...change }, host]), ['unreadable'], JSON.stringify(change));
  }
  // A name is not resolved: it pairs with either family, and with another case it is the same.
  const name = line('candidate:1 1 udp 2130706431 é.test 9 typ host');
  const upper = line('candidate:2 1 udp 2130706430 é.TEST 9 typ host');
  const v6 = line('candidate:3 1 udp 2130706429 fe80::1%eth0 9 typ host');
  const list = formCheckList([host, v6], [name, upper], { controlling: true });
  assert.deepEqual(
    list.pairs.map(({ local, remote }) => [local, remote]),
    [
      [host, name],
      [v6, name],
    ],
  );
  assert.deepEqual(
    list.pruned.map(({ remote, rule }) => [remote, rule]),
    [
      [upper, 'redundant'],
      [upper, 'redundant'],
    ],
  );
  assert.deepEqual(
    rules(
      [v6],
      [
        { ...v6, address: '[2001:db8::1]' },
        { ...v6, address: 'fe80::2' },
      ],
    ),
    ['link-local'],
  );
  assert.deepEqual(rules([host], [{ ...host, protocol: 'ssltcp' }]), ['transport']);
  // A pair in JSON.
  const [pair] = JSON.parse(JSON.stringify(list.pairs));
  assert.equal(pair.priority, list.pairs[0].priority.toString());
  assert.deepEqual(Object.keys(pair).sort(), ['component', 'foundation', 'local', 'priority', 'remote', 'state']);
});

/** Codes that the parser itself reports; the rest are rules. */
const unreadable = new Set(
  ['too-short', 'one-line', 'component', 'priority', 'port', 'typ']
    .map((name) => `cand.${name}`)
    .concat('sdp.not-a-line', 'sdp.too-many-lines'),
);

test('the small build reads the same and reports what it cannot read', () => {
  const files = readdirSync(`${fixtures}sdp`).filter((file) => file.endsWith('.sdp'));
  for (const file of files) {
    const text = readFileSync(`${fixtures}sdp/${file}`, 'utf8');
    const [full, parsed] = [parseSdp(text), small.parseSdp(text)];
    const plain = (sdp) => JSON.stringify({ session: sdp.session, media: sdp.media, lines: sdp.lines });
    assert.equal(plain(parsed), plain(full), file);
    assert.equal(parsed.toString(), text);
    const unread = (sdp) =>
      sdp.diagnostics
        .filter((one) => unreadable.has(one.code))
        .map(({ code, line, column, start, end }) => [code, line, column, start, end]);
    assert.deepEqual(unread(parsed), unread(full), file);
    assert.equal(unread(parsed).length, parsed.diagnostics.length, file);
  }
  for (const { id, line } of vectors) {
    const [full, parsed] = [parseCandidate(line), small.parseCandidate(line)];
    assert.deepEqual({ ...parsed.candidate }, { ...full.candidate }, id);
    assert.equal(parsed.candidate?.toString(), full.candidate?.toString(), id);
    assert.equal(parsed.endOfCandidates, full.endOfCandidates, id);
    const errors = ({ diagnostics }) =>
      diagnostics.filter((one) => unreadable.has(one.code)).map(({ code, start, end }) => [code, start, end]);
    assert.deepEqual(errors(parsed), errors(full), id);
    assert.equal(errors(parsed).length, parsed.diagnostics.length, id);
  }
  assert.deepEqual(small.parseSdp('v=0\n😀 what\n').diagnostics, [
    {
      code: 'sdp.not-a-line',
      severity: 'error',
      message: 'sdp.not-a-line',
      line: 2,
      column: 1,
      start: 4,
      end: 11,
      hint: 'See docs/diagnostics.md.',
    },
  ]);
  assert.equal(small.formCheckList, undefined);
});

test('every description of the corpus is kept to the byte, with all its attributes', () => {
  const files = readdirSync(`${fixtures}sdp`).filter((file) => file.endsWith('.sdp'));
  assert.ok(files.length > 100);
  for (const file of files) {
    for (const text of [
      readFileSync(`${fixtures}sdp/${file}`, 'utf8'),
      `\ufeff😀\r\n${readFileSync(`${fixtures}sdp/${file}`, 'utf8')}`,
    ]) {
      const sdp = parseSdp(text);
      assert.equal(sdp.toString(), text, file);
      assert.equal(sdp.edit().toString(), text, file);
      const plain = text
        .split(/\r\n|\r|\n/)
        .map((line) => line.trimStart())
        .filter((line) => line.startsWith('a='));
      assert.deepEqual(
        sdp.lines.filter((line) => line.type === 'a').map((line) => text.slice(line.start, line.end)),
        plain,
        file,
      );
      const found = sdp.media.reduce((sum, media) => sum + media.candidates.length, 0);
      const readable = plain.filter((line) => line.startsWith('a=candidate:') && parseCandidate(line).candidate);
      assert.equal(found, readable.length, file);
      for (const one of sdp.diagnostics) {
        const lines = text.slice(0, one.start).split(/\r\n|\r|\n/);
        assert.deepEqual(
          [one.line, one.column],
          [lines.length, lines.at(-1).replace('\ufeff', '\ufeff').length + 1],
          `${file} ${one.code}`,
        );
      }
    }
  }
});

test('edits touch their lines only', () => {
  const text =
    'v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0\na=x:1\n  a=x:2\nb=AS:1';
  const edit = parseSdp(text).edit();
  edit.setAttribute(0, 'mid', 'a');
  edit.setAttribute('session', 'ice-lite', true);
  edit.removeAttribute(0, 'x');
  edit.addCandidate(0, { address: '192.0.2.1', port: 5000 });
  assert.equal(
    edit.toString(),
    'v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\na=ice-lite\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:a\n  b=AS:1\na=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host',
  );
  assert.throws(() => edit.setAttribute(0, 'x', 'a\r\nb'), TypeError);
  assert.throws(() => edit.setAttribute(7, 'x', true), /section 7: the description has 1/);
});

test('the fix of a data channel of the draft', () => {
  const text = readFileSync(`${fixtures}sdp/otalk_0.sdp`, 'utf8').replace(/^m=.*$/m, 'm=application 9 DTLS/SCTP 5000');
  const { fix } = parseSdp(text).diagnostics.find((one) => one.code === 'sdp.sctp-legacy-line');
  const fixed = text.slice(0, fix.start) + fix.text + text.slice(fix.end);
  assert.equal(parseSdp(fixed).media[0].attribute('sctp-port'), '5000');
  assert.ok(!parseSdp(fixed).diagnostics.some((one) => one.code.startsWith('sdp.sctp')));
});

test('offers with one thing wrong, as the browsers took them', () => {
  for (const { name, text, chromium, firefox } of offers) {
    const verdict = predictOffer(text);
    assert.deepEqual(
      [verdict.chromium === null, verdict.firefox === null],
      [chromium === 'ok', firefox === 'ok'],
      name,
    );
  }
});

test('what Chromium does with candidates and offers, measured again', {
  skip: noChromium,
  timeout: 120_000,
}, async () => {
  const browser = await launchChromium(['--disable-features=WebRtcHideLocalIpsWithMdns']);
  try {
    const page = await browser.newPage();
    const said = await page.evaluate(
      offersOf,
      offers.map((one) => one.text),
    );
    offers.forEach(({ name, text }, i) => {
      assert.equal(predictOffer(text).chromium === null, said[i] === 'ok', `${name}: Chromium says ${said[i]}`);
    });
    const outcomes = await page.evaluate(
      candidatesOf,
      vectors.map((one) => one.line),
    );
    vectors.forEach(({ id, line }, i) => {
      const { outcome, reason } = predictCandidate(line).chromium;
      const rejected = outcome === 'rejected';
      assert.equal(outcomes[i].rejected, rejected, `${id}: predicted ${outcome} ${reason}`);
      // A pair shows in getStats at once, but for names, which take time to resolve.
      const named = ['fqdn', 'mdns'].includes(parseCandidate(line).candidate?.addressKind);
      if (!rejected && !named)
        assert.equal(outcomes[i].paired, outcome === 'used', `${id}: predicted ${outcome} ${reason}`);
    });
  } finally {
    await browser.close();
  }
});

/** In the page: what setRemoteDescription says to each offer. */
async function offersOf(texts) {
  const said = [];
  for (const sdp of texts) {
    const peer = new RTCPeerConnection();
    said.push(
      await peer.setRemoteDescription({ type: 'offer', sdp }).then(
        () => 'ok',
        (error) => error.message,
      ),
    );
    peer.close();
  }
  return said;
}

/** In the page: whether addIceCandidate rejects each line, and whether a pair comes of it. */
async function candidatesOf(lines) {
  const outcomes = [];
  for (const candidate of lines) {
    const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
    a.createDataChannel('x');
    const bare = ({ type, sdp }) => ({ type, sdp: sdp.replace(/a=(candidate|end-of-candidates).*\r\n/g, '') });
    await a.setLocalDescription(await a.createOffer());
    await b.setRemoteDescription(bare(a.localDescription));
    await b.setLocalDescription(await b.createAnswer());
    await a.setRemoteDescription(bare(b.localDescription));
    const rejected = await a.addIceCandidate({ candidate, sdpMid: '0' }).then(
      () => false,
      () => true,
    );
    let paired = false;
    for (let i = 0; i < 20 && !paired && !rejected; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      for (const one of (await a.getStats()).values()) paired ||= one.type === 'candidate-pair';
    }
    outcomes.push({ rejected, paired });
    a.close();
    b.close();
  }
  return outcomes;
}

test('of a text over 22 369 621 characters the rest is kept and not looked at', () => {
  const most = 22_369_621;
  const long = `v=0\r\n${'x'.repeat(most)}`;
  const description = parseSdp(long);
  assert.equal(String(description), long);
  const last = description.diagnostics.at(-1);
  assert.deepEqual([last.code, last.line, last.start, last.end], ['sdp.too-many-lines', 2, most, long.length]);
  const { diagnostics } = parseCandidate(`candidate:1 1 udp 1 192.0.2.1 5 typ host ${'x'.repeat(most)}`);
  assert.equal(diagnostics.at(-1).code, 'sdp.too-many-lines');
  predictCandidate(long);
  predictOffer(long);
});
