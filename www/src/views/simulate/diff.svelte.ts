/** The run that is kept, beside the one that is shown. */
import { t } from '../../i18n/index.svelte';
import { nextDifference } from './model/difference';
import type { Run, Scenario } from './model/types';
import { simulate } from './model.svelte';
import type { Compared } from './worker/protocol';

/** Name of a run: its scenario's title and seed. */
export const runTitle = ({ title = '', seed = 1 }: Scenario) => t('sim.diff.seed', { title, seed });

export class RunDiff {
  /** Scenario of the run that is kept. */
  kept = $state.raw<Scenario | null>(null);
  compared = $state.raw<Compared | null>(null);
  problem = $state<string | null>(null);
  row = $state<number | null>(null);
  #asked = 0;

  readonly differing = $derived(this.compared?.rows.filter(({ differs }) => differs).length ?? 0);

  keep(run: Run) {
    this.kept = run.scenario;
    this.#forget();
  }

  end() {
    this.kept = null;
    this.#forget();
  }

  #forget() {
    this.#asked++;
    this.compared = null;
    this.problem = null;
    this.row = null;
  }

  /** Sets the run that is shown beside the kept one. */
  async show(run: Run) {
    const { kept } = this;
    this.#forget();
    if (kept === null || kept === run.scenario) return;
    const asked = this.#asked;
    try {
      const compared = await simulate.thread.ask({ kind: 'compare', a: kept, b: run.scenario });
      if (asked !== this.#asked) return;
      this.compared = compared;
      this.row = compared.firstDifference;
    } catch (error) {
      if (asked === this.#asked) this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** Selects the row `by` places further; true when there is one. */
  step(by: number): boolean {
    const last = (this.compared?.rows.length ?? 0) - 1;
    if (last < 0) return false;
    this.row = Math.min(Math.max(0, (this.row ?? -1) + by), last);
    return true;
  }

  next(): boolean {
    const next = nextDifference(this.compared?.rows ?? [], this.row);
    if (next !== null) this.row = next;
    return next !== null;
  }
}

export const diff = new RunDiff();
