/** Mixes of NATs, with the source of each share. */
import type { NatChoice } from '../model/types';

/** Where a share comes from: a publication, an assumption, or the user's own hand. */
export type Source = 'ford2005' | 'halkes2011' | 'libp2p2025' | 'assumed' | 'yours';

/** A kind of a mix. Shares are weights: they need not sum to 100. */
export interface Kind {
  nat: NatChoice;
  share: number;
  source: Source;
}

const kinds = (source: Source, ...parts: [NatChoice, number][]): readonly Kind[] =>
  parts.map(([nat, share]) => ({ nat, share, source }));

/** What hole punching works with, and what it does not; how they filter is not told, so the strictest filter is taken. */
const punching = (source: Source, share: number) =>
  kinds(source, [{ classic: 'port restricted cone' }, share], [{ classic: 'symmetric' }, 100 - share]);

/** The mixes by name. No source gives shares of a service's own users. */
export const MIXES = {
  assumed: kinds(
    'assumed',
    [{ classic: 'open' }, 6],
    [{ preset: 'carrier-grade' }, 14],
    [{ classic: 'restricted cone' }, 20],
    [{ preset: 'home' }, 45],
    [{ preset: 'mobile-hard' }, 8],
    [{ preset: 'corporate' }, 4],
    [{ preset: 'udp-blocked' }, 3],
  ),
  // Of the NATs tested, 82 % punch UDP.
  ford2005: punching('ford2005', 82),
  // Of the peers, 64 % are behind devices that punch.
  halkes2011: punching('halkes2011', 64),
  // Of the attempts, 70 % connect: √0.70 of the hosts, if only two symmetric ones or a symmetric and a strict one fail.
  libp2p2025: punching('libp2p2025', 84),
} as const;
export type MixName = keyof typeof MIXES;
export const MIX_NAMES = Object.keys(MIXES) as MixName[];

/** The mix that these kinds are; `null` for one of the user's own. */
export function mixOf(mix: readonly Kind[]): MixName | null {
  const text = JSON.stringify(mix);
  return MIX_NAMES.find((name) => JSON.stringify(MIXES[name]) === text) ?? null;
}

/** The sources of a mix in the order in which they are numbered; assumptions and the user's own shares come last. */
export function sourcesOf(mix: readonly Kind[]): { source: Source; mark: string; part: number }[] {
  const total = mix.reduce((sum, { share }) => sum + share, 0) || 1;
  const parts = new Map<Source, number>();
  for (const { source, share } of mix) parts.set(source, (parts.get(source) ?? 0) + share / total);
  const marks: Partial<Record<Source, string>> = { assumed: 'a', yours: 'y' };
  let number = 0;
  return [...parts]
    .sort(([a], [b]) => Number(a in marks) - Number(b in marks))
    .map(([source, part]) => ({ source, part, mark: marks[source] ?? String(++number) }));
}
