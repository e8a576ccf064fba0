import { duration, t } from '../../../i18n/index.svelte';
import type { Answer, Said } from '../../../ui/answer.svelte';
import type { Bandwidth, Population, PopulationAsk } from '../worker/protocol';
import type { Tried } from './model.svelte';
import { bestOf } from './remedies';
import { percent } from './shares';

/** The run in a sentence, and the server that would leave fewest calls failed. */
export function answerOf(
  result: Population,
  asked: PopulationAsk,
  tried: readonly Tried[],
  bandwidth: Bandwidth | null,
): Answer {
  const isWhole = result.failed.calls === 0;
  return {
    tone: isWhole ? 'ok' : 'warn',
    sign: isWhole ? 'ok' : 'warning',
    outcome: { said: sentence(result, asked, bandwidth), evidence: { pane: 'sim-outcome' } },
    causes: [],
    help: help(result, tried),
    note: note(result),
  };
}

function sentence(result: Population, { calls, turn }: PopulationAsk, bandwidth: Bandwidth | null): Said {
  const { direct, relayed, failed } = result;
  const values = {
    calls,
    direct: percent(direct.share),
    relayed: percent(relayed.share),
    failed: percent(failed.share),
  };
  if (turn.length === 0) return { key: 'sim.pop.sentence.noTurn', values };
  if (!bandwidth) return { key: 'sim.pop.sentence.unplanned', values };
  const mean = bandwidth.mean.toFixed(bandwidth.mean < 10 ? 1 : 0);
  return { key: 'sim.pop.sentence', values: { ...values, mean, n: bandwidth.concurrent } };
}

function help({ failed }: Population, tried: readonly Tried[]): Said[] {
  const best = bestOf(tried, failed.calls);
  if (!best?.result) return [];
  const what = t(`sim.pop.change.${best.name}`);
  const values = { what, failed: percent(best.result.failed.share), now: percent(failed.share) };
  return [{ key: 'sim.pop.help', values }];
}

function note({ direct, relayed, timeToConnect, took }: Population): Said | null {
  if (direct.calls + relayed.calls === 0) return null;
  const { p50, p99 } = timeToConnect.all;
  return { key: 'sim.pop.note', values: { p50: duration(p50), p99: duration(p99), took: duration(took) } };
}
