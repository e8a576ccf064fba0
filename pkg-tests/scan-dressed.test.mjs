// Text that another program has dressed: colours, HTML, mail, the prefix of a container or logger, log lines as
// JSON. The same is found in it as in the text itself, with places in the text that was given.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { analyze, scan } from 'icelens';

const field = (name) => readFileSync(new URL(`../tests/fixtures/field/${name}`, import.meta.url), 'utf8');
const eachLine = (change) => (text) =>
  `${text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map(change)
    .join('\n')}\n`;
const before = (prefix) => eachLine((line, index) => prefix.replaceAll('SS', String(10 + (index % 49))) + line);
const escaped = (text) =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** Breaks lines at the last blank before a width, as mail does. */
const wrappedAt = (width) =>
  eachLine((line) => {
    const out = [];
    let rest = line;
    while (rest.length > width) {
      const last = rest.lastIndexOf(' ', width);
      const at = last > 0 && rest.slice(0, last).trim() !== '' ? last : rest.indexOf(' ', width);
      if (at < 0) break;
      out.push(rest.slice(0, at));
      rest = rest.slice(at + 1);
    }
    return [...out, rest].join('\n');
  });
const quoted = (line) => `"${line.replaceAll('"', '""')}"`;
const cell = (line) => line.replaceAll('|', '\\|');
const seconds = (index) => 10 + (index % 49);

