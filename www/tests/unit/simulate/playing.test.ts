import { expect, test } from 'vitest';
import type { Run } from '../../../src/views/simulate/model/types';
import { Simulate } from '../../../src/views/simulate/model.svelte';

/** A run of one second with nothing in it but its end. */
function second(): Simulate {
  const simulate = new Simulate();
  const entry = { kind: 'event', time: 1000, event: { what: 'reboot' } } as const;
  simulate.run = { scenario: {}, trace: [entry], result: { elapsed: null } as Run['result'] };
  return simulate;
}

test('while the run plays, what is read follows the playhead a few times a second', () => {
  const simulate = second();
  simulate.play();
  expect(simulate.pass(10, 5000)).toBe(true);
  expect([simulate.time, simulate.shown]).toEqual([10, 10]);
  expect(simulate.pass(20, 5050)).toBe(true);
  expect([simulate.time, simulate.shown]).toEqual([20, 10]);
  expect(simulate.pass(40, 5150)).toBe(true);
  expect([simulate.time, simulate.shown]).toEqual([40, 40]);
});

test('what is read is at the playhead when the run pauses, ends or is scrubbed', () => {
  const simulate = second();
  simulate.play();
  simulate.pass(10, 5000);
  simulate.pass(20, 5050);
  simulate.play(false);
  expect(simulate.shown).toBe(20);
  simulate.scrub(300);
  expect([simulate.time, simulate.shown]).toEqual([300, 300]);
  simulate.play();
  expect(simulate.pass(1200, 5060)).toBe(false);
  expect([simulate.time, simulate.shown, simulate.playing]).toEqual([1000, 1000, false]);
});
