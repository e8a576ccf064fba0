import { mustBe, requireArray, requireObject } from './argument.js';
import {
  type Candidate,
  type CandidateInit,
  candidateTypes,
  listedCandidate,
  type PairingFields,
  pairingFields,
} from './candidate.js';
import { type AreaExports, memoryWords, raw, recordsStart, writeText } from './core.js';

/** Role of an ICE agent (RFC 8445 §6.1.1). */
export type IceRole = 'controlling' | 'controlled';

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
  /** IPv4 with IPv6, RFC 8445 §6.1.2.2; of a pruned pair, the base of the local candidate with the remote one. */
  | 'address-family'
  /** IPv6 link-local with another scope, RFC 8445 §6.1.2.2; of a pruned pair, likewise. */
  | 'link-local'
  /** Same base and same remote as a pair of higher priority, RFC 8445 §6.1.2.4. */
  | 'redundant'
  /** The local side only accepts the connection, RFC 6544 §6.2. */
  | 'tcp-passive-local'
  /** Over the limit, lowest priority first, RFC 8445 §6.1.2.5. */
  | 'pair-limit'
  /** A field of one of them can't stand in a candidate line. */
  | 'unreadable';

/** A candidate pair. */
export interface CheckListPair {
  /** Candidate that the checks are sent from: a reflexive one is replaced by its base where that is in the list. */
  local: Candidate;
  /** Remote candidate. */
  remote: Candidate;
  /** Pair priority (RFC 8445 §6.1.2.3) of the two candidates, the local one after a replacement; exact. */
  readonly priority: bigint;
  /** Foundation of the local candidate, then that of the remote one. */
  foundation: string;
  /** Component of both candidates. */
  component: number;
  /** State when the list is formed (RFC 8445 §6.1.2.6). */
  state: PairState;
}

/** Two candidates that are not a pair of the list, and why. */
export interface LeftOutPair {
  /** Local candidate. */
  local: Candidate;
  /** Remote candidate. */
  remote: Candidate;
  /** Rule by which they are not a pair. */
  rule: PairRule;
}

/** A check list as RFC 8445 §6.1.2 forms it. */
export interface CheckList {
  /** Highest priority first. */
  pairs: CheckListPair[];
  /** Pairs that were formed and not kept, §6.1.2.4 and §6.1.2.5, or that the base can't send. */
  pruned: LeftOutPair[];
  /** Candidates that can't be paired, §6.1.2.2. */
  readonly excluded: LeftOutPair[];
}

interface IceExports extends AreaExports {
  check_list_reserve(words: number): void;
  check_list_form(length: number, locals: number, controlling: boolean, limit: number): void;
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

/** `WORDS` in `wasm/src/ice.rs`. */
const WORDS = 7;
/** `MAX_CANDIDATES` in `src/ice/check_list.rs`: more of one side are not looked at. */
const MAX_CANDIDATES = 256;

/**
 * The priority of a pair, RFC 8445 §6.1.2.3, from the priorities of the controlling and the controlled agent's candidate.
 * Computed here: a call into wasm would not make three operations on BigInts faster.
 *
 * @throws TypeError when a priority is not a whole number.
 */
export function pairPriority(controlling: number, controlled: number): bigint {
  for (const [name, value] of Object.entries({ controlling, controlled })) {
    if (!Number.isInteger(value)) throw mustBe(name, 'a whole number', value);
  }
  const low = BigInt(Math.min(controlling, controlled));
  const high = BigInt(Math.max(controlling, controlled));
  return (low << 32n) + 2n * high + (controlling > controlled ? 1n : 0n);
}

// One BigInt from two words; shifting and adding would make four.
const wide = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8));

class Pair implements CheckListPair {
  local: Candidate;
  remote: Candidate;
  foundation: string;
  component: number;
  state: PairState;
  readonly #low: number;
  readonly #high: number;