/** Dresses that leave every line where it was. */
const onLines = {
  'mail quoted twice': before('> > '),
  'colours of a terminal': eachLine((line) => `\x1b[32m${line}\x1b[0m`),
  'colours as letters': eachLine((line) => `^[[36m${line}^[[0m`),
  'colours without ESC': eachLine((line) => `[36m${line}[0m`),
  'level and colour': eachLine((line) => `\x1b[0;36mDEBUG\x1b[0m ${line}`),
  'docker compose': before('sip-1  | '),
  'docker logs -t': before('2026-11-28T12:00:SS.123456789Z '),
  kubernetes: before('2026-11-28T12:00:SS.123456789Z stdout F '),
  'docker json-file': eachLine((line) =>
    JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-11-28T12:00:00Z' }),
  ),
  journald: before('Nov 28 12:00:SS host prog[1234]: '),
  'RFC 5424': before('<134>1 2026-11-28T12:00:SS.123Z host app 123 - - '),
  logcat: before('11-28 12:00:SS.123  1234  5678 D MyApp   : '),
  'logcat, brief': before('I/flutter (12345): '),
  Xcode: before('2026-11-28 12:00:SS.123456+0100 App[123:4567] '),
  log4j: before('12:00:SS.123 [main] DEBUG c.e.Foo - '),
  Python: before('2026-11-28 12:00:SS,123 - DEBUG - '),
  'line numbers': eachLine((line, index) => `${String(index + 1).padStart(6)}\t${line}`),
  'line numbers and a bar': eachLine((line, index) => `${String(index + 1).padStart(4)} | ${line}`),
  grep: eachLine((line, index) => `server.log:${index + 1}:${line}`),
  "Chromium's console log": eachLine(
    (line) => `[1:2:1128/120000.123456:INFO:CONSOLE(42)] "${line}", source: https://example.org/app.js (42)`,
  ),
  'a page': (text) => escaped(text).replace(/\n/g, '<br>\n'),
  'a page of paragraphs': eachLine((line) => `<p>${escaped(line)}</p>`),
  'Windows in UTF-16 read as it is': (text) => `\ufeff${text.replace(/\r?\n/g, '\r\n')}`,
  'CR CR LF': (text) => text.replace(/\r?\n/g, '\r\r\n'),
};
/** Dresses that move lines. */
const moving = {
  'a string of JSON': (text) => `${JSON.stringify({ level: 'debug', msg: text })}\n`,
  'a string in a string of JSON': (text) => `${JSON.stringify({ level: 'debug', body: JSON.stringify({ text }) })}\n`,
  'a literal': (text) => `log("${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\r?\n/g, '\\r\\n')}")\n`,
  'CR alone': (text) => text.replace(/\r?\n/g, '\r'),
  'every line end twice': (text) => text.replace(/\r?\n/g, '\n\n'),
  'a mail in transfer': (text) => text.replace(/=/g, '=3D').replace(/((?:=3D|[^=\n]){68})(?=.)/g, '$1=\n'),
  'a mail of 76 columns': wrappedAt(76),
  'a mail of 72 columns': wrappedAt(72),
  CSV: (text) =>
    `time,level,message\n${eachLine((line, index) => `2026-11-28T12:00:${seconds(index)}.123Z,info,${quoted(line)}`)(text)}`,
  'CSV, quotes where they have to be': (text) =>
    `Time,Message\n${eachLine((line, index) => `2026-11-28 12:00:${seconds(index)},${/[",]/.test(line) ? quoted(line) : line}`)(text)}`,
  'CSV without a head': eachLine((line, index) => `${index + 1};${quoted(line)}`),
  'values between tabs': (text) =>
    `time\tmessage\n${eachLine((line, index) => `12:00:${seconds(index)}\t${line}`)(text)}`,
  'a table of Markdown': (text) =>
    `| time | message |\n|---|---|\n${eachLine((line, index) => `| 12:00:${seconds(index)} | ${cell(line)} |`)(text)}`,
  'a table of code': (text) =>
    `| # | side | sdp |\n| --: | :-- | --- |\n${eachLine((line, index) => `| ${index + 1} | x | \`${cell(line)}\` |`)(text)}`,
  'a form': (text) => `text=${encodeURIComponent(text)}\n`,
};
/** A SIP request and answer, hex dumps and byte lists over several lines, HTTP with a description, a description. */
const inputs = [
  'F01.txt',
  'F05.txt',
  'H02.txt',
  'H06.txt',
  'H08.txt',
  'H13.txt',
  'T13.txt',
  'S17.txt',
  'S28.txt',
  'S24.sdp',
];

const what = ({ kind, text, value }) => {
  if (kind === 'sdp')
    return `sdp ${value.media.length} ${text.match(/a=candidate:/g)?.length ?? 0} ${text.trim().split(/\r?\n/).length}`;
  if (kind === 'stun') return `stun ${value?.method} ${value?.class}`;
  return `${kind} ${text ?? value.startLine ?? ''}`;
};

for (const [dress, change] of Object.entries({ ...onLines, ...moving })) {
  test(`dressed: ${dress}`, async () => {
    for (const name of inputs) {
      const plain = field(name);
      const text = change(plain);
      const [expected, got] = [scan(plain), scan(text)];
      assert.deepEqual(got.map(what), expected.map(what), `${name}\n${text}`);
      const { findings, input } = await analyze(text);
      assert.equal(input, text);
      assert.deepEqual(findings.map(what), expected.map(what), name);
      for (const [index, finding] of findings.entries()) {
        const lines = text.slice(0, finding.start).split('\n').length;
        assert.equal(finding.line, lines, `${name}: ${finding.kind}`);
        if (dress in onLines) assert.equal(finding.line, expected[index].line, `${name}: ${finding.kind}`);
        assert.ok(finding.start < finding.end && finding.end <= text.length);
      }
    }
  });
}

test('a place in a dressed description is a place in the input', () => {
  const text = before('2026-11-28T12:00:SS.123Z stdout F ')(field('F01.txt').replace(/\r/g, ''));
  const sdp = scan(text).find(({ kind }) => kind === 'sdp');
  for (const line of sdp.text.split(/\r?\n/).filter(Boolean)) {
    const at = sdp.locate(sdp.text.indexOf(line));
    assert.equal(text.slice(at, at + line.length), line);
  }
});

test('what is not dressed stays as it is', async () => {
  // Offsets of a dump, a table, prose with numbers: they look like prefixes, and are none.
  for (const name of ['H02.txt', 'T13.txt', 'S19.txt', 'C03.txt']) {
    const text = field(name);
    for (const { start, end, text: own } of (await analyze(text)).findings) {
      assert.ok(start < end && end <= text.length, `${name} ${own}`);
    }
  }
});

test('logs keep their times behind the prefix of a container', async () => {
  const line =
    '2: : session 001000000000000003: realm <example.org> user <bob>: incoming packet message processed, error 401: Unauthorized';
  const text = Array.from({ length: 4 }, (_, index) =>
    JSON.stringify({ log: `${line}\n`, stream: 'stderr', time: `2026-11-28T12:00:0${index}Z` }),
  ).join('\n');
  const { logs } = await analyze(text);
  assert.deepEqual(
    logs[0].events.map(({ line, time }) => [line, time]),
    [0, 1, 2, 3].map((index) => [index + 1, `2026-11-28T12:00:0${index}Z`]),
  );
  for (const { start, end } of logs[0].events) assert.match(text.slice(start, end), /^\{"log".*\}$/);
});

test('candidates that a mail broke are whole', () => {
  const [one] = scan('candidate:1 1 udp 1686052607 203.0.113.7 36004 typ srflx raddr\n10.1.12.193 rport 61120\n');
  assert.equal(one.value.address, '203.0.113.7');
  const [two] = scan(
    'candidate:1 1 udp 1686052607 203.0.113.7 36004 typ srflx\nraddr 10.1.12.193 rport 61120 generation 0\n',
  );
  assert.equal(two.value.relatedAddress, '10.1.12.193');
  const [quotedOne] = scan(
    'You wrote:\n> candidate:1 1 udp 1686052607 203.0.113.7 36004 typ srflx raddr\n> 10.1.12.193 rport 61120\n',
  );
  assert.equal(quotedOne.value.relatedAddress, '10.1.12.193');
});

test('wrapped descriptions are called wrapped, once, and their places are places in the input', async () => {
  const text = wrappedAt(60)(field('S24.sdp').replaceAll('\r', ''));
  const { advice, findings } = await analyze(text);
  assert.equal(advice.filter(({ code }) => code === 'sdp.wrapped').length, 1);
  const [sdp] = findings;
  for (const line of sdp.text.split(/\r?\n/).filter(Boolean)) {
    const word = line.split(' ').at(-1);
    const at = sdp.locate(sdp.text.indexOf(line) + line.length - word.length);
    assert.equal(text.slice(at, at + word.length), word);
  }
});

test('lines cut at the edge of a terminal are whole', () => {
  const plain = field('F01.txt').replaceAll('\r', '');
  const text = eachLine((line) => line.match(/.{1,80}/g)?.join('\n') ?? '')(plain);
  assert.deepEqual(scan(text).map(what), scan(plain).map(what));
});

test('bytes as binary digits', () => {
  const message = '000100082112a4420102030405060708090a0b0c8022000461626364';
  const bytes = message.match(/../g).map((byte) => Number.parseInt(byte, 16).toString(2).padStart(8, '0'));
  const shapes = [bytes.join(' '), bytes.join(''), bytes.map((byte) => `0b${byte}`).join(', ')];
  shapes.push(bytes.map((byte, index) => byte + (index % 4 === 3 ? '\n' : ' ')).join(''));
  for (const shape of shapes) {
    const text = `packet:\n${shape}\nend\n`;
    const [stun, ...others] = scan(text);
    assert.deepEqual([others.length, stun?.value?.method, stun?.value?.class], [0, 'binding', 'request'], text);
    assert.equal(text.slice(stun.start, stun.end).replace(/0b|[^01]/g, ''), bytes.join(''));
  }
  assert.deepEqual(scan('00000000 00000001 '.repeat(40)), []);
});

test('a table of something else stays as it is', () => {
  const hex = '"0001","0000","2112"\n'.repeat(4);
  const numbers = 'time,packets,bytes\n1,2,3\n2,3,4\n3,4,5\n';
  const python = '2026-11-28 12:00:10,123 DEBUG candidate:1 1 udp 1 192.0.2.1 5000 typ host\n'.repeat(4);
  assert.deepEqual(scan(hex), []);
  assert.deepEqual(scan(numbers), []);
  assert.equal(scan(python).length, 4);
  const two = `message,local\n${'"candidate:1 1 udp 1 192.0.2.1 5000 typ host","candidate:2 1 udp 1 192.0.2.2 5000 typ host"\n'.repeat(3)}`;
  assert.equal(scan(two).length, 6);
});

test('candidates that programs print as objects', async () => {
  const srflx = 'candidate:842163049 1 udp 1694498815 203.0.113.7 54321 typ srflx raddr 192.0.2.7 rport 54322';
  const printed = {
    aiortc:
      "RTCIceCandidate(component=1, foundation='842163049', ip='203.0.113.7', port=54321, priority=1694498815, protocol='udp', type='srflx', relatedAddress='192.0.2.7', relatedPort=54322, sdpMid='0', sdpMLineIndex=0, tcpType=None)",
    JSON: '{"address":"203.0.113.7","port":54321,"protocol":"udp","type":"srflx","component":"rtp","foundation":"842163049","priority":1694498815,"relatedAddress":"192.0.2.7","relatedPort":54322,"tcpType":null}',
    pion: '{statsID:candidate:x Foundation:842163049 Priority:1694498815 Address:203.0.113.7 Protocol:udp Port:54321 Typ:srflx Component:1 RelatedAddress:192.0.2.7 RelatedPort:54322 TCPType: SDPMid:0 SDPMLineIndex:0}',
    'webrtc-rs':
      'RTCIceCandidate { stats_id: "candidate:x", foundation: "842163049", priority: 1694498815, address: "203.0.113.7", protocol: Udp, port: 54321, typ: Srflx, component: 1, related_address: "192.0.2.7", related_port: 54322, tcp_type: "unspecified" }',
  };
  for (const [program, text] of Object.entries(printed)) {
    const { findings } = await analyze(`12:00:00 got ${text}\n`);
    assert.deepEqual(
      findings.map(({ side, text }) => [side, text.trim()]),
      [[null, srflx]],
      program,
    );
  }
});

test("a list of mediasoup's candidates", async () => {
  const { findings } = await analyze(
    "iceCandidates: [\n  { foundation: 'udpcandidate', priority: 1076302079, ip: '203.0.113.4', protocol: 'udp', port: 40000, type: 'host' },\n  { foundation: 'tcpcandidate', priority: 1076276479, ip: '203.0.113.4', protocol: 'tcp', port: 40000, type: 'host', tcpType: 'passive' }\n]",
  );
  assert.deepEqual(
    findings.map(({ side, line, text }) => [side, line, text.trim()]),
    [
      [null, 1, 'candidate:udpcandidate 1 udp 1076302079 203.0.113.4 40000 typ host'],
      [null, 3, 'candidate:tcpcandidate 1 tcp 1076276479 203.0.113.4 40000 typ host tcptype passive'],
    ],
  );
});

test('an object with a foundation that is not a candidate is none', async () => {
  for (const text of [
    '{ foundation: "1", name: "Example", type: "charity" }',
    '{"type":"local-candidate","foundation":"1","address":"203.0.113.4","port":1,"priority":1,"candidateType":"host"}',
  ])
    assert.deepEqual((await analyze(text)).findings, [], text);
});

test('octal dumps of od', async () => {
  const bytes = [0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...Buffer.from('c b"ef\\n\tijkl')];
  const dumps = {
    'od -b': ['0000000 000 001 000 000 041 022 244 102 143 040 142 042 145 146 134 156', '0000020 011 151 152 153 154'],
    'od -c': [
      '0000000  \\0 001  \\0  \\0   ! 022 244   B   c       b   "   e   f   \\   n',
      '0000020  \\t   i   j   k   l',
    ],
    od: ['0000000 000400 000000 011041 041244 020143 021142 063145 067134', '0000020 064411 065552 000154'],
  };
  for (const [program, lines] of Object.entries(dumps)) {
    const { findings } = await analyze(`$ ${program} request.bin\n${lines.join('\n')}\n0000025\n`);
    assert.deepEqual(
      findings.map(({ kind, line, bytes }) => [kind, line, [...bytes.subarray(0, 20)]]),
      [['stun', 2, bytes.slice(0, 20)]],
      program,
    );
  }
});
