import { expect, it } from 'vitest';
import { between, MIN_SPAN, pan, place, ticks, zoom } from '../../../src/views/live/timeline';

it('ticks are round and not too many', () => {
  expect(ticks({ from: 0, to: 400 }, 4)).toEqual({ at: [0, 100, 200, 300, 400], step: 100 });
  for (const to of [1, 37, 400, 14_200, 3.6e6]) expect(ticks({ from: 0, to }, 6).at.length).toBeLessThanOrEqual(7);
  expect(ticks({ from: 5, to: 5 }, 4).at).toEqual([]);
  expect(ticks({ from: 0, to: Number.NaN }, 4).at).toEqual([]);
});

it('zooms at the pointer and stays inside', () => {
  const span = zoom({ from: 0, to: 1000 }, 250, 0.5, 1000);
  expect(span).toEqual({ from: 125, to: 625 });
  expect(zoom({ from: 0, to: 100 }, 50, 100, 400)).toEqual({ from: 0, to: 400 });
  const narrow = zoom({ from: 0, to: 100 }, 50, 1e-9, 400);
  expect(narrow.to - narrow.from).toBe(MIN_SPAN);
  expect(zoom({ from: 0, to: 100 }, 50, Number.NaN, 400)).toEqual({ from: 0, to: 100 });
});

it('pans and picks within the session', () => {
  expect(pan({ from: 0, to: 100 }, -50, 400)).toEqual({ from: 0, to: 100 });
  expect(pan({ from: 0, to: 100 }, 1000, 400)).toEqual({ from: 300, to: 400 });
  expect(between(300, 100, 400)).toEqual({ from: 100, to: 300 });
});

it('places times, those far off near the edge', () => {
  expect(place(50, { from: 0, to: 100 }, 200)).toBe(100);
  expect(place(1e12, { from: 0, to: 100 }, 200)).toBe(250);
});
