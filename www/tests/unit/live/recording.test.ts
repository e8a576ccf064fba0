import { expect, it } from 'vitest';
import { notRecorded, readRecording } from '../../../src/views/live/recording';

const end = { type: 'host', protocol: 'udp', address: '192.0.2.1', port: 5000, priority: 2130706431 };
const pair = {
  id: 'P1',
  local: end,
  remote: { ...end, address: '192.0.2.2' },
  state: 'succeeded',
  nominated: true,
  inUse: true,
  exact: '9151314442783293438',
  reported: null,
  sent: 1,
  answered: 1,
  received: 0,
  rtt: 1.5,
  seen: 3,
  checks: [{ sent: 3, answered: 5 }],
  nominatedAt: 5,
  inUseAt: 6,
  succeededAt: 5,
  failedAt: null,
  consents: 0,
  gone: false,
};
const current = { local: [], remote: [], pairs: [pair], firstPairAt: 5, connectedAt: 9 };
const whole = {
  format: 'icelens live session 1',
  when: '2026-01-01T00:00:00.000Z',
  browser: 'any',
  phase: 'connected',
  relayOnly: false,
  servers: [{ url: 'stun:192.0.2.3' }],
  refusal: null,
  interrupted: false,
  generation: 1,
  now: 20,
  localDone: null,
  remoteDone: null,
  errors: [],
  carried: null,
  current,
  past: [],
  log: [{ id: 0, at: 1, key: 'log.stop', values: {}, rfc: null, level: 'info', generation: 1, atMost: false }],
  dataReady: 10,
  check: { candidates: [], errors: [], complete: true },
  nat: { observations: [], silent: [], errors: [], elapsed: 0 },
};

it('a recording is read whole, priorities exact', () => {
  const read = readRecording(JSON.stringify(whole));
  expect(read?.current.pairs[0]?.exact).toBe(9151314442783293438n);
  expect(read?.servers[0]).toMatchObject({ host: '192.0.2.3', port: 3478 });
  expect(read?.log[0]?.key).toBe('log.stop');
});

it('what else a file holds is left out', () => {
  const read = readRecording(JSON.stringify({ ...whole, more: 1, current: { ...current, html: '<b>' } }));
  expect(read).not.toHaveProperty('more');
  expect(read?.current).not.toHaveProperty('html');
});

it('two of one id make it no recording', () => {
  const [entry] = whole.log;
  expect(readRecording(JSON.stringify({ ...whole, log: [entry, { ...entry, id: 1 }] }))?.log).toHaveLength(2);
  for (const twice of [{ log: [entry, entry] }, { current: { ...current, pairs: [pair, pair] } }])
    expect(readRecording(JSON.stringify({ ...whole, ...twice }))).toBeNull();
  expect(readRecording(JSON.stringify({ ...whole, when: 'yesterday' }))).toBeNull();
});

it('why a file is none: something else, cut off, or of another version', () => {
  const text = JSON.stringify(whole);
  expect(notRecorded('{}')).toBe('recording.bad');
  expect(notRecorded(text.slice(0, text.length / 2))).toBe('recording.damaged');
  expect(notRecorded(text.replace('session 1', 'session 2'))).toBe('recording.version');
});

it('any field that can not be makes it no recording', () => {
  /** Every path of the object, with something else in its place. */
  const spoil = (value: unknown): unknown[] => {
    if (Array.isArray(value)) return value.flatMap((v, i) => spoil(v).map((bad) => value.with(i, bad))).concat(['x']);
    if (typeof value !== 'object' || value === null) return [{ not: 'this' }];
    return Object.entries(value).flatMap(([name, v]) => spoil(v).map((bad) => ({ ...value, [name]: bad })));
  };
  const spoiled = spoil(whole);
  expect(spoiled.length).toBeGreaterThan(60);
  for (const bad of spoiled) expect(readRecording(JSON.stringify(bad)), JSON.stringify(bad)).toBeNull();
  for (const text of ['', '{', 'null', '[]', '7', '{"format":"icelens live session 1"}'])
    expect(readRecording(text)).toBeNull();
});