  constructor(local: Candidate, remote: Candidate, state: PairState, low: number, high: number) {
    this.local = local;
    this.remote = remote;
    this.foundation = local.foundation + remote.foundation;
    this.component = remote.component;
    this.state = state;
    this.#low = low;
    this.#high = high;
  }

  // Made when read: most pairs are never asked.
  get priority(): bigint {
    wide.setUint32(0, this.#high);
    wide.setUint32(4, this.#low);
    return wide.getBigUint64(0);
  }

  /** With the priority as a string: JSON has no BigInt. */
  toJSON(): object {
    const { local, remote, priority, foundation, component, state } = this;
    return { local, remote, priority: priority.toString(), foundation, component, state };
  }
}

/** Numbers for the strings of one call. */
class Numbers {
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    return number;
  }
}

const OTHER_TRANSPORT = 4;

/** 0 UDP, 1 to 3 TCP by its direction; any other transport has a number of its own. */
function transport({ protocol, tcpType }: PairingFields, names: Numbers): number {
  if (protocol === 'udp') return 0;
  const name = protocol.toLowerCase();
  if (name === 'udp') return 0;
  if (!name.startsWith('tcp')) return OTHER_TRANSPORT + names.of(name);
  // Chromium takes a TCP candidate without tcptype as passive.
  return tcpType === 'active' ? 1 : tcpType === 'so' ? 3 : 2;
}

const kinds: readonly string[] = candidateTypes;

/** The number of a type; what no RFC defines is taken as relayed: sent from itself. */
function kind(type: string): number {
  const number = kinds.indexOf(type);
  if (number >= 0) return number;
  const folded = kinds.indexOf(type.toLowerCase());
  return folded < 0 ? 3 : folded;
}

const isWord = (value: unknown, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
/** Separator of the fields of a line for `parseCandidate`; none of them has one. */
const separator = /[ \t\r\n\u00a0]/;
const isField = (text: unknown) => typeof text === 'string' && text !== '' && !separator.test(text);

/** Whether the candidate could stand in a line. */
function readable({ foundation, component, protocol, priority, address, port, type }: PairingFields): boolean {
  return (
    typeof foundation === 'string' &&
    isWord(component, 0xffffffff) &&
    isWord(priority, 0xffffffff) &&
    isWord(port, 65535) &&
    isField(address) &&
    (protocol === 'udp' || isField(protocol)) &&
    (kinds.includes(type) || isField(type))
  );
}

interface Side {
  candidates: readonly Candidate[];
  /** Fields of each of `candidates` that the list is formed from. */
  fields: readonly PairingFields[];
  unreadable: Candidate[];
}

/** The candidates that are looked at, those that can't be read apart. */
function side(all: readonly Candidate[]): Side {
  const candidates: Candidate[] = [];
  const fields: PairingFields[] = [];
  const unreadable: Candidate[] = [];
  for (const candidate of all) {
    const own = pairingFields(candidate);
    if (!readable(own)) unreadable.push(candidate);
    else {
      candidates.push(candidate);
      fields.push(own);
    }
  }
  return { candidates, fields, unreadable };
}

/** Address and related address of every candidate, a line each. */
function addresses(candidates: readonly PairingFields[]): string {
  let text = '';
  for (const { address, relatedAddress } of candidates) {
    text += `${address}\n${isField(relatedAddress) ? relatedAddress : ''}\n`;
  }
  return text;
}

const NO_PORT = 0xffffffff;

/** Writes the words of the candidates to the record area from word `at` on. */
function write(memory: Uint32Array, at: number, candidates: readonly PairingFields[], names: Numbers): number {
  const foundations = new Numbers();
  let to = at;
  for (const candidate of candidates) {
    const { relatedPort } = candidate;
    memory[to] = candidate.component;
    memory[to + 1] = transport(candidate, names);
    memory[to + 2] = kind(candidate.type);
    memory[to + 3] = candidate.priority;
    memory[to + 4] = candidate.port;
    memory[to + 5] = foundations.of(candidate.foundation);
    memory[to + 6] = isWord(relatedPort, 65535) ? relatedPort : NO_PORT;
    to += WORDS;
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

/** Adds every pair with a candidate that can't be read. */
function addUnreadable(list: LeftOutPair[], ours: Side, theirs: Side): void {
  const add = (locals: readonly Candidate[], remotes: readonly Candidate[]) => {
    for (const local of locals) for (const remote of remotes) list.push({ local, remote, rule: 'unreadable' });
  };
  add(ours.unreadable, theirs.candidates);
  add(ours.unreadable, theirs.unreadable);
  add(ours.candidates, theirs.unreadable);
}

/** A candidate, its line, or an RTCIceCandidate as the browser has it. */
export type ListedCandidate = Candidate | string | Partial<CandidateInit>;

/** The candidates of a list, without end markers, as many as are looked at. */
function listed(name: string, all: readonly ListedCandidate[]): Candidate[] {
  requireArray(name, all);
  const list: Candidate[] = [];
  for (let index = 0; index < all.length && list.length < MAX_CANDIDATES; index++) {
    const candidate = listedCandidate(name, index, all[index]);
    if (candidate !== null) list.push(candidate);
  }
  return list;
}

/**
 * Forms the check list of one data stream as RFC 8445 §6.1.2 has it: pairs of one component, transport and address
 * family, reflexive candidates replaced by their base, redundant pairs pruned, at most `limit` pairs (100), first states set.
 * Only the first 256 candidates of each side are looked at; one with a field that no line could have is `unreadable`.
 * A name (mDNS, host name) pairs with either family: it is not resolved. A hidden `raddr` is taken as the host candidate at
 * the same address, or as the only one that fits. Of candidates with one address, one is kept whatever their `raddr`.
 *
 * @throws TypeError that names the list, entry or option that has the wrong type.
 *
 * ```js
 * const list = formCheckList(offer.media[0].candidates, answer.media[0].candidates, { controlling: true });
 * ```
 */
export function formCheckList(
  local: readonly ListedCandidate[],
  remote: readonly ListedCandidate[],
  options: { controlling: boolean; limit?: number },
): CheckList {
  requireObject('options', options);
  const { controlling, limit = 100 } = options;
  if (typeof controlling !== 'boolean') throw mustBe('controlling', 'a boolean', controlling);
  if (!isWord(limit, 0xffffffff)) throw mustBe('limit', 'a whole number', limit);
  const ours = side(listed('local', local));
  const theirs = side(listed('remote', remote));
  const exports = raw<IceExports>();
  const length = writeText(addresses(ours.fields) + addresses(theirs.fields));
  exports.check_list_reserve((ours.candidates.length + theirs.candidates.length) * WORDS);
  const names = new Numbers();
  const input = memoryWords();
  const middle = write(input, recordsStart(), ours.fields, names);
  write(input, middle, theirs.fields, names);
  exports.check_list_form(length, ours.candidates.length, controlling, limit);

  const memory = memoryWords();
  const start = recordsStart();
  const count = memory[start] as number;
  const prunedCount = memory[start + 1] as number;
  const excludedCount = memory[start + 2] as number;
  const pairs: CheckListPair[] = [];
  let word = start + 3;
  for (let i = 0; i < count; i++, word += 5) {
    const us = ours.candidates[memory[word] as number] as Candidate;
    const them = theirs.candidates[memory[word + 1] as number] as Candidate;
    pairs.push(
      new Pair(
        us,
        them,
        states[memory[word + 2] as number] as PairState,
        memory[word + 3] as number,
        memory[word + 4] as number,
      ),
    );
  }
  const pruned = leftOut(memory, word, prunedCount, ours, theirs);
  const excluded = leftOut(memory, word + 3 * prunedCount, excludedCount, ours, theirs);
  addUnreadable(excluded, ours, theirs);
  return { pairs, pruned, excluded };
}
