/** Messages of two runs, in words. */
import { t } from '../../../i18n/index.svelte';
import { messageWords } from '../words';
import type { ComparedCell } from '../worker/protocol';

/** How a message ended. */
export const fateWords = (cell: ComparedCell) => t(`sim.ev.fate.${cell.fate}`, { to: cell.to });

/** A message with time, sender and end; what is in the other run only is nothing. */
export function cellWords(cell: ComparedCell | null): string {
  if (cell === null) return t('sim.ev.absentRow');
  const words = messageWords({ arrow: cell.signal ? 'signal' : 'data', message: cell.words });
  return t('sim.ev.cell', { time: cell.time.toFixed(1), words, from: cell.from, fate: fateWords(cell) });
}
