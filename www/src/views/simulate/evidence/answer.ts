import { duration, t } from '../../../i18n/index.svelte';
import type { Answer, Clause, Said } from '../../../ui/answer.svelte';
import { dropWords } from '../words';
import type { FromEvidence } from '../worker/protocol';
import type { EvidenceModel } from './model.svelte';
import { changeWords, hostOf, outcomeWords } from './words';

/** The evidence in a sentence: whether the run explains the call, why, and what would have connected it. */
export function answerOf({ found }: Pick<EvidenceModel, 'found'>): Answer | null {
  if (!found) return null;
  const unseen = unseenSide(found);
  if (unseen !== null) return oneSided(found, unseen);
  const { seen, result } = found;
  const failed = result.outcome === 'failed';
  const agrees = seen === null || seen === result.outcome;
  return {
    tone: agrees ? (failed ? 'fail' : 'ok') : 'warn',
    sign: agrees ? (failed ? 'fail' : 'ok') : 'warning',
    outcome: { said: outcome(found), evidence: { pane: 'sim-ev-steps' } },
    causes: [...(failed && agrees ? drops(found) : []), ...(seen === null ? matters(found) : [])],
    help: failed && agrees ? help(found) : [],
    note: tested(found),
  };
}

/** The host of which the evidence shows nothing at all; `null` when there is none. */
function unseenSide({ made }: FromEvidence): string | null {
  const side = made.limits.find(({ code }) => code === 'one-sided')?.side ?? null;
  return side === null ? null : hostOf(side);
}

/** How the call ends would rest on what is made up for a side. */
function oneSided({ made }: FromEvidence, host: string): Answer {
  const said: Said = { key: 'sim.ev.answer.oneSided', values: { host } };
  return {
    ...{ tone: 'warn', sign: 'unknown', causes: [], help: [] },
    outcome: { said, evidence: { pane: 'sim-ev-made' } },
    note: { key: 'sim.ev.answer.oneSided.note', values: { host, n: made.assumptions.length } },
  };
}

function outcome({ seen, result }: FromEvidence): Said {
  if (seen === null) return { key: `sim.ev.answer.predicted.${result.outcome}` };
  if (seen === result.outcome) return { key: `sim.ev.answer.${result.outcome}` };
  const values = { seen: outcomeWords(seen), simulated: outcomeWords(result.outcome) };
  return { key: 'sim.ev.answer.differs', values };
}

function drops({ steps }: FromEvidence): Clause[] {
  return steps
    .filter(({ step }) => step === 'dropped')
    .map(({ what }) => {
      const [, network = '', rule = ''] = /^(.*): (\S+) /.exec(what) ?? [];
      const why = dropWords({ rule, why: rule });
      return { said: { text: t('sim.ev.answer.drop', { network, why }) }, evidence: { pane: 'sim-ev-steps' } };
    });
}

/** Assumptions whose other values end the call otherwise. */
function matters({ made, result }: FromEvidence): Clause[] {
  const n = made.assumptions.filter(({ others }) => others.some(({ outcome }) => outcome !== result.outcome)).length;
  if (n === 0) return [];
  return [{ said: { key: 'sim.ev.answer.matters', values: { n } }, evidence: { pane: 'sim-ev-made' } }];
}

function help({ made }: FromEvidence): Said[] {
  const remedies = made.changes.filter(({ outcome, restsOn }) => outcome !== 'failed' && restsOn.length === 0);
  return remedies.map((change) => {
    const time = change.elapsed === null ? '' : duration(change.elapsed);
    const values = { change: changeWords(change), outcome: outcomeWords(change.outcome), time };
    return { key: 'sim.ev.answer.help', values };
  });
}

function tested({ steps }: FromEvidence): Said {
  const all = steps.filter(({ agreement }) => agreement === 'same' || agreement === 'differs');
  if (all.length === 0) return { key: 'sim.ev.answer.untested' };
  const n = all.filter(({ agreement }) => agreement === 'same').length;
  return { key: 'sim.ev.answer.note', values: { n, all: all.length } };
}
