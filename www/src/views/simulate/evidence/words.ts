/** Meaning of the engine's codes, in the page's words. */
import { known as keyOf, t } from '../../../i18n/index.svelte';
import type { Outcome } from '../model/types';
import type { Assumption, FromEvidence, ScenarioChange } from '../worker/protocol';
import type { Choice, EvidenceModel } from './model.svelte';

const AXES = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent'] as const;

export const hostOf = (side: 'local' | 'remote') => (side === 'local' ? 'L' : 'R');

/** The words of a code that the catalogue has; the engine's own sentence otherwise. */
export function known(name: string, otherwise: string, values?: Record<string, string | number>): string {
  const key = keyOf(name);
  return key ? t(key, values) : otherwise;
}

/** A value of the scenario at that path. */
export function valueWords(path: string, value: unknown): string {
  if (typeof value === 'boolean') return t(value ? 'sim.yes' : 'sim.no');
  if (path.endsWith('/turnPassword')) return t(value === null ? 'sim.ev.password.right' : 'sim.ev.password.wrong');
  const axis = AXES.indexOf(value as (typeof AXES)[number]);
  if (axis >= 0) return t(`sim.${path.endsWith('mapping') ? 'mapping' : 'filtering'}.${axis as 0 | 1 | 2}`);
  if (value === 'open' || value === 'symmetric firewall') return t(`sim.classic.${value}`);
  return String(value);
}

export const assumptionWords = ({ code, side }: Assumption) =>
  known(`sim.ev.assume.${code}`, code, { host: hostOf(side) });

export const changeWords = ({ code, side }: ScenarioChange) =>
  known(`sim.ev.change.${code}`, code, { host: hostOf(side) });

/** Assumptions that a change rests on. */
export function restsWords({ assumptions }: EvidenceModel, { restsOn }: ScenarioChange): string {
  const words = restsOn.flatMap((index) => {
    const one = assumptions[index];
    return one ? [t('sim.ev.rests.is', { what: assumptionWords(one), value: valueWords(one.path, one.value) })] : [];
  });
  return t('sim.ev.rests', { what: words.join(t('comma')) });
}

export const outcomeWords = (outcome: Outcome) => t(`sim.outcome.${outcome}`);

/** Change that a choice makes. */
export function choiceWords(model: EvidenceModel, choice: Choice): string {
  if (choice.kind === 'change') {
    const change = model.changes[choice.index];
    return change ? changeWords(change) : '';
  }
  const assumption = model.assumptions[choice.index];
  const other = assumption?.others[choice.other];
  if (!assumption || !other) return '';
  const value = valueWords(assumption.path, other.value);
  return t('sim.ev.change.value', { what: assumptionWords(assumption), value });
}

/** The difference that the engine tells of a step, in the page's language. */
export function differenceWords(why: string): string {
  const apart = /^(\d+) ms (later|earlier) than in the run\.$/.exec(why);
  if (apart) return t(apart[2] === 'later' ? 'sim.ev.later' : 'sim.ev.earlier', { ms: apart[1] ?? '' });
  return why === 'It does not happen in the run.' ? t('sim.ev.absent') : why;
}

/** Something that the evidence can't show. */
export function limitWords({ code, side, number, why }: FromEvidence['made']['limits'][number]): string {
  return known(`sim.ev.limit.${code}`, why, { host: side === null ? '' : hostOf(side), number: number ?? 0 });
}
