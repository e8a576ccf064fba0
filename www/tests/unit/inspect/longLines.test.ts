import { expect, test } from 'vitest';
import { longLines, withLongLines } from '../../../src/views/inspect/source/longLines';

const said = (n: number) => `${n} characters`;

test('a long line is folded in pieces behind its beginning, and other lines are not', () => {
  const text = `first\n${'x'.repeat(1_000_000)}\nlast`;
  const runs = longLines(text, said);
  expect(runs[0]?.from).toBe(6 + 20_000);
  expect(runs.at(-1)?.to).toBe(6 + 1_000_000);
  for (const [i, run] of runs.entries()) {
    expect(run.text).toBe(said(run.to - run.from));
    if (i > 0) expect(run.from).toBe(runs[i - 1]?.to);
  }
  expect(longLines(`${'x'.repeat(499_999)}\n${'y'.repeat(499_999)}`, said)).toEqual([]);
  expect(longLines('x'.repeat(60_000_000), said).length).toBeLessThanOrEqual(50);
});

test('pieces within folded lines are left to that fold', () => {
  const piece = { from: 10, to: 20, text: '' };
  expect(withLongLines([{ from: 5, to: 30, text: '' }], [piece])).toEqual([{ from: 5, to: 30, text: '' }]);
  expect(withLongLines([{ from: 25, to: 30, text: '' }], [piece])[0]).toBe(piece);
});
