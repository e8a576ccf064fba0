import { duration, t } from '../../i18n/index.svelte';
import type { Answer, Clause } from '../../ui/answer.svelte';
import type { Row } from './model/ladder';
import { ends } from './model/lanes';
import { drops } from './model/nats';
import type { Run } from './model/types';
import { dropWords } from './words';

/** The run in a sentence: how it ended, and what NATs did to it; each clause with the row that proves it. */
export function answerOf(run: Run, rows: readonly Row[], select: (row: Row) => void): Answer {
  const { outcome, elapsed } = run.result;
  const between = ends(run.scenario);
  const [from, to] = between ?? ['', ''];
  const decided = elapsed === null ? '' : duration(elapsed);
  const tone = outcome === 'failed' ? 'fail' : 'ok';
  const undecided = elapsed === null && outcome === 'failed';
  const key = undecided ? (between ? 'sim.answer.undecided' : 'sim.answer.noCall') : (`sim.answer.${outcome}` as const);
  const first: Clause = { said: { key, values: { from, to, time: decided } }, evidence: { pane: 'sim-list-3' } };
  const dropped = drops(run.trace).slice(0, 1);
  const causes = dropped.map(({ network, rule, why, count }): Clause => {
    const row = rows.find((it) => it.fate === 'dropped' && it.nat?.network === network && it.nat.rule === rule);
    return {
      said: { text: t('sim.answer.drop', { network, n: count, why: dropWords({ rule, why }) }) },
      evidence: { pane: 'sim-ladder', select: () => row && select(row) },
    };
  });
  const noRoute = rows.filter((row) => row.fate === 'no-route');
  const lone = noRoute[0];
  if (outcome === 'failed' && lone && causes.length === 0) {
    causes.push({
      said: { text: t('sim.answer.no-route', { n: noRoute.length, address: lone.packet?.destination ?? '' }) },
      evidence: { pane: 'sim-ladder', select: () => select(lone) },
    });
  }
  return { tone, sign: outcome === 'failed' ? 'fail' : 'ok', outcome: first, causes, help: [] };
}
