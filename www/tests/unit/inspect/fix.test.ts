import { expect, test } from 'vitest';
import { fixedLines } from '../../../src/views/inspect/model/fix';
import { LineIndex } from '../../../src/views/inspect/model/lines';

function shown(text: string, from: string, replacement: string): string[] {
  const start = text.indexOf(from);
  const fix = { start, end: start + from.length, replacement };
  return fixedLines(text, LineIndex.of(text), fix).map(({ before, added, after }) => `${before}[${added}]${after}`);
}

const TEXT =
  'v=0\nm=application 9 DTLS/SCTP 5000\nc=IN IP4 0.0.0.0\na=mid:data\na=sctpmap:5000 webrtc-datachannel 1024\n';

test('a word on a line', () => {
  expect(shown(TEXT, 'DTLS/SCTP 5000', 'UDP/DTLS/SCTP webrtc-datachannel')).toEqual([
    'm=application 9 [UDP/DTLS/SCTP webrtc-datachannel]',
  ]);
});

test('of a replacement over many lines, only those that change', () => {
  const from = 'DTLS/SCTP 5000\nc=IN IP4 0.0.0.0\na=mid:data';
  const to = 'UDP/DTLS/SCTP webrtc-datachannel\nc=IN IP4 0.0.0.0\na=mid:data\na=sctp-port:5000';
  expect(shown(TEXT, from, to)).toEqual(['m=application 9 [UDP/DTLS/SCTP webrtc-datachannel]', 'a=[sctp-port:5000]']);
});

test('what only goes is not shown', () => {
  expect(shown(TEXT, 'a=mid:data\n', '')).toEqual([]);
  expect(shown('a=x  y\n', '  ', ' ')).toEqual(['a=x []y']);
});

test('at the end of the text, and with CRLF', () => {
  expect(shown('a=ice-lite', 'a=ice-lite', 'a=ice-lite\r\n')).toEqual([]);
  expect(shown('a=b\r\na=c\r\n', 'a=c', 'a=c\r\na=d')).toEqual(['a=[d]']);
});
