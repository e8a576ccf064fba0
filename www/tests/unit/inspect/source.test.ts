import { describe, expect, test } from 'vitest';
import { ListLayout, MAX_HEIGHT } from '../../../src/views/inspect/model/layout';
import { LineIndex } from '../../../src/views/inspect/model/lines';
import { placeMarks } from '../../../src/views/inspect/model/marks';
import { foldRuns, RowMap } from '../../../src/views/inspect/model/rows';
import { candidateSpans, sdpSpans, segment } from '../../../src/views/inspect/model/segments';

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

describe('RowMap', () => {
  const folds = foldRuns([{ first: 3, last: 14 }], (line) => line !== 3 && line !== 9 && line !== 14);

  test('runs of two and more fold', () => {
    expect(folds).toEqual([
      { first: 4, count: 5 },
      { first: 10, count: 4 },
    ]);
    expect(foldRuns([{ first: 0, last: 2 }], (line) => line === 1)).toEqual([]);
  });

  test('rows and lines agree both ways', () => {
    const rows = new RowMap(20, folds);
    expect(rows.rowCount).toBe(13);
    const lines: number[] = [];
    for (let row = 0; row < rows.rowCount; row++) {
      const { line, fold } = rows.row(row);
      for (let hidden = 0; hidden < (fold?.count ?? 1); hidden++) {
        expect(rows.rowOfLine(line + hidden)).toBe(row);
        lines.push(line + hidden);
      }
    }
    expect(lines).toEqual(Array.from({ length: 20 }, (_, line) => line));
  });
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

describe('segments', () => {
  test('overlapping spans cut the line and lose no character', () => {
    const parts = segment('abcdefgh', 100, [
      { start: 101, end: 104, look: 'x' },
      { start: 103, end: 106, look: 'y' },
      { start: 90, end: 95, look: 'z' },
    ]);
    expect(parts).toEqual([
      { text: 'a', look: '' },
      { text: 'bc', look: 'x' },
      { text: 'd', look: 'x y' },
      { text: 'ef', look: 'y' },
      { text: 'gh', look: '' },
    ]);
  });

  test('spans that reach over the line are cut to it', () => {
    expect(segment('ab', 10, [{ start: 0, end: 99, look: 'x' }])).toEqual([{ text: 'ab', look: 'x' }]);
    expect(segment('', 10, [{ start: 0, end: 99, look: 'x' }])).toEqual([]);
  });

  test('a candidate shows priority, address and port, type', () => {
    const line = 'candidate:4003186949 1 udp 2113937151 192.168.102.148 54318 typ host generation 0';
    const looks = segment(line, 0, candidateSpans(line, 0)).filter((part) => part.look !== '');
    expect(looks).toEqual([
      { text: 'candidate:', look: 'key' },
      { text: '2113937151', look: 'priority' },
      { text: '192.168.102.148 54318', look: 'tint host' },
      { text: 'host', look: 'type host' },
    ]);
  });

  test('an SDP line shows its name and credentials', () => {
    expect(segment('a=ice-pwd:abc', 5, sdpSpans('a=ice-pwd:abc', 5))).toEqual([
      { text: 'a=ice-pwd:', look: 'key' },
      { text: 'abc', look: 'credential' },
    ]);
    expect(segment('m=audio 9 RTP', 0, sdpSpans('m=audio 9 RTP', 0))[0]).toEqual({ text: 'm=audio', look: 'key' });
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
