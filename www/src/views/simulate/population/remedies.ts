/** What would change the outcome of a population: the same calls with one thing different. */
import { axesOf, BEHAVIOURS, withAxis } from '../model/build';
import type { NatChoice } from '../model/types';
import type { MixPart, PopulationAsk } from '../worker/protocol';

export type RemedyName = 'no-turn' | 'turn-udp' | 'turn-tcp' | 'filter' | 'mapping' | 'ipv6' | 'twice';

export interface Remedy {
  name: RemedyName;
  ask: PopulationAsk;
}

/** UDP does not get out of it, whatever its mapping. */
const BLOCKS = new Set(['blocked', 'udp-blocked', 'hotel']);
const blocks = (nat: NatChoice) => BLOCKS.has(nat.classic ?? nat.preset ?? '');
const [INDEPENDENT, ADDRESS] = [0, 1];

/** The kinds with their NATs changed; `null` when that changes none. */
function changed(mix: readonly MixPart[], change: (nat: NatChoice) => NatChoice): MixPart[] | null {
  const made = mix.map((part) => ({ ...part, nat: blocks(part.nat) ? part.nat : change(part.nat) }));
  return JSON.stringify(made) === JSON.stringify(mix) ? null : made;
}

const filtersByAddress = (nat: NatChoice) =>
  (axesOf(nat)?.[1] ?? 0) > ADDRESS ? withAxis(nat, 'filtering', ADDRESS) : nat;
const mapsIndependently = (nat: NatChoice) =>
  (axesOf(nat)?.[0] ?? 0) > INDEPENDENT ? withAxis(nat, 'mapping', INDEPENDENT) : nat;
const untranslated = (nat: NatChoice): NatChoice => (axesOf(nat) === null ? nat : { preset: 'ipv6-home' });
/** Mapping depends on the destination, or UDP does not get out. */
const isHard = (nat: NatChoice) => blocks(nat) || axesOf(nat)?.[0] === BEHAVIOURS.length - 1;

/** The changes that make a difference to what was asked, each as a run of its own. */
export function remedies(asked: PopulationAsk): Remedy[] {
  const { mix, turn } = asked;
  const hard = mix.map((part) => (isHard(part.nat) ? { ...part, share: part.share * 2 } : part));
  const has = (...wanted: PopulationAsk['turn']) => wanted.every((one) => turn.includes(one));
  const turns: [RemedyName, PopulationAsk['turn'] | null][] = [
    ['turn-tcp', has('udp', 'tcp') ? null : ['udp', 'tcp']],
    ['turn-udp', has('udp') && !has('tcp') ? null : ['udp']],
    ['no-turn', turn.length === 0 ? null : []],
  ];
  const mixes: [RemedyName, MixPart[] | null][] = [
    ['filter', changed(mix, filtersByAddress)],
    ['mapping', changed(mix, mapsIndependently)],
    ['ipv6', changed(mix, untranslated)],
    ['twice', hard.some((part, at) => part !== mix[at]) && hard.some(({ nat }) => !isHard(nat)) ? hard : null],
  ];
  return [
    ...turns.flatMap(([name, turn]) => (turn ? [{ name, ask: { ...asked, turn } }] : [])),
    ...mixes.flatMap(([name, mix]) => (mix ? [{ name, ask: { ...asked, mix } }] : [])),
  ];
}

/** The remedy that a service can apply itself and that leaves fewest calls failed; `null` when none is better. */
export function bestOf<T extends { name: RemedyName; result: { failed: { calls: number } } | null }>(
  tried: readonly T[],
  failed: number,
): T | null {
  const own = tried.filter(({ name, result }) => name.startsWith('turn-') && result && result.failed.calls < failed);
  own.sort((a, b) => (a.result?.failed.calls ?? 0) - (b.result?.failed.calls ?? 0));
  return own[0] ?? null;
}
