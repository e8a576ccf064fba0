import type { Population } from '../worker/protocol';

/** Calls between two kinds, whichever of them offered; `a` is not before `b` in the mix. */
export interface Between {
  a: number;
  b: number;
  calls: number;
  relayed: number;
  failed: number;
  /** The first call that ended worst, from the side that offered. */
  worst: { a: number; b: number; seed: number };
}

type Kinds = Population['byKinds'][number];
/** How badly calls ended: some failed, some were relayed, or none. */
const badness = ({ relayed, failed }: Pick<Kinds, 'relayed' | 'failed'>) => (failed > 0 ? 2 : relayed > 0 ? 1 : 0);

/** The calls between two kinds, both directions together. */
export function betweenKinds({ byKinds }: Pick<Population, 'byKinds'>): Between[] {
  const found = new Map<string, Between>();
  for (const kinds of byKinds) {
    const [a, b] = [Math.max(kinds.a, kinds.b), Math.min(kinds.a, kinds.b)];
    const worst = { a: kinds.a, b: kinds.b, seed: kinds.seed };
    const before = found.get(`${a} ${b}`) ?? { a, b, calls: 0, relayed: 0, failed: 0, worst };
    found.set(`${a} ${b}`, {
      ...{ a, b, calls: before.calls + kinds.calls },
      ...{ relayed: before.relayed + kinds.relayed, failed: before.failed + kinds.failed },
      worst: badness(kinds) > badness(before) ? worst : before.worst,
    });
  }
  return [...found.values()];
}
