import { expect, it } from 'vitest';
import { causesOf, fixAll, lineRanges } from '../../../src/views/inspect/model/causes';
import { LineIndex } from '../../../src/views/inspect/model/lines';
import { severityFor } from '../../../src/views/inspect/model/severity';
import { linesRead } from '../../../src/views/inspect/report/read-lines';
import type { DiagnosticRow } from '../../../src/views/inspect/report/types';

const row = (index: number, over: Partial<DiagnosticRow>) =>
  ({
    index,
    code: 'a',
    message: 'm',
    severity: 'info',
    start: index * 10,
    end: index * 10 + 1,
    fix: null,
    ...over,
  }) as DiagnosticRow;

it('one row a cause, errors first, then in the order of the text', () => {
  const rows = [
    row(0, { code: 'note' }),
    row(1, { code: 'late', severity: 'warning' }),
    row(2, { code: 'note' }),
    row(3, { code: 'bad', severity: 'error' }),
    row(4, { code: 'note', message: 'other words' }),
  ];
  const causes = causesOf(rows);
  expect(causes.map((c) => [c.code, c.rows.length])).toEqual([
    ['bad', 1],
    ['late', 1],
    ['note', 2],
    ['note', 1],
  ]);
  expect(causes.flatMap((c) => c.rows)).toHaveLength(rows.length);
});

it('what a browser refuses is an error', () => {
  expect(severityFor('warning', { chrome: 'refuses fewer than 4', firefox: 'takes it' })).toBe('error');
  expect(severityFor('info', { chrome: 'ok', firefox: 'rejects' })).toBe('error');
  expect(severityFor('warning', { chrome: 'ignored', firefox: 'ok' })).toBe('warning');
  expect(severityFor('info', null)).toBe('info');
});

it('lines that follow one another are a range', () => {
  expect(lineRanges([8, 26])).toEqual(['8', '26']);
  expect(lineRanges([11, 11, 12, 13, 20])).toEqual(['11–13', '20']);
});

it('every fix of a cause is put in its place at once', () => {
  const fix = (start: number, end: number, replacement: string) => row(start, { fix: { start, end, replacement } });
  expect(fixAll('ab cd ef', [fix(6, 8, 'X'), fix(0, 2, 'long'), fix(1, 3, 'overlaps')])).toBe('long cd X');
});

it('lines that nothing was read from are counted', () => {
  const text = 'hello\n\na=candidate:1\nICE failed\nbye';
  const findings = [{ start: 9, end: 20 }] as never;
  const sessions = [{ outcome: { state: 'fail' as const, word: 'failed' as const, at: text.indexOf('ICE') } }];
  const lines = LineIndex.of(text);
  expect(linesRead({ findings, logs: [], servers: [] }, sessions, text, lines)).toEqual({ read: 2, of: 4 });
  const servers = [{ line: 1 }] as Parameters<typeof linesRead>[0]['servers'];
  expect(linesRead({ findings: [], logs: [], servers }, [], text, lines)).toEqual({ read: 1, of: 4 });
});
