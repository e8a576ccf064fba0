import { duration, t } from '../../i18n/index.svelte';
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

/** Why the pair is in the state it is, in a sentence or two. */
export function stateSentence(pair: PairRecord): string {
  const values = {
    n: pair.sent,
    rtt: roundTrip(pair.rtt),
    time: duration(pair.succeededAt ?? pair.failedAt ?? pair.seen),
  };
  const prflx = pair.remote.type === 'prflx' ? ` ${t('live.why.prflx')}` : '';
  if (pair.state === 'succeeded') {
    if (pair.inUse) return t('live.why.selected', values) + prflx;
    return t(pair.nominated ? 'live.why.nominated' : 'live.why.succeeded', values) + prflx;
  }
  if (pair.gone) return t('live.why.gone', values);
  if (pair.state === 'failed') return t('live.why.failed', values);
  if (pair.state === 'in-progress') return t('live.why.progress', values) + prflx;
  if (pair.state === 'frozen') return t('live.why.frozen', values);
  if (pair.state === 'cancelled') return t('live.why.cancelled', values);
  return t('live.why.waiting', values);
}
