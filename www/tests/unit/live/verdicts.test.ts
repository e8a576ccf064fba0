import { expect, it } from 'vitest';
import type { CheckedCandidate } from '../../../src/views/live/serverCheck.svelte';
import { parseServers } from '../../../src/views/live/servers';
import { errorReason, nothingLearned, serverVerdicts, type VerdictInput } from '../../../src/views/live/verdicts';

const { servers } = parseServers('stun:192.0.2.1:3478\nstun:192.0.2.2:3478\nturn:192.0.2.3:3478');
const row = (over: Partial<CheckedCandidate>) => ({ type: 'srflx', url: null, at: 21, ...over }) as CheckedCandidate;
const probe = { running: false, heard: new Set<string>(), silent: [] as string[], elapsed: 4200 };
const input = (over: Partial<VerdictInput>): VerdictInput => ({
  servers,
  candidates: [],
  errors: [],
  complete: false,
  probe,
  now: 100,
  ...over,
});
const reasons = (over: Partial<VerdictInput>) => serverVerdicts(input(over)).map((v) => v.reason);

it('waits, then says that there is no answer', () => {
  expect(reasons({})).toEqual(['server.waiting', 'server.waiting', 'server.waiting']);
  expect(reasons({ now: 6000 })[0]).toBe('server.silent');
});

it('takes the time from the candidate of that URL', () => {
  const [first] = serverVerdicts(input({ candidates: [row({ url: 'stun:192.0.2.1:3478' })] }));
  expect(first).toMatchObject({ sign: 'ok', took: 21, reason: null });
});

it('a server without a candidate has answered only if the measurement heard it', () => {
  const candidates = [row({ url: 'stun:192.0.2.1:3478' })];
  const heard = { ...probe, heard: new Set(['192.0.2.2:3478']) };
  expect(reasons({ candidates, complete: true, probe: heard })).toEqual([null, 'server.same', 'server.noRelay']);
  expect(reasons({ complete: true, probe: heard }).slice(0, 2)).toEqual(['server.nothing', 'server.sameHost']);
});

it('no candidate and no error is not an answer: the measurement settles it', () => {
  expect(reasons({ complete: true, probe: { ...probe, running: true } })[0]).toBe('server.waiting');
  expect(reasons({ complete: true, probe: { ...probe, silent: ['stun:192.0.2.1'] } })[0]).toBe('server.silent');
});

it('a TURN server has answered when there is a relay, whatever its srflx', () => {
  const srflx = row({ url: 'stun:192.0.2.3:3478' });
  expect(reasons({ candidates: [srflx] })[2]).toBe('server.waiting');
  const relay = row({ type: 'relay', url: 'turn:192.0.2.3:3478?transport=udp' });
  expect(reasons({ candidates: [srflx, relay] })[2]).toBeNull();
});

it('an error is the verdict, with its code', () => {
  const errors = [{ url: 'turn:192.0.2.3:3478?transport=udp', code: 401, text: 'Unauthorized.', at: 55 }];
  expect(serverVerdicts(input({ errors }))[2]).toMatchObject({ sign: 'error', reason: 'server.err.401' });
});

it('does not guess where the browser names no server', () => {
  expect(reasons({ candidates: [row({})], complete: true })[0]).toBe('server.unnamed');
});

it.each([
  [701, 'STUN host lookup received error.', 'server.err.701.name'],
  [701, 'STUN binding request timed out.', 'server.err.701.silent'],
  [701, 'Failed to establish connection', 'server.err.701.refused'],
  [701, '', 'server.err.701'],
  [438, '', 'server.err.438'],
  [486, '', 'server.err.486'],
  [699, '', 'server.err.other'],
  [12, '', 'server.err.unknown'],
] as const)('%i "%s" is told as %s', (code, text, key) => {
  expect(errorReason(code, text, 'udp')).toBe(key);
});

it('UDP is blamed only where UDP was used', () => {
  const { servers } = parseServers('stuns:192.0.2.3:443\nturn:192.0.2.3:3478?transport=tcp');
  expect(serverVerdicts(input({ servers, now: 6000 })).map((v) => v.reason)).toEqual([
    'server.silent.tcp',
    'server.noRelayYet',
  ]);
  expect(errorReason(701, 'TURN allocate request timed out.', 'tls')).toBe('server.err.701.silent.tcp');
});

it('that no server answered is said only when none did', () => {
  const { servers } = parseServers('turns:192.0.2.3:443');
  const verdict = (sign: 'ok' | 'error') => [{ url: 'turns:192.0.2.3:443', sign, took: null, reason: null }];
  expect(nothingLearned([], [])).toBe('nat.nothing.none');
  expect(nothingLearned(servers, verdict('error'))).toBe('nat.nothing.silent');
  expect(nothingLearned(servers, verdict('ok'))).toBe('nat.nothing.tcp');
});

it('a server that the measurement heard is not called silent, whatever its candidate became', () => {
  const heard = { ...probe, heard: new Set(['192.0.2.2:3478']) };
  expect(reasons({ now: 6000, probe: heard })).toEqual(['server.silent', 'server.heard', 'server.noRelayYet']);
  // While it goes on, nothing is called silent; what it found silent is.
  expect(reasons({ now: 6000, probe: { ...probe, running: true } })[0]).toBe('server.waiting');
  const silent = { ...probe, running: true, silent: ['stun:192.0.2.1'] };
  expect(reasons({ now: 6000, probe: silent }).slice(0, 2)).toEqual(['server.silent', 'server.waiting']);
});
