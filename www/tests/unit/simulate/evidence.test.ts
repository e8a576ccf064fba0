import { expect, test } from 'vitest';
import { answerOf } from '../../../src/views/simulate/evidence/answer';
import type { FromEvidence } from '../../../src/views/simulate/worker/protocol';

type Outcome = 'direct' | 'relayed' | 'failed';
const assumption = (code: string, side: 'local' | 'remote', ...outcomes: Outcome[]) => ({
  ...{ code, side, path: '', value: '', why: '' },
  others: outcomes.map((outcome) => ({ value: '', outcome })),
});
const found = (
  steps: string[],
  assumptions: object[],
  seen: Outcome | null = null,
  limits: object[] = [],
): FromEvidence =>
  ({
    seen,
    result: { outcome: 'failed', elapsed: 1, packets: 1, causes: [], why: '' },
    steps: steps.map((step) => ({ step, what: '', agreement: 'given', why: '' })),
    made: { scenario: {}, inferred: [], assumptions, changes: [], limits },
  }) as unknown as FromEvidence;
const keyOf = (of: FromEvidence) => {
  const said = answerOf({ found: of })?.outcome?.said;
  return said && 'key' in said ? said.key : null;
};

test('evidence of one side alone ends in no verdict', () => {
  const alone = [{ code: 'one-sided', side: 'remote', number: null, why: '' }];
  expect(keyOf(found(['host', 'srflx'], [], null, alone))).toBe('sim.ev.answer.oneSided');
  expect(answerOf({ found: found(['host'], [], null, alone) })).toMatchObject({ tone: 'warn', help: [], causes: [] });
  expect(keyOf(found(['host'], []))).toBe('sim.ev.answer.predicted.failed');
});

test('a prediction tells how many assumptions it rests on', () => {
  const assumptions = [assumption('filtering', 'local', 'failed', 'direct'), assumption('mapping', 'local', 'failed')];
  const { causes, note } = answerOf({ found: found(['host'], assumptions) }) ?? {};
  expect(causes?.map(({ said }) => said)).toEqual([{ key: 'sim.ev.answer.matters', values: { n: 1 } }]);
  expect(note).toEqual({ key: 'sim.ev.answer.untested' });
  expect(answerOf({ found: found(['host'], assumptions, 'failed') })?.causes).toEqual([]);
});
