import { type Candidate, formatCandidate } from './candidate.js';
import { type AreaExports, memoryWords, raw, recordsStart, writeText } from './core.js';

/** State of a pair, RFC 8445 §6.1.2.6. */
export type PairState = 'frozen' | 'waiting' | 'in-progress' | 'succeeded' | 'failed';

/** Why two candidates make no pair of the list; each names its rule in the RFC. */
export type PairRule =
  /** Different components, RFC 8445 §6.1.2.2. */
  | 'component'
  /** Different transport protocols, RFC 8445 §6.1.2.2. */
  | 'transport'
  /** TCP directions that do not meet, RFC 6544 §6.2. */
  | 'tcp-direction'
  /** IPv4 with IPv6, RFC 8445 §6.1.2.2. */
  | 'address-family'
  /** IPv6 link-local with another scope, RFC 8445 §6.1.2.2. */
  | 'link-local'
  /** Same base and same remote as a pair of higher priority, RFC 8445 §6.1.2.4. */
  | 'redundant'
  /** The local side only accepts the connection, RFC 6544 §6.2. */
  | 'tcp-passive-local'
  /** Over the limit, lowest priority first, RFC 8445 §6.1.2.5. */
  | 'pair-limit'
  /** The candidate can't be read. */
  | 'unreadable';

/** A candidate pair. */
export interface CheckListPair {
  /** What the checks are sent from: a reflexive candidate is replaced by its base where that is in the list. */
  local: Candidate;
  remote: Candidate;
  priority: bigint;
  /** Foundation of the local candidate, then that of the remote one. */
  foundation: string;
  component: number;
  state: PairState;
}

/** Two candidates that are not a pair of the list, and why. */
export interface LeftOutPair {
  local: Candidate;
  remote: Candidate;
  rule: PairRule;
}

/** A check list as RFC 8445 §6.1.2 forms it. */
export interface CheckList {
  /** Highest priority first. */
  pairs: CheckListPair[];
  /** Pairs that were formed and not kept, §6.1.2.4 and §6.1.2.5. */
  pruned: LeftOutPair[];
  /** Candidates that can't be paired, §6.1.2.2. */
  readonly excluded: LeftOutPair[];
}

interface IceExports extends AreaExports {
  check_list_candidate(length: number): boolean;
  check_list_reserve(words: number): void;
  check_list_form(locals: number, remotes: number, controlling: boolean, limit: number): void;
}

const states: readonly PairState[] = ['frozen', 'waiting', 'in-progress', 'succeeded', 'failed'];
const rules: readonly PairRule[] = [
  'component',
  'transport',
  'tcp-direction',
  'address-family',
  'link-local',
  'redundant',
  'tcp-passive-local',
  'pair-limit',
];

/** `WORDS` in `src/wasm/ice.rs`. */
const WORDS = 17;
/** `MAX_CANDIDATES` in `src/ice/check_list.rs`: more of one side are not looked at. */
const MAX_CANDIDATES = 256;

/**
 * The priority of a pair, RFC 8445 §6.1.2.3, from the priorities of the controlling and the controlled agent's candidate.
 * Computed here: a call into wasm would not make three operations on BigInts faster.
 */
export function pairPriority(controlling: number, controlled: number): bigint {
  const low = BigInt(Math.min(controlling, controlled));
  const high = BigInt(Math.max(controlling, controlled));
  return (low << 32n) + 2n * high + (controlling > controlled ? 1n : 0n);
}

class Pair implements CheckListPair {
  local: Candidate;
  remote: Candidate;
  priority: bigint;
  foundation: string;
  component: number;
  state: PairState;

  constructor(local: Candidate, remote: Candidate, state: PairState, priority: bigint) {
    this.local = local;
    this.remote = remote;
    this.priority = priority;
    this.foundation = local.foundation + remote.foundation;
    this.component = remote.component;
    this.state = state;
  }

  /** With the priority as a string: JSON has no BigInt. */
  toJSON(): object {
    return { ...this, priority: this.priority.toString() };
  }
}

/** The fields that a candidate's words come from, and the words; `null` when the candidate can't be read. */
interface Known {
  component: number;
  protocol: string;
  priority: number;
  address: string;
  port: number;
  type: string;
  tcpType: string | null;
  relatedAddress: string | null;
  relatedPort: number | null;
  words: Uint32Array | null;
}

const known = new WeakMap<object, Known>();

function holds(before: Known, now: Candidate): boolean {
  return (
    before.address === now.address &&
    before.port === now.port &&
    before.priority === now.priority &&
    before.component === now.component &&
    before.protocol === now.protocol &&
    before.type === now.type &&
    before.tcpType === now.tcpType &&
    before.relatedAddress === now.relatedAddress &&
    before.relatedPort === now.relatedPort
  );
}

