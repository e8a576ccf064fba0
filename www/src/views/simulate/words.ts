import { known, t } from '../../i18n/index.svelte';
import { axes } from './model/build';
import type { Row } from './model/ladder';
import type { EventEntry, NatChoice, NatEntry } from './model/types';

/** A row in a few words; protocol names stay as they are. */
export function messageWords(row: Pick<Row, 'arrow' | 'message'>): string {
  if (row.arrow !== 'signal') return row.message.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  const key = known(`sim.signal.${row.message}`);
  return key ? t(key) : row.message;
}

const ADDRESS = /(?:\b\d+(?:\.\d+){3}|\[[0-9a-f:.]+\]):(\d+)/gi;

/** Words with the port alone of each address, which is what a NAT changes; the whole stands in the message. */
export const portsOf = (words: string): string => words.replace(ADDRESS, ':$1');

/** Words of a Binding message without the method, which most have: null for others. */
export function withoutMethod(words: string): string | null {
  const rest = /^Binding (.+)$/.exec(words)?.[1];
  return rest ? portsOf(rest.slice(0, 1).toUpperCase() + rest.slice(1)) : null;
}

/** How a row ended, or what the NAT made of it; empty when it just arrived. */
export function fateWords(row: Row): string {
  if (row.fate === 'lost') return t('sim.fate.lost');
  if (row.fate === 'no-route') return t('sim.fate.no-route');
  if (row.fate === 'dropped' && row.nat) return dropWords(row.nat);
  if (row.nat?.direction === 'in') return t('sim.fate.in');
  if (row.nat && row.packet) return t('sim.fate.from', { port: row.packet.source.replace(/^.*:/, ':') });
  if (row.arrow === 'signal') {
    return [...new Set(row.lines.map((line) => / typ (\w+)/.exec(line)?.[1]).filter(Boolean))].join(', ');
  }
  return '';
}

/** Why a NAT dropped a packet. */
export function dropWords({ rule, why }: Pick<NatEntry, 'rule' | 'why'>): string {
  const key = known(`sim.drop.${rule}`);
  return key ? t(key) : why;
}

/** Name of a NAT as people read it. */
export function natWords(nat: NatChoice | undefined): string {
  const name = nat?.classic ?? nat?.preset;
  if (!name) return (nat ? axes(nat) : null) ?? 'RFC 4787';
  const key = known(`sim.${nat?.classic ? 'classic' : 'preset'}.${name}`);
  return key ? t(key) : name;
}

export function eventWords({ event }: EventEntry): string {
  const key = known(`sim.event.${event.what}`);
  return key ? t(key, { host: event.host ?? '', network: event.network ?? '' }) : event.what;
}
