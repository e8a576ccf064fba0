import { sentences } from '../../i18n/format';
import { t } from '../../i18n/index.svelte';
import { endpoint } from './candidates';
import { type End, type PairRecord, roundTrip } from './pairs';

/** One number or reason for a pair's cell. */
export function pairDetail(pair: PairRecord): string {
  if (pair.state === 'succeeded') return pair.rtt === null ? '' : `${roundTrip(pair.rtt)} ms`;
  if (pair.gone) return t('live.pair.gone');
  if (pair.sent > 0 && pair.answered === 0) return t('live.pair.unanswered', { n: pair.sent });
  if (pair.sent > 0) return t('live.pair.counts', { sent: pair.sent, answered: pair.answered });
  return pair.received > 0 ? t('live.pair.received', { n: pair.received }) : '';
}

export function endName(end: End): string {
  return endpoint(end, t('live.hidden'));
}

/** Whether a check was answered, and how soon. */
function answered(pair: PairRecord): string {
  return pair.rtt === null ? t('live.why.answered') : t('live.why.answeredIn', { rtt: roundTrip(pair.rtt) });
}

function succeeded(pair: PairRecord): string {
  if (pair.inUse) return t('live.why.selected');
  return t(pair.nominated ? 'live.why.nominated' : 'live.why.succeeded');
}

/** Why the pair is in the state it is, in a sentence or two. */
export function stateSentence(pair: PairRecord): string {
  const prflx = pair.remote.type === 'prflx' ? t('live.why.prflx') : '';
  if (pair.state === 'succeeded' && !pair.gone) return sentences(answered(pair), succeeded(pair), prflx);
  if (pair.gone) return t('live.why.gone');
  if (pair.state === 'failed') return t('live.why.failed', { n: pair.sent });
  if (pair.state === 'in-progress') return sentences(t('live.why.progress', { n: pair.sent }), prflx);
  if (pair.state === 'frozen') return t('live.why.frozen');
  if (pair.state === 'cancelled') return t('live.why.cancelled');
  return t('live.why.waiting');
}
