/** The answer that stands above a view's panes: an outcome and its causes, each with the pane that proves it. */
import type { Key, Values } from '../i18n/index.svelte';
import type { SignName } from './signs';

/** Words of the page's catalogue, or a sentence that the engine gave. */
export type Said = { key: Key; values?: Values } | { text: string };

/** Evidence of a clause. */
export interface Evidence {
  /** Id of the pane. */
  pane: string;
  /** Selects the row in it. */
  select?: () => void;
}

/** A clause is written only with its evidence. */
export interface Clause {
  said: Said;
  evidence: Evidence;
}

export interface Answer {
  tone: 'ok' | 'fail' | 'warn' | 'accent' | '';
  sign: SignName;
  /** Null while checks run: the sentence then begins "So far:". */
  outcome: Clause | null;
  /** In order of weight; at most three are shown. */
  causes: readonly Clause[];
  /** Steps that would help, each a consequence of a cause; at most two are shown. */
  help: readonly Said[];
  /** Instead of help: what was not needed. */
  note?: Said | null;
  action?: { label: Key; values?: Values; run: () => void } | null;
  /** Takes what is known to the simulator. */
  simulate?: (() => void) | null;
}

export const MAX_CAUSES = 3;
export const MAX_HELP = 2;

/** The clauses as numbered: the outcome first. */
export function clausesOf(answer: Answer): Clause[] {
  return [...(answer.outcome ? [answer.outcome] : []), ...answer.causes.slice(0, MAX_CAUSES)];
}

let marks = $state.raw<ReadonlyMap<string, readonly number[]>>(new Map());

/** Numbers of the clauses that a pane is evidence of. */
export function marksOf(pane: string): readonly number[] {
  return marks.get(pane) ?? [];
}

/** Called by the band in an effect; the returned function takes the marks away. */
export function useMarks(answer: Answer): () => void {
  const made = new Map<string, number[]>();
  clausesOf(answer).forEach(({ evidence }, index) => {
    made.set(evidence.pane, [...(made.get(evidence.pane) ?? []), index + 1]);
  });
  marks = made;
  return () => {
    if (marks === made) marks = new Map();
  };
}
