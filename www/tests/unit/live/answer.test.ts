import { describe, expect, it } from 'vitest';
import { clausesOf } from '../../../src/ui/answer.svelte';
import { type Facts, liveAnswer, nothingLeft } from '../../../src/views/live/answer';
import type { CandidateRow } from '../../../src/views/live/candidates';
import type { PairRecord } from '../../../src/views/live/pairs';
import { parseServers } from '../../../src/views/live/servers';

const nothing: Facts = {
  phase: 'failed',
  refusal: null,
  interrupted: false,
  relayOnly: false,
  servers: [],
  verdicts: [],
  errors: [],
  gathering: false,
  local: [],
  remote: [],
  pairs: [],
  selected: null,
  carried: false,
  connectedAt: null,
  dataOpen: false,
  nat: null,
};
const candidate = (type: string, address = '10.0.0.1') => ({ type, address, port: 1 }) as CandidateRow;
const pair = (over: Partial<PairRecord> = {}) =>
  ({
    id: 'a',
    local: { type: 'host', address: '10.0.0.1', port: 1, protocol: 'udp', priority: 1 },
    remote: { type: 'host', address: '10.0.0.2', port: 2, protocol: 'udp', priority: 1 },
    state: 'in-progress',
    sent: 7,
    answered: 0,
    ...over,
  }) as PairRecord;
const keys = (facts: Partial<Facts>) => {
  const answer = liveAnswer({ ...nothing, ...facts });
  if (!answer) return null;
  const key = (said: object) => ('key' in said ? said.key : said);
  return { said: clausesOf(answer).map((c) => key(c.said)), help: answer.help.map(key) };
};
const turn = (url: string, reason: string, code?: number) => ({
  servers: parseServers(url).servers,
  verdicts: [{ url, sign: 'error' as const, took: null, reason: reason as never, values: code ? { code } : undefined }],
});

describe('not connected', () => {
  it('a wrong password with relays only', () => {
    const facts = { relayOnly: true, ...turn('turn:192.0.2.1', 'server.err.401', 401) };
    expect(keys(facts)).toEqual({
      said: ['answer.notConnected', 'answer.turn401', 'answer.relayOnly'],
      help: ['answer.help.credentials'],
    });
  });

  it('another transport is proposed only where UDP was used', () => {
    expect(keys(turn('turn:192.0.2.1', 'server.silent'))?.help).toEqual(['answer.help.tcp']);
    expect(keys(turn('turns:192.0.2.1', 'server.silent.tcp'))?.help).toEqual([]);
  });

  it('a TURN server that gave a relay is not a cause', () => {
    const facts = { ...turn('turn:192.0.2.1', 'server.err.401', 401), local: [candidate('relay')], pairs: [pair()] };
    expect(keys(facts)?.said).toEqual(['answer.notConnected', 'answer.unanswered']);
  });

  it('no answer and no TURN server', () => {
    expect(keys({ local: [candidate('host')], pairs: [pair()] })).toEqual({
      said: ['answer.notConnected', 'answer.unanswered', 'answer.noTurn'],
      help: ['answer.help.turn'],
    });
    expect(keys({ local: [candidate('host')], pairs: [pair({ answered: 1 })] })?.said).toEqual(['answer.notConnected']);
  });

  it('what the browser refused', () => expect(keys({ refusal: 'no' })?.said).toEqual(['answer.refused']));
});

describe('connected', () => {
  const up = { phase: 'connected' as const, selected: pair({ answered: 1 }), connectedAt: 203 };
  it('directly, and by which path', () => {
    expect(keys({ ...up, dataOpen: true })?.said).toEqual(['answer.direct', 'answer.pathIn', 'answer.data']);
  });
  it('a pair selected later has not the time of the first', () => {
    const selected = pair({ answered: 1, inUseAt: 311 });
    expect(keys({ ...up, selected })?.said).toEqual(['answer.direct', 'answer.pathNow']);
    expect(keys({ ...up, selected: { ...selected, inUseAt: 203 } })?.said).toEqual(['answer.direct', 'answer.pathIn']);
    const hidden = { ...selected.local, address: 'a.local' };
    const named = { ...selected, local: hidden, remote: hidden };
    expect(keys({ ...up, selected: named })?.said).toEqual(['answer.direct', 'answer.pathHiddenNow']);
  });
  it('through a relay, which needs no spare', () => {
    const selected = pair({ local: { ...pair().local, type: 'relay' } });
    expect(keys({ ...up, selected })?.said[0]).toBe('answer.relayed');
  });
  it('over a pair of before a restart', () => {
    expect(keys({ ...up, carried: true, connectedAt: null })?.said).toEqual([
      'answer.direct',
      'answer.path',
      'answer.carried',
    ]);
  });
  it('not while consent is lost', () => expect(keys({ ...up, interrupted: true })?.said[0]).toBe('answer.interrupted'));
});

it('while checks run only facts are told, and none before the first', () => {
  expect(keys({ phase: 'checking' })).toBeNull();
  expect(keys({ phase: 'checking', local: [candidate('host')], pairs: [pair()] })?.said).toEqual([
    'answer.unansweredYet',
    'answer.candidates',
  ]);
});

it('with no pair to check it says which servers are waited for', () => {
  const silent = { ...turn('turn:192.0.2.1', 'server.noRelayYet'), phase: 'checking' as const, gathering: true };
  const verdicts = silent.verdicts.map((verdict) => ({ ...verdict, sign: 'warning' as const }));
  expect(keys({ ...silent, verdicts })?.said).toEqual(['answer.awaits']);
  expect(keys({ ...silent, verdicts, pairs: [pair({ state: 'failed' })] })?.said).toEqual([
    'answer.allFailed',
    'answer.awaits',
  ]);
  expect(keys({ ...silent, verdicts, pairs: [pair()] })?.said).toEqual(['answer.unansweredYet']);
  expect(keys({ ...silent, verdicts: [...verdicts, ...verdicts] })?.said).toEqual(['answer.awaitsMany']);
  expect(keys({ ...silent, verdicts, gathering: false })).toBeNull();
});

it('nothing is left when both sides are done and no pair can come', () => {
  const [local, remote] = [[candidate('host')], [candidate('host')]];
  expect(nothingLeft({ local: [], remote: [], pairs: [], done: true })).toBe(true);
  expect(nothingLeft({ local: [], remote: [], pairs: [], done: false })).toBe(false);
  expect(nothingLeft({ local, remote, pairs: [], done: true })).toBe(false);
  expect(nothingLeft({ local, remote, pairs: [pair({ state: 'failed' })], done: true })).toBe(true);
  expect(nothingLeft({ local, remote, pairs: [pair({ state: 'failed' }), pair()], done: true })).toBe(false);
});