/** The words of a candidate for the check list, kept while its fields are what they were. */
function record(candidate: Candidate): Uint32Array | null {
  const before = known.get(candidate);
  if (before !== undefined && holds(before, candidate)) return before.words;
  const { component, protocol, priority, address, port, type, tcpType, relatedAddress, relatedPort } = candidate;
  const fields = { component, protocol, priority, address, port, type, tcpType, relatedAddress, relatedPort };
  let words: Uint32Array | null = null;
  if (raw<IceExports>().check_list_candidate(writeText(formatCandidate({ ...fields, foundation: '1' })))) {
    const at = recordsStart();
    words = memoryWords().slice(at, at + WORDS);
  }
  known.set(candidate, { ...fields, words });
  return words;
}

const OTHER_TRANSPORT = 4;
const NAME = 0;

/** Numbers for the strings of one call. */
class Numbers {
  readonly #strings: string[] = [];

  of(text: string): number {
    const index = this.#strings.indexOf(text);
    return index < 0 ? this.#strings.push(text) - 1 : index;
  }
}

interface Side {
  candidates: Candidate[];
  words: Uint32Array[];
  unreadable: Candidate[];
}

function side(candidates: readonly Candidate[]): Side {
  const found: Side = { candidates: [], words: [], unreadable: [] };
  for (const candidate of candidates) {
    if (found.candidates.length === MAX_CANDIDATES) break;
    const words = record(candidate);
    if (words === null) {
      found.unreadable.push(candidate);
      continue;
    }
    found.candidates.push(candidate);
    found.words.push(words);
  }
  return found;
}

/** Writes the words of one side to the record area from word `at` on. */
function write(memory: Uint32Array, at: number, side: Side, foundations: Numbers, names: Numbers): number {
  let to = at;
  for (let i = 0; i < side.candidates.length; i++, to += WORDS) {
    const candidate = side.candidates[i] as Candidate;
    const words = side.words[i] as Uint32Array;
    for (let w = 0; w < WORDS; w++) memory[to + w] = words[w] as number;
    memory[to + 5] = foundations.of(candidate.foundation);
    if (words[1] === OTHER_TRANSPORT) memory[to + 1] = OTHER_TRANSPORT + names.of(candidate.protocol.toLowerCase());
    if (words[6] === NAME) memory[to + 7] = names.of(candidate.address.toLowerCase());
  }
  return to;
}

function leftOut(memory: Uint32Array, at: number, count: number, local: Side, remote: Side): LeftOutPair[] {
  const list: LeftOutPair[] = [];
  for (let i = 0, word = at; i < count; i++, word += 3) {
    list.push({
      local: local.candidates[memory[word] as number] as Candidate,
      remote: remote.candidates[memory[word + 1] as number] as Candidate,
      rule: rules[memory[word + 2] as number] as PairRule,
    });
  }
  return list;
}

function unreadable(local: readonly Candidate[], remote: readonly Candidate[], l: Side, r: Side): LeftOutPair[] {
  const list: LeftOutPair[] = [];
  for (const one of l.unreadable)
    for (const other of remote) list.push({ local: one, remote: other, rule: 'unreadable' });
  for (const one of r.unreadable) {
    for (const other of local)
      if (!l.unreadable.includes(other)) list.push({ local: other, remote: one, rule: 'unreadable' });
  }
  return list;
}

/**
 * Forms the check list of one data stream as RFC 8445 §6.1.2 has it: pairs of one component, transport and address
 * family, reflexive candidates replaced by their base, redundant pairs pruned, at most `limit` pairs (100), first states set.
 * At most 256 candidates of each side are looked at. A name (mDNS, host name) pairs with either family: it is not resolved.
 * A hidden `raddr` is taken as the only host candidate that fits, if there is exactly one.
 *
 * ```js
 * const list = formCheckList(offer.media[0].candidates, answer.media[0].candidates, { controlling: true });
 * ```
 */
export function formCheckList(
  local: readonly Candidate[],
  remote: readonly Candidate[],
  options: { controlling: boolean; limit?: number },
): CheckList {
  const ours = side(local);
  const theirs = side(remote);
  const exports = raw<IceExports>();
  exports.check_list_reserve((ours.candidates.length + theirs.candidates.length) * WORDS);
  const names = new Numbers();
  const input = memoryWords();
  const middle = write(input, recordsStart(), ours, new Numbers(), names);
  write(input, middle, theirs, new Numbers(), names);
  exports.check_list_form(ours.candidates.length, theirs.candidates.length, options.controlling, options.limit ?? 100);

  const memory = memoryWords();
  const start = recordsStart();
  const count = memory[start] as number;
  const prunedCount = memory[start + 1] as number;
  const excludedCount = memory[start + 2] as number;
  const pairs: CheckListPair[] = [];
  let word = start + 3;
  for (let i = 0; i < count; i++, word += 5) {
    const priority = (BigInt(memory[word + 4] as number) << 32n) | BigInt(memory[word + 3] as number);
    const us = ours.candidates[memory[word] as number] as Candidate;
    const them = theirs.candidates[memory[word + 1] as number] as Candidate;
    pairs.push(new Pair(us, them, states[memory[word + 2] as number] as PairState, priority));
  }
  const pruned = leftOut(memory, word, prunedCount, ours, theirs);
  const excluded = leftOut(memory, word + 3 * prunedCount, excludedCount, ours, theirs);
  excluded.push(...unreadable(local, remote, ours, theirs));
  return { pairs, pruned, excluded };
}
