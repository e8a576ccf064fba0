import { expect, it } from 'vitest';
import { clausesOf } from '../../../src/ui/answer.svelte';
import { type Facts, firstClause, inspectAnswer, withinSentence } from '../../../src/views/inspect/answer';
import { causesOf } from '../../../src/views/inspect/model/causes';
import type { AdviceRow, DiagnosticRow, SessionRow } from '../../../src/views/inspect/report/types';

const session = (over: Partial<SessionRow> = {}) =>
  ({
    index: 0,
    offer: 0,
    answer: null,
    descriptions: 1,
    candidates: 0,
    checkList: null,
    outcome: null,
    ...over,
  }) as SessionRow;
const diagnostic = (chrome: string, firefox: string, over: Partial<DiagnosticRow> = {}) =>
  ({
    index: 0,
    code: 'c',
    severity: 'error',
    message: `m ${chrome}`,
    start: 0,
    end: 1,
    fix: null,
    verdicts: { rfc: 'invalid', chrome, firefox },
    ...over,
  }) as DiagnosticRow;
const advice = (text: string, severity: AdviceRow['severity'] = 'error') => ({ text, severity }) as AdviceRow;

const answer = (over: Partial<Facts> & { rows?: DiagnosticRow[] }) => {
  const { rows = [], ...rest } = over;
  return inspectAnswer({
    report: {} as Facts['report'],
    session: session(),
    causes: causesOf(rows),
    advice: [],
    say: { diagnostic: (row) => row.message, advice: (row) => row.text },
    show: () => undefined,
    select: () => undefined,
    open: () => undefined,
    fix: () => undefined,
    ...rest,
  });
};
const said = (over: Parameters<typeof answer>[0]) => {
  const made = answer(over);
  return made && clausesOf(made).map((c) => ('key' in c.said ? c.said.key : c.said.text));
};

it('who refuses, why, and who takes it all the same', () => {
  const fix = { start: 0, end: 1, replacement: 'x' };
  const rows = [diagnostic('refuses fewer than 4', 'takes it', { message: '2 characters. A ufrag has 4.', fix })];
  expect(said({ rows })).toEqual(['inspect.answer.refuses.offer', '2 characters', 'inspect.answer.takes']);
  expect(answer({ rows })?.action?.values).toEqual({ n: 1 });
  expect(said({ rows: [diagnostic('rejects', 'not measured')] })).toHaveLength(2);
  expect(said({ rows: [diagnostic('rejects', 'rejects')] })?.[0]).toBe('inspect.answer.refuse.offer');
});

it('what became of it comes first, and an unknown cause is said to be one', () => {
  const failed = session({ outcome: { state: 'fail', word: 'failed', at: 9 } });
  expect(said({ session: failed })).toEqual(['inspect.answer.failed', 'inspect.answer.unknownWhy']);
  expect(said({ session: failed, advice: [advice('A 437. And more.')] })).toEqual(['inspect.answer.failed', 'a 437']);
  const open = session({ outcome: { state: 'ok', word: 'channel-open', at: 9 } });
  expect(answer({ session: open })?.tone).toBe('ok');
});

it('without an outcome: whether it can work', () => {
  const list = (pairs: number, excluded: number) =>
    ({ pairs: Array(pairs), pruned: [], excluded: Array(excluded), controlling: 'local' }) as SessionRow['checkList'];
  expect(said({ session: session({ checkList: list(3, 0) }) })).toEqual(['inspect.answer.pairs']);
  expect(said({ session: session({ checkList: list(0, 2) }) })).toEqual(['inspect.answer.noPair']);
  expect(said({})).toEqual(['inspect.answer.clean', 'inspect.answer.oneSide']);
  expect(answer({ session: null })).toBeNull();
});

it('a clause is the first sentence, and a decimal point ends none', () => {
  expect(firstClause('Answered in 1.5 s. Then nothing.')).toBe('Answered in 1.5 s');
  expect(firstClause('第一句。第二句。')).toBe('第一句');
});

it('an English clause within a sentence begins small, a name does not', () => {
  expect(withinSentence('An ice-ufrag has 4 to 256 characters')).toBe('an ice-ufrag has 4 to 256 characters');
  expect(withinSentence('Another agent')).toBe('another agent');
  expect(withinSentence('Chrome refuses it')).toBe('Chrome refuses it');
  expect(withinSentence('A1 is a name')).toBe('A1 is a name');
});
