/** "Who sent what": the two sides of a session as columns, what each said about itself as rows. */

import { t } from '../../../i18n/index.svelte';
import type { DescriptionRow, MediaRow, Report, SessionRow } from './types';

export interface Part {
  text: string;
  quiet?: boolean;
  title?: string;
  /** Text offset that the part leads to. */
  at?: number;
}
export type Cell = Part[];

export interface SidesTable {
  heads: { title: string; description: number | null }[];
  rows: { name: string; cells: Cell[] }[];
}

interface Column {
  title: string;
  description: DescriptionRow | null;
  side: 'local' | 'remote';
}

/** Most columns: descriptions beyond these are in the source. */
const MAX_COLUMNS = 8;
/** Most media sections listed for one description. */
const MAX_MEDIA = 32;
/** Characters of a fingerprint that tell it apart. */
const SHORT = 17;

export function whoSentWhat(report: Report, index: number): SidesTable {
  const session = report.sessions[index];
  if (session === undefined) return { heads: [], rows: [] };
  const columns = columnsOf(report, session);
  if (columns.length === 0) return { heads: [], rows: [] };
  const media = Math.min(MAX_MEDIA, Math.max(0, ...columns.map(({ description }) => description?.media.length ?? 0)));
  const rows: SidesTable['rows'] = [];
  for (let section = 0; section < media; section++) {
    const sections = columns.map(({ description }) => description?.media[section] ?? null);
    rows.push(...sectionRows(sections));
  }
  const groups = columns.map(({ description }) => groupCell(description));
  if (groups.some((cell) => cell.length > 0)) rows.push({ name: 'group', cells: groups });
  rows.push({ name: t('inspect.candidates'), cells: columns.map((column) => candidateCell(report, session, column)) });
  return { heads: columns.map(({ title, description }) => ({ title, description: description?.index ?? null })), rows };
}

function columnsOf(report: Report, session: SessionRow): Column[] {
  const own = report.descriptions.filter((row) => row.session === session.index).slice(0, MAX_COLUMNS);
  const columns = own.map((row): Column => {
    const answer = row.role === 'answer';
    const side = row.side ?? (answer ? 'remote' : 'local');
    const name = side === 'remote' ? session.names.remote : session.names.local;
    const role = row.role === null ? t('inspect.role.description') : t(`inspect.role.${row.role}`);
    return { title: name === null ? role : `${name}${t('comma')}${role}`, description: row, side };
  });
  if (columns.length > 0) return columns;
  const sides = new Set(
    report.candidates.filter((row) => row.session === session.index).map((row) => row.side ?? 'local'),
  );
  return [...sides].map((side) => ({
    title: (side === 'remote' ? session.names.remote : session.names.local) ?? t(`inspect.side.${side}`),
    description: null,
    side,
  }));
}

const FIELDS: readonly { name: string; cell: (media: MediaRow) => Cell }[] = [
  {
    name: 'm=',
    cell: (media) => plain(`${media.kind} ${media.port} ${media.protocol} ${media.formats.slice(0, 12).join(' ')}`),
  },
  { name: 'mid', cell: (media) => plain(media.mid) },
  { name: 'ufrag', cell: (media) => plain(media.ufrag) },
  { name: 'pwd', cell: (media) => plain(media.pwd) },
  { name: 'options', cell: (media) => plain(optionWords(media)) },
  { name: 'setup', cell: setupCell },
  { name: 'fingerprint', cell: fingerprintCell },
  { name: 'direction', cell: (media) => plain(media.direction === 'sendrecv' ? null : media.direction) },
];

function sectionRows(sections: (MediaRow | null)[]): SidesTable['rows'] {
  return FIELDS.map(({ name, cell }) => ({
    name,
    cells: sections.map((media) => (media === null ? [] : cell(media))),
  })).filter((row) => row.cells.some((cell) => cell.length > 0));
}

function plain(text: string | null): Cell {
  return text === null || text === '' ? [] : [{ text }];
}

function optionWords(media: MediaRow): string {
  const words = [...media.options];
  if (media.lite) words.push('ice-lite');
  if (media.pacing !== null) words.push(`ice-pacing ${media.pacing}`);
  return words.join(' ');
}

function setupCell(media: MediaRow): Cell {
  if (media.setup === null) return [];
  const meaning =
    media.setup === 'active' ? t('inspect.sides.client') : media.setup === 'passive' ? t('inspect.sides.server') : '';
  return meaning === '' ? [{ text: media.setup }] : [{ text: media.setup }, { text: meaning, quiet: true }];
}

function fingerprintCell(media: MediaRow): Cell {
  return media.fingerprints.slice(0, 8).flatMap(
    ({ hash, value }): Cell => [
      { text: hash, quiet: true },
      { text: value.length > SHORT ? `${value.slice(0, SHORT)}…` : value, title: value },
    ],
  );
}

function groupCell(description: DescriptionRow | null): Cell {
  return (description?.groups ?? [])
    .slice(0, 8)
    .map(({ semantics, mids }) => ({ text: `${semantics} ${mids.join(' ')}` }));
}

/** `1 host, end line 82`. */
function candidateCell(report: Report, session: SessionRow, column: Column): Cell {
  const own = report.candidates.filter(
    (row) =>
      row.session === session.index &&
      (row.description === null
        ? (row.side ?? 'local') === column.side
        : row.description === column.description?.index),
  );
  const counts = new Map<string, number>();
  for (const { type } of own) counts.set(type, (counts.get(type) ?? 0) + 1);
  const words = [...counts].map(([type, count]) => `${count} ${type}`);
  const list = words.length === 0 ? t('inspect.sides.noCandidates') : words.join(t('comma'));
  const end = report.ends.find((row) => row.session === session.index && (row.side ?? 'local') === column.side);
  const ended = end !== undefined || (column.description?.media.some((media) => media.endOfCandidates) ?? false);
  const cell: Cell = [{ text: ended ? `${list}${t('comma')}${t('inspect.sides.end')}` : list }];
  if (end !== undefined) cell.push({ text: t('inspect.line', { n: end.line }), at: end.start });
  return cell;
}
