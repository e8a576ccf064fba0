/** Findings grouped into sessions: an offer, its answer, and the candidates that belong to them. */

import type { Side } from 'icelens';

/** What grouping needs to know of a finding, in the order of the input. */
export type Item =
  | {
      kind: 'description';
      type: 'offer' | 'answer' | 'pranswer' | null;
      fragment: boolean;
      side: Side;
      ufrags: readonly string[];
      /** Call-ID of the SIP message that carries it. */
      call: string | null;
    }
  | { kind: 'candidate' | 'end'; side: Side; ufrag: string | null }
  | { kind: 'message'; ufrags: readonly string[] }
  /** What only carries a description: it belongs to the session of the description after it. */
  | { kind: 'carrier' };

export interface Placed {
  /** −1 when there is none. */
  session: number;
  side: Side;
}

interface Open {
  index: number;
  answered: boolean;
  descriptions: number;
}

/** Most sessions told apart; what follows goes to the last. */
export const MAX_SESSIONS = 2000;

/** The session of each item, and its side as far as the session's descriptions tell. */
export function groupSessions(items: readonly Item[]): { placed: Placed[]; count: number } {
  const sides = new Map<string, { session: number; side: Side }>();
  const calls = new Map<string, number>();
  let current: Open | null = null;
  let count = 0;

  const open = (): Open => {
    if (current !== null && count >= MAX_SESSIONS) return current;
    return { index: count++, answered: false, descriptions: 0 };
  };

  const placed = items.map((item): Placed => {
    if (item.kind === 'description') {
      const known = knownSession(item, sides, calls);
      if (known === null && (current === null || startsAnother(item, current))) current = open();
      const session: number = known ?? (current as Open).index;
      if (known === null || known === current?.index) note(item, current as Open);
      const side = sideOf(item);
      for (const ufrag of item.ufrags) if (!sides.has(ufrag)) sides.set(ufrag, { session, side });
      if (item.call !== null) calls.set(item.call, session);
      return { session, side };
    }
    if (item.kind === 'carrier') return { session: -1, side: null };
    const side = item.kind === 'message' ? null : item.side;
    const owner = ownerOf(item, sides);
    if (owner !== null) return { session: owner.session, side: owner.side ?? side };
    current ??= open();
    return { session: current.index, side };
  });
  for (let at = items.length - 1, next = -1; at >= 0; at--) {
    const place = placed[at];
    if (place === undefined) continue;
    if (items[at]?.kind === 'carrier') place.session = next;
    else if (items[at]?.kind === 'description') next = place.session;
  }
  return { placed, count };
}

function ownerOf(
  item: Exclude<Item, { kind: 'description' } | { kind: 'carrier' }>,
  sides: Map<string, { session: number; side: Side }>,
) {
  const ufrags = item.kind === 'message' ? item.ufrags : item.ufrag === null ? [] : [item.ufrag];
  for (const ufrag of ufrags) {
    const owner = sides.get(ufrag);
    if (owner !== undefined) return owner;
  }
  return null;
}

type Described = Extract<Item, { kind: 'description' }>;

function knownSession(
  item: Described,
  sides: Map<string, { session: number; side: Side }>,
  calls: Map<string, number>,
): number | null {
  for (const ufrag of item.ufrags) {
    const owner = sides.get(ufrag);
    if (owner !== undefined) return owner.session;
  }
  return item.call === null ? null : (calls.get(item.call) ?? null);
}

/** An offer after an offer, an answer after an answer, or a third description of a session that has both. */
function startsAnother(item: Described, current: Open): boolean {
  if (item.fragment) return false;
  if (item.type === 'offer') return current.descriptions > 0;
  if (item.type === null) return current.descriptions > 1;
  return current.answered;
}

function note(item: Described, current: Open): void {
  if (item.fragment) return;
  current.descriptions++;
  if (item.type === 'answer' || item.type === 'pranswer') current.answered = true;
}

/** Whose description it is: what the text says, else the offer is taken as the local one. */
function sideOf(item: Described): Side {
  if (item.side !== null) return item.side;
  if (item.type === null) return null;
  return item.type === 'offer' ? 'local' : 'remote';
}
