import { expect, it } from 'vitest';
import { BREAKAGES, breakIt, compose, defaultComposition } from '../../../src/views/echo/compose';
import { outcomeName, predict, stepsTaken } from '../../../src/views/echo/explain';

const sent = () => {
  const made = compose(defaultComposition());
  if (!('bytes' in made)) throw new Error('not composed');
  return predict(made.bytes);
};
const rules = (actual: string) => stepsTaken(sent(), actual).map((step) => step.rule);

it('that the answer was made is told only when it was', () => {
  expect(rules('success').at(-1)).toBe('response');
  for (const actual of ['error 400', 'error 401', 'silence']) {
    expect(rules(actual), actual).not.toContain('response');
    expect(rules(actual), actual).not.toContain('unknown-attributes');
    expect(rules(actual)[0]).toBe('header');
  }
  expect(rules('close 1008')).toEqual([]);
});

it.each(BREAKAGES)('%s: no step is green after the one that ended it', (how) => {
  const made = breakIt(how, defaultComposition());
  if (!('data' in made)) throw new Error('not made');
  const prediction = predict(made.data);
  const steps = stepsTaken(prediction, outcomeName(prediction.outcome));
  const failed = steps.findIndex((step) => step.outcome === 'failed');
  if (failed >= 0) expect(steps.slice(failed + 1).filter((step) => step.outcome === 'passed')).toEqual([]);
  if (how === 'indication') expect(steps[failed]?.rule).toBe('class');
});
