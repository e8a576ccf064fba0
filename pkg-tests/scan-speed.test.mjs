// Time grows with the input, not faster: hostile text of a sixteenth of a megabyte and of one, captures to 20 MB.
import assert from 'node:assert/strict';
import test from 'node:test';
import { analyze, encodeMessage, scan } from 'icelens';

const MB = 1_000_000;
const fill = (pattern, length) => pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length);

/** Text that makes a careless search start over and over again. */
const hostile = {
  'v= lines': 'v=0\n',
  'v= and nothing': 'v=0\r\ns=',
  'escaped v=': 'v=0\\r\\n',
  'twice escaped': '"v=0\\\\r\\\\no=x\\\\r\\\\n',
  'one description after another': 'v=0\no=- 1 1 IN IP4 1.1.1.1\ns=-\n',
  'candidate:': 'candidate:',
  'candidates on one line': 'candidate:1 1 udp 1 1.1.1.1 1 typ host ',
  'empty candidates': '{"candidate":"","sdpMid":"0"},',
  'attribute lines': 'a=b:c\n',
  'media lines on one line': 'm=audio 9 RTP/AVP 0 ',
  'glued attributes': 'a=mid:',
  'SIP heads': 'SIP/2.0 200 OK\nA: b\n',
  'SIP versions': 'INVITE x SIP/2.0 ',
  'header lines': 'X: SIP/2.0 200 OK\n',
  'end words': 'end of candidates ',
  digits: '0001000021',
  'hex pairs': '00 01 00 00 21 12 a4 42 ',
  'dump lines': '00000000: 0001 0000 2112 a442 0000 0000 0000 0000  ................\n',
  base64: 'AAEAACESpEI',
  spaces: ' ',
  'line ends': '\r\n',
  backslashes: '\\',
  quotes: '"',
  'quoted blocks': '> > > > ',
  'no ASCII': '候选candidate：',
  braces: '{"a":[',
  'marked lines': 'v=0|o=- 1 1 IN IP4 1.1.1.1|',
  'marks without lines': 'v=0|o=1|||||',
  'a list of lines': '["v=0","o=- 1 1 IN IP4 1.1.1.1",',
  'lines of a log between': 'v=0\no=- 1 1 IN IP4 1.1.1.1\n[x]\n',
  'lines of a log between attributes': 'v=0\no=x\ns=-\n[x]\na=b\na=c\n',
  tails: 'v=0^M\no=x^M\n',
  'keys that count': '{"0":0,"1":1,"2":0,',
  'layers of tshark': '"udp.payload": "00:01:00:00:21:12:a4:42:00:00:00:00:00:00:00:00:00:00:00:00",',
  casts: '(byte)0x00, (byte) ',
  'binary digits': `${'00000000 '.repeat(18)}\n\n`,
  'open quotes of CSV': 'a,"b""c\n',
  'values in quotes': '"a","b""","c"\n',
  'rules of Markdown': '|---|\n|---|\n| ` | \\| |\n',
  'bars and blanks': '|   |   |\n   \n',
  'lines of one width': `${'a b '.repeat(20)}\n${'word'.repeat(5)}\n`,
  'signed bytes': '0, 1, 0, 0, 33, 18, -92, 66, ',
};

/** Text for the readers behind the scan: logs, servers, statistics. */
const hostileReading = {
  'open objects': '{type: candidate-pair, id: 1, ',
  'objects in objects': '{id: a, type: candidate-pair, values: {',
  'connections that never close': '"PeerConnections": {"a": [',
  'open lists of servers': 'iceServers: [{urls: "turn:a:',
  'servers of YAML': 'ice_servers:\n  - url: turn:a\n',
  'words of logs': 'NAT Type: NAT with Mapped address: session 123456: werift: turn ERROR: ',
};

/** Milliseconds of the processor: other work of the machine does not count. */
async function time(work, text) {
  const began = process.cpuUsage();
  await work(text);
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
}

/** Whether `measure(size)` is at most `bound`, and ten milliseconds for what is short, in one of three attempts. */
async function stays(measure, size, bound) {
  for (let attempt = 0; attempt < 3; attempt++) if ((await measure(size)) <= bound + 10) return true;
  return false;
}

/**
 * Whether time grows with the input. `measure` gives milliseconds for so many sixteenths of a megabyte. A megabyte should
 * take 16 times as long as a sixteenth of it, and 256 times where time grows with the square. What lies between, as on a
 * busy machine, is decided at four megabytes: 64 times, or 4096. So a part that grows with the square is found where it is
 * more than a third of the time of a megabyte, and eleven milliseconds.
 */
async function isLinear(measure) {
  const unit = Math.min(await measure(1), await measure(1), await measure(1));
  if (await stays(measure, 16, 24 * unit)) return true;
  return (await stays(measure, 16, 128 * unit)) && (await stays(measure, 64, 192 * unit));
}

