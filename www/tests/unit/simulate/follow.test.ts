import { expect, it } from 'vitest';
import { nextDifference } from '../../../src/views/simulate/model/difference';
import { follow } from '../../../src/views/simulate/model/follow';
import { placeOf, type Row } from '../../../src/views/simulate/model/ladder';

const entries = [1, 1, 2, 5, 9].map((time, index) => ({ time, index }));

it('the state at any time is that of everything up to it, whatever was asked for before', () => {
  let read = 0;
  const at = follow(entries, () => {
    const seen: number[] = [];
    return {
      read({ index }) {
        read++;
        seen.push(index);
      },
      state: () => [...seen],
    };
  });
  for (const time of [0, 1, 1, 4, 9, 9, 3, 0, 100, 5]) {
    expect(at(time)).toEqual(entries.filter((entry) => entry.time <= time).map(({ index }) => index));
  }
  expect(at(5)).toBe(at(6));
  read = 0;
  at(8);
  expect(read).toBe(0);
});

it('a row is found by its number, also where others are left out', () => {
  const rows = [1, 2, 4, 7].map((number) => ({ number }) as Row);
  expect([1, 2, 4, 7].map((number) => placeOf(rows, number))).toEqual([0, 1, 2, 3]);
  expect([0, 3, 8].map((number) => placeOf(rows, number))).toEqual([-1, -1, -1]);
});

it('the next difference comes after the selected row, and after the last the first', () => {
  const rows = [false, true, false, true].map((differs) => ({ differs }));
  expect([null, 1, 3].map((from) => nextDifference(rows, from))).toEqual([1, 3, 1]);
  expect(nextDifference([{ differs: false }], null)).toBeNull();
});
