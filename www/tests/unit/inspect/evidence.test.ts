// Evidence of advice and messages: the lines that they are about; what is normal is not an error.
import { encodeMessage } from 'icelens';
import { expect, it } from 'vitest';
import { isChallenge } from '../../../src/views/inspect/report/messages';
import { readInput } from '../../../src/views/inspect/report/read';

const read = (text: string) => readInput(text, 'detect', () => undefined);
const description = (setup: string, more = '') =>
  `v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=ice-options:trickle
a=setup:${setup}
a=mid:0
${more}`;
/** libwebrtc's relay over TCP has type preference 1. */
const host = 'a=candidate:1 1 udp 2122260223 192.0.2.5 50312 typ host generation 0 network-cost 999\n';
const relay =
  'a=candidate:2 1 udp 25108223 203.0.113.10 55968 typ relay raddr 203.0.113.1 rport 50312 generation 0 network-cost 999\n';

it('a relay over TCP only: the evidence is the line of that candidate, not where its description begins', async () => {
  const text = `call begins\n${description('actpass', host + relay)}`;
  const { report } = await read(text);
  const advice = report.advice.find(({ code }) => code === 'ice.relay-tcp-only');
  const line = text.slice(0, text.indexOf(relay)).split('\n').length;
  expect(advice?.evidence).toEqual([{ kind: 'text', at: text.indexOf(relay), label: String(line) }]);
});

it('advice on an address: the line of each candidate that has it', async () => {
  const inner = relay.replace('203.0.113.10', '10.9.8.7').replace('25108223', '41885439');
  const text = description('actpass', host + inner + relay);
  const { report } = await read(text);
  const advice = report.advice.find(({ code }) => code === 'ice.relay-address');
  expect(advice?.evidence.map(({ at }) => at)).toEqual([text.indexOf(inner)]);
});

it('an offer alone that trickles has no candidates yet, which is not an error; without trickle it is one', async () => {
  const severity = async (text: string) =>
    (await read(text)).report.advice.find(({ code }) => /^ice\.(no-candidates|candidates-elsewhere)$/.test(code))
      ?.severity;
  expect(await severity(description('actpass'))).toBe('info');
  expect(await severity(description('actpass', 'a=end-of-candidates\n'))).toBe('error');
  expect(await severity(description('actpass').replace('a=ice-options:trickle\n', ''))).toBe('error');
});

it('the first 401 asks for credentials; a 401 to credentials is an error', async () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
  const exchange = (id: number, code: number, username?: string) => {
    const transactionId = new Uint8Array(12).fill(id);
    const method = 'allocate';
    const attributes = [['REQUESTED-TRANSPORT', 17], ...(username ? [['USERNAME', username]] : [])];
    const asked = encodeMessage({ class: 'request', method, transactionId, attributes } as never);
    const error = [['ERROR-CODE', { code, reason: 'no' }]];
    return [asked, encodeMessage({ class: 'error', method, transactionId, attributes: error } as never)].map(hex);
  };
  const text = [...exchange(1, 401), ...exchange(2, 401, 'me'), ...exchange(3, 438, 'me'), ...exchange(4, 403, 'me')];
  const { report } = await read(text.join('\n'));
  const errors = report.messages.filter((row) => row.class === 'error');
  expect(errors.map((row) => [row.code, isChallenge(row, report.messages)])).toEqual([
    [401, true],
    [401, false],
    [438, true],
    [403, false],
  ]);
});
