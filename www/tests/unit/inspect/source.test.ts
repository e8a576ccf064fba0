import { describe, expect, test } from 'vitest';
import { ListLayout, MAX_HEIGHT } from '../../../src/views/inspect/model/layout';
import { LineIndex } from '../../../src/views/inspect/model/lines';
import { placeMarks } from '../../../src/views/inspect/model/marks';
import { foldRuns } from '../../../src/views/inspect/model/rows';
import { candidateSpans, type Span, sdpSpans } from '../../../src/views/inspect/model/segments';

describe('LineIndex', () => {
  test.each([
    ['', ['']],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\r\nb\rc\n\nd', ['a', 'b', 'c', '', 'd']],
    ['\n', ['']],
    ['é\u{1F600}\nb', ['é\u{1F600}', 'b']],
  ])('%j', (text, expected) => {
    const lines = LineIndex.of(text);
    expect(Array.from({ length: lines.count }, (_, line) => lines.text(line, text))).toEqual(expected);
  });

  test('every offset is in the line that holds it', () => {
    const text = 'one\r\ntwo\n\nfour';
    const lines = LineIndex.of(text);
    for (let offset = 0; offset < text.length; offset++) {
      const line = lines.lineAt(offset);
      expect(lines.start(line)).toBeLessThanOrEqual(offset);
      expect(lines.start(line + 1)).toBeGreaterThan(offset);
    }
    expect(lines.position(6)).toEqual({ line: 2, column: 2 });
  });

  test('many lines', () => {
    const lines = LineIndex.of('x\n'.repeat(100_000));
    expect(lines.count).toBe(100_000);
    expect(lines.lineAt(199_999)).toBe(99_999);
  });
});

test('runs of two and more fold', () => {
  expect(foldRuns([{ first: 3, last: 14 }], (line) => line !== 3 && line !== 9 && line !== 14)).toEqual([
    { first: 4, count: 5 },
    { first: 10, count: 4 },
  ]);
  expect(foldRuns([{ first: 0, last: 2 }], (line) => line === 1)).toEqual([]);
});

describe('ListLayout', () => {
  test('the opened box moves what is under it', () => {
    const layout = new ListLayout(100, 18, { row: 10, height: 90 });
    expect(layout.height).toBe(1890);
    expect(layout.rowTop(10)).toBe(180);
    expect(layout.rowTop(11)).toBe(288);
    expect([layout.rowAt(180), layout.rowAt(250), layout.rowAt(287), layout.rowAt(288)]).toEqual([10, 10, 10, 11]);
  });

  test('a list too tall for an element reaches its first and last row', () => {
    const layout = new ListLayout(3_000_000, 18, null);
    expect(layout.height).toBe(MAX_HEIGHT);
    expect(layout.window(0, 600, 0).first).toBe(0);
    expect(layout.window(MAX_HEIGHT - 600, 600, 0).last).toBe(2_999_999);
    const scrollTop = layout.scrollTop(layout.rowTop(1_234_567), 600);
    expect(layout.window(scrollTop, 600, 0).first).toBe(1_234_567);
  });

  test('reveal leaves a visible row alone and brings a hidden one in', () => {
    const layout = new ListLayout(1000, 18, { row: 500, height: 120 });
    expect(layout.reveal(5, 0, 600)).toBe(0);
    const scrollTop = layout.reveal(500, 0, 600);
    expect(layout.rowTop(500)).toBeGreaterThanOrEqual(scrollTop);
    expect(layout.rowTop(500) + 138).toBeLessThanOrEqual(scrollTop + 600);
  });
});

describe('looks', () => {
  const looks = (line: string, offset: number, spans: readonly Span[]) =>
    spans.map(({ start, end, look }) => [line.slice(start - offset, end - offset), look]);

  test('a candidate shows priority, address and port, type', () => {
    const line = 'candidate:4003186949 1 udp 2113937151 192.168.102.148 54318 typ host generation 0';
    expect(looks(line, 0, candidateSpans(line, 0))).toEqual([
      ['candidate:', 'key'],
      ['2113937151', 'priority'],
      ['192.168.102.148 54318', 'tint host'],
      ['host', 'type host'],
    ]);
  });

  test('an SDP line shows its name and credentials', () => {
    const pwd = 'a=ice-pwd:abc';
    expect(looks(pwd, 5, sdpSpans(pwd, 5))).toEqual([
      ['a=ice-pwd:', 'key'],
      ['abc', 'credential'],
    ]);
    expect(looks('m=audio 9 RTP', 0, sdpSpans('m=audio 9 RTP', 0))[0]).toEqual(['m=audio', 'key']);
  });
});

test('marks of one kind in one place are one mark', () => {
  const marks = placeMarks(
    Array.from({ length: 10_000 }, (_, line) => ({ kind: 'host', first: line, last: line })),
    10_000,
  );
  expect(marks).toHaveLength(500);
  expect(marks.at(-1)).toEqual({ kind: 'host', top: 99.8, height: 0.2 });
});
