import { expect, test } from 'vitest';
import { hasLongRun, withDots } from '../../src/views/inspect/source/controls';

test('a long run of bytes without width is shown as dots, at the same offsets', () => {
  const text = `one line\r\n${'\0'.repeat(1000)}\ttail\n`;
  expect(hasLongRun(text)).toBe(true);
  expect(withDots(text)).toBe(`one line\r\n${'·'.repeat(1000)}\ttail\n`);
});

test('a few of them are left as they are', () => {
  expect(hasLongRun('\0'.repeat(999))).toBe(false);
  expect(hasLongRun('\n'.repeat(5000))).toBe(false);
});

test('a long run is found wherever it begins, and no shorter one is', () => {
  for (const before of [0, 1, 998, 999, 1000, 1001, 2500]) {
    const around = (run: number) => `${'a'.repeat(before)}${'\0'.repeat(run)}${'b'.repeat(1200)}`;
    expect(hasLongRun(around(1000))).toBe(true);
    expect(hasLongRun(around(999))).toBe(false);
    expect(hasLongRun('\0\t\0\r\0\n'.repeat(500))).toBe(false);
  }
});
