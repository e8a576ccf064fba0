import type { State } from '../../../ui/PairState.svelte';
import { follow, type Reading } from './follow';
import type { DecisionEntry, Entry } from './types';

/** A pair of a check list at one time. */
export interface Pair {
  /** The engine's number of it; 0 for a pair that was never made. */
  id: number;
  local: string;
  remote: string;
  localType: string;
  remoteType: string;
  state: State;
  nominated: boolean;
  selected: boolean;
  /** Decimal; null when a candidate's priority is not known. */
  priority: string | null;
  /** The decision behind the state; null when it is as it was formed. */
  because: DecisionEntry | null;
  rule: string;
}

/** An agent at one time, as its decisions tell. */
export interface AgentState {
  host: string;
  controlling: boolean;
  /** Of the ICE state, in the engine's word. */
  state: string;
  /** The selected one first, then in order of priority; those that were not made last. */
  pairs: Pair[];
}

interface Known {
  type: string;
  priority: bigint | null;
}

const STATES: Readonly<Record<string, State>> = {
  'pair-unfrozen': 'waiting',
  'pair-thawed': 'waiting',
  'pair-unfrozen-later': 'waiting',
  triggered: 'waiting',
  'check-sent': 'in-progress',
  'check-again': 'in-progress',
  'check-succeeded': 'succeeded',
  'valid-pair': 'succeeded',
  'check-timed-out': 'failed',
  'check-refused': 'failed',
  'check-not-symmetric': 'failed',
  'nomination-failed': 'failed',
  'check-cancelled': 'cancelled',
  'pair-over-limit': 'pruned',
};

const priorityOf = ({ number }: DecisionEntry): bigint | null => (number === undefined ? null : BigInt(number));

/** RFC 8445 §6.1.2.3, with G the controlling side's candidate. */
function pairPriority(controlling: boolean, local: bigint | null, remote: bigint | null): string | null {
  if (local === null || remote === null) return null;
  const [g, d] = controlling ? [local, remote] : [remote, local];
  const [low, high] = g < d ? [g, d] : [d, g];
  return String((low << 32n) + 2n * high + (g > d ? 1n : 0n));
}

class Reader implements Reading<DecisionEntry, AgentState> {
  readonly #locals = new Map<string, Known>();
  readonly #remotes = new Map<string, Known>();
  readonly #pairs = new Map<string, Pair>();
  #state = 'new';

  constructor(
    readonly host: string,
    private controlling: boolean,
  ) {}

  read(line: DecisionEntry): void {
    const { code, local, remote, what = '' } = line;
    if (code === 'local-candidate' && local) this.#locals.set(local, { type: what, priority: priorityOf(line) });
    if (code === 'local-prflx' && local && !this.#locals.has(local)) {
      this.#locals.set(local, { type: 'prflx', priority: priorityOf(line) });
    }
    if (code === 'remote-candidate' && remote) this.#remotes.set(remote, { type: what, priority: priorityOf(line) });
    if (code === 'remote-prflx' && remote) this.#remotes.set(remote, { type: 'prflx', priority: priorityOf(line) });
    if (code === 'remote-signalled' && remote) {
      const before = this.#remotes.get(remote);
      this.#remotes.set(remote, { type: what, priority: before?.priority ?? null });
    }
    if (code === 'state-changed') this.#state = what;
    if (code === 'failed') this.#state = 'failed';
    if (code.startsWith('role-switched')) this.controlling = what.startsWith('controlling');
    if (code === 'restarted') this.#pairs.clear();
    if (code === 'local-removed' || code === 'remote-removed') this.#remove(local, remote);
    if (code === 'pairs-removed') this.#cancelRest(line);
    this.#pair(line);
  }

  #remove(local: string | undefined, remote: string | undefined) {
    for (const [key, pair] of this.#pairs) {
      if (pair.local === local || pair.remote === remote) this.#pairs.delete(key);
    }
  }

  /** RFC 8445 §8.1.2: what was not decided is not checked any more. */
  #cancelRest(because: DecisionEntry) {
    for (const pair of this.#pairs.values()) {
      if (pair.nominated || !['frozen', 'waiting', 'in-progress'].includes(pair.state)) continue;
      Object.assign(pair, { state: 'cancelled', because, rule: because.rule });
    }
  }

  #pair(line: DecisionEntry) {
    const { code, pair: id, local = '', remote = '', rule } = line;
    const because = line;
    if (code === 'pair-redundant') {
      this.#pairs.set(`${local} ${remote}`, { ...this.#blank(0, local, remote), state: 'pruned', because, rule });
      return;
    }
    if (id === undefined) return;
    const key = String(id);
    const found = this.#pairs.get(key) ?? this.#blank(id, local, remote);
    this.#pairs.set(key, found);
    if (code === 'pair-formed' || code === 'valid-pair') Object.assign(found, { local, remote });
    const state = STATES[code];
    // A pair that has succeeded stays so while it is checked again, to nominate it or for consent.
    if (state && !(found.state === 'succeeded' && (state === 'in-progress' || state === 'waiting'))) {
      Object.assign(found, { state, because, rule });
    }
    if (code === 'nominated' || code === 'lite-nominated' || code === 'both-lite') found.nominated = true;
    if (code === 'nomination-failed') found.nominated = false;
    if (code === 'selected') {
      for (const other of this.#pairs.values()) other.selected = other === found;
      Object.assign(found, { because, rule });
    }
  }

  #blank(id: number, local: string, remote: string): Pair {
    return {
      ...{ id, local, remote, localType: '', remoteType: '', state: 'frozen' as State },
      ...{ nominated: false, selected: false, priority: null, because: null, rule: '' },
    };
  }

  state(): AgentState {
    const pairs = [...this.#pairs.values()].map((pair) => {
      const local = this.#locals.get(pair.local);
      const remote = this.#remotes.get(pair.remote);
      const priority = pairPriority(this.controlling, local?.priority ?? null, remote?.priority ?? null);
      return { ...pair, localType: local?.type ?? '', remoteType: remote?.type ?? '', priority };
    });
    const rank = (pair: Pair) => (pair.id === 0 ? -1n : BigInt(pair.priority ?? 0));
    pairs.sort(
      (a, b) =>
        Number(b.selected) - Number(a.selected) || Number(rank(b) > rank(a)) - Number(rank(b) < rank(a)) || a.id - b.id,
    );
    return { host: this.host, controlling: this.controlling, state: this.#state, pairs };
  }
}

/** The agent of a host after everything up to a time. */
export function agentOf(trace: readonly Entry[], host: string, caller: boolean): (time: number) => AgentState {
  const own = trace.filter((entry): entry is DecisionEntry => entry.kind === 'decision' && entry.host === host);
  return follow(own, () => new Reader(host, caller));
}
