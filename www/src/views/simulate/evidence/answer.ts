import { duration, t } from '../../../i18n/index.svelte';
import type { Answer, Clause, Said } from '../../../ui/answer.svelte';
import { dropWords } from '../words';
import type { EvidenceModel } from './model.svelte';
import { changeWords, outcomeWords } from './words';

/** The evidence in a sentence: whether the run explains the call, why, and what would have connected it. */
export function answerOf(model: EvidenceModel): Answer | null {
  const { found } = model;
  if (!found) return null;
  const { seen, result, steps, made } = found;
  const failed = result.outcome === 'failed';
  const agrees = seen === null || seen === result.outcome;
  const said: Said =
    seen === null
      ? { key: 'sim.ev.answer.predicted', values: { outcome: outcomeWords(result.outcome) } }
      : agrees
        ? { key: `sim.ev.answer.${result.outcome}` }
        : {
            key: 'sim.ev.answer.differs',
            values: { seen: outcomeWords(seen), simulated: outcomeWords(result.outcome) },
          };
  const causes: Clause[] = [];
  if (failed && agrees) {
    for (const step of steps.filter((it) => it.step === 'dropped')) {
      const [, network = '', rule = ''] = /^(.*): (\S+) /.exec(step.what) ?? [];
      const why = dropWords({ rule, why: rule });
      causes.push({
        said: { text: t('sim.ev.answer.drop', { network, why }) },
        evidence: { pane: 'sim-ev-steps' },
      });
    }
  }
  const remedies =
    failed && agrees ? made.changes.filter(({ outcome, restsOn }) => outcome !== 'failed' && restsOn.length === 0) : [];
  const help = remedies.map((change): Said => {
    const time = change.elapsed === null ? '' : duration(change.elapsed);
    const values = { change: changeWords(change), outcome: outcomeWords(change.outcome), time };
    return { key: 'sim.ev.answer.help', values };
  });
  const tested = steps.filter(({ agreement }) => agreement === 'same' || agreement === 'differs');
  const same = tested.filter(({ agreement }) => agreement === 'same').length;
  return {
    tone: agrees ? (failed ? 'fail' : 'ok') : 'warn',
    sign: agrees ? (failed ? 'fail' : 'ok') : 'warning',
    outcome: { said, evidence: { pane: 'sim-ev-steps' } },
    causes,
    help,
    note: { key: 'sim.ev.answer.note', values: { n: same, all: tested.length } },
  };
}