async function assertLinear(work, patterns) {
  // What is slow only at first, as compiling is.
  for (const pattern of Object.values(patterns)) await work(fill(pattern, MB / 32));
  for (const [name, pattern] of Object.entries(patterns)) {
    const times = [];
    const measure = async (size) => {
      const ms = await time(work, fill(pattern, (size * MB) / 16));
      times.push(`${ms.toFixed(1)} ms for ${size}/16 MB`);
      return ms;
    };
    const linear = await isLinear(measure);
    console.log(`${name}: ${times.join(', ')}`);
    assert.ok(linear, `${name}: ${times.join(', ')}`);
  }
}

test('time that grows with the square is found, on a busy machine too', async () => {
  // Milliseconds for a linear part and a quadratic one, which take as long as each other of `equal` sixteenths.
  const of = (equal, busy) => (size) => (5 * size + (5 * size * size) / equal) * busy();
  const idle = () => 1;
  assert.equal(await isLinear(of(Number.POSITIVE_INFINITY, idle)), true);
  assert.equal(await isLinear(of(16, idle)), false);
  assert.equal(await isLinear(of(1, idle)), false);
  for (const pattern of [
    [1, 2],
    [2, 1],
    [1, 2, 2],
    [1, 1, 1, 2, 2, 2, 2, 2, 2, 1],
  ]) {
    let calls = 0;
    const busy = () => pattern[calls++ % pattern.length];
    assert.equal(await isLinear(of(Number.POSITIVE_INFINITY, busy)), true);
    assert.equal(await isLinear(of(1, busy)), false);
  }

  // Real work: looks from every 40th place to the end. The sum, so that none of it is left out as without effect.
  let sum = 0;
  const quadratic = (text) => {
    for (let at = 0; at < text.length; at += 40) sum += text.indexOf('\0', at);
  };
  assert.equal(await isLinear((size) => time(quadratic, fill('a', (size * MB) / 16))), false);
  assert.ok(sum < 0);
});

test('hostile text takes linear time', () => assertLinear(scan, hostile));

test('hostile text is explained in linear time', () => assertLinear(analyze, hostileReading));

/** A pcap of raw IPv4 packets: checks of many pairs with their answers, and media. */
function capture(length) {
  const file = new Uint8Array(length + 4096);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  file.set([0, 2, 0, 4], 4);
  view.setUint32(16, 65535);
  view.setUint32(20, 101);
  let at = 24;
  let packets = 0;
  const put = (from, to, payload) => {
    const size = payload.length + 28;
    view.setUint32(at, 1_700_000_000 + Math.floor(packets / 1000));
    view.setUint32(at + 4, (packets % 1000) * 1000);
    view.setUint32(at + 8, size);
    view.setUint32(at + 12, size);
    const ip = at + 16;
    file.set([0x45, 0, size >> 8, size & 255, 0, 0, 0, 0, 64, 17], ip);
    view.setUint32(ip + 12, from.address);
    view.setUint32(ip + 16, to.address);
    view.setUint16(ip + 20, from.port);
    view.setUint16(ip + 22, to.port);
    view.setUint16(ip + 24, payload.length + 8);
    file.set(payload, ip + 28);
    at = ip + size;
    packets++;
  };
  const media = new Uint8Array(1000).fill(0x80);
  let checks = 0;
  while (at < length) {
    const local = { address: 0xc0000201, port: 5000 + (checks % 300) };
    const remote = { address: 0xc6336401 + (checks % 7), port: 6000 };
    const transactionId = new Uint8Array(12);
    new DataView(transactionId.buffer).setUint32(0, checks);
    const username = `remo:loc${checks % 300}`;
    put(
      local,
      remote,
      encodeMessage({
        class: 'request',
        method: 'binding',
        transactionId,
        attributes: [
          ['USERNAME', username],
          ['PRIORITY', 1],
          ['ICE-CONTROLLING', 1n],
        ],
      }),
    );
    put(remote, local, encodeMessage({ class: 'success', method: 'binding', transactionId }));
    if (checks % 4 === 0) put(local, remote, media);
    checks++;
  }
  return { file: file.subarray(0, at), packets, checks };
}

test('a capture of 20 MB takes seconds, with progress, and linear time', async () => {
  const times = [];
  for (const size of [5, 10, 20]) {
    const { file, packets, checks } = capture(size * MB);
    let calls = 0;
    const began = performance.now();
    const report = await analyze(file, { onProgress: () => calls++ });
    times.push(performance.now() - began);
    console.log(
      `${size} MB: ${times.at(-1).toFixed(0)} ms, ${packets} packets, ${checks} checks, ${calls} calls of onProgress`,
    );
    const { transactions, over } = report.capture;
    assert.equal(report.capture.packets, packets);
    assert.equal(transactions.length, Math.min(checks, 50_000));
    assert.equal(over.transactions, Math.max(0, checks - 50_000));
    assert.ok(transactions.every(({ response }) => response !== null));
    assert.ok(calls >= size * 3);
  }
  assert.ok(times[2] <= 12 * times[0] + 500, `${times.map(Math.round)} ms for 5, 10, 20 MB`);
  assert.ok(times[2] < 20_000);
});
