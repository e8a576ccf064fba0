/** The state of *From evidence*: what was pasted, the scenario made of it, and the one thing that is changed. */
import example from '../../../../../tests/fixtures/evidence/symmetric-cone.near.json.gz?url&no-inline';
import { t } from '../../../i18n/index.svelte';
import { nextDifference } from '../model/difference';
import type { Scenario } from '../model/types';
import { simulate } from '../model.svelte';
import type { Assumption, Compared, FromEvidence, Reports, ScenarioChange } from '../worker/protocol';
import { hostOf } from './words';

/** Differences between the two runs. */
export type Choice = { kind: 'change'; index: number } | { kind: 'assumption'; index: number; other: number };

/** A scenario with another value at a JSON pointer (RFC 6901). */
export function withValue(scenario: Scenario, pointer: string, value: unknown): Scenario {
  const changed = structuredClone(scenario);
  const names = pointer.split('/').slice(1);
  const last = names.pop();
  let place: unknown = changed;
  for (const name of names) place = (place as Record<string, unknown> | undefined)?.[name];
  if (last !== undefined && typeof place === 'object' && place !== null)
    (place as Record<string, unknown>)[last] = value;
  return changed;
}

export class EvidenceModel {
  text = $state('');
  name = $state<string | null>(null);
  /** NAT reports of both sides, as text. */
  reports = $state({ local: '', remote: '' });
  found = $state.raw<FromEvidence | null>(null);
  choice = $state.raw<Choice | null>(null);
  compared = $state.raw<Compared | null>(null);
  running = $state(false);
  problem = $state<string | null>(null);
  /** Row of the comparison that is selected. */
  row = $state<number | null>(null);
  #asked = 0;

  readonly changes = $derived<ScenarioChange[]>(this.found?.made.changes ?? []);
  readonly assumptions = $derived<Assumption[]>(this.found?.made.assumptions ?? []);

  /** Takes evidence: text, or the bytes of a file. */
  async take(input: string | Uint8Array, name: string | null) {
    const asked = ++this.#asked;
    this.running = true;
    this.problem = null;
    try {
      const found = await simulate.thread.ask({ kind: 'evidence', input, reports: this.#reports() });
      if (asked !== this.#asked) return;
      this.found = found;
      this.name = name;
      this.compared = null;
      this.choice = null;
      const { changes } = found.made;
      const sure = changes.findIndex(({ outcome, restsOn }) => outcome !== 'failed' && restsOn.length === 0);
      const best = sure >= 0 ? sure : changes.findIndex(({ outcome }) => outcome !== 'failed');
      if (best >= 0) await this.choose({ kind: 'change', index: best });
      else if (changes.length > 0) await this.choose({ kind: 'change', index: 0 });
    } catch (error) {
      if (asked === this.#asked) this.problem = error instanceof Error ? error.message : String(error);
    } finally {
      if (asked === this.#asked) this.running = false;
    }
  }

  #reports(): Reports {
    const read = (side: 'local' | 'remote') => {
      const text = this.reports[side].trim();
      if (text === '') return {};
      try {
        return { [side]: JSON.parse(text) };
      } catch {
        throw new Error(t('sim.ev.report.wrong', { host: hostOf(side) }));
      }
    };
    return { ...read('local'), ...read('remote') };
  }

  async takeExample(name: string) {
    try {
      const response = await fetch(example);
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      await this.take(new Uint8Array(await response.arrayBuffer()), name);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  /** The scenario of a choice; null where there is none. */
  changed(choice: Choice): Scenario | null {
    const made = this.found?.made;
    if (!made) return null;
    if (choice.kind === 'change') return made.changes[choice.index]?.scenario ?? null;
    const assumption = made.assumptions[choice.index];
    const other = assumption?.others[choice.other];
    return assumption && other ? withValue(made.scenario, assumption.path, other.value) : null;
  }

  /** Runs the call with one thing changed beside the call as it was. */
  async choose(choice: Choice) {
    const scenario = this.changed(choice);
    const plain = this.found?.made.scenario;
    if (!scenario || !plain) return;
    this.choice = choice;
    const compared = await simulate.thread.ask({ kind: 'compare', a: plain, b: scenario });
    if (this.choice !== choice) return;
    this.compared = compared;
    this.row = compared.firstDifference;
  }

  /** Selects the row `by` places further; true when there is one. */
  step(by: number): boolean {
    const rows = this.compared?.rows ?? [];
    const next = Math.min(Math.max(0, (this.row ?? -1) + by), rows.length - 1);
    if (next < 0) return false;
    this.row = next;
    return true;
  }

  /** Selects the next row that differs, and after the last the first. */
  nextDifference(): boolean {
    const next = nextDifference(this.compared?.rows ?? [], this.row);
    if (next !== null) this.row = next;
    return next !== null;
  }

  clear() {
    this.#asked++;
    this.running = false;
    this.found = null;
    this.compared = null;
    this.choice = null;
    this.problem = null;
  }
}

export const evidence = new EvidenceModel();
