/**
 * What a view is made of is drawn in a task of its own each, one after the other, so that a click or a key waits for one of
 * them and not for all.
 */
import { flushSync } from 'svelte';

interface Turn {
  /** Lower ones come first; among equals, those that asked first. */
  place: number;
  draw: () => unknown;
}
const waiting: Turn[] = [];
let left = $state(0);

function next() {
  const turn = waiting.shift();
  left = waiting.length;
  // Asked for before it is drawn: what can't be drawn does not keep the others waiting.
  if (waiting.length > 0) setTimeout(next, 0);
  if (turn) flushSync(() => void turn.draw());
}

/** The place of what comes before all panes. */
export const first = () => -1;

/** Calls `draw` in a task of its own; the returned function takes that back. */
export function inTurn(place: () => number, draw: () => unknown): () => void {
  const turn = { place: place(), draw };
  if (waiting.length === 0) setTimeout(next, 0);
  const before = waiting.findLastIndex((other) => other.place <= turn.place);
  waiting.splice(before + 1, 0, turn);
  left = waiting.length;
  return () => {
    const at = waiting.indexOf(turn);
    if (at >= 0) waiting.splice(at, 1);
    left = waiting.length;
  };
}

export const turns = {
  /** Whether something still waits for its turn. */
  get busy(): boolean {
    return left > 0;
  },
};
