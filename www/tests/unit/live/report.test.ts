import { expect, it } from 'vitest';
import { redact } from '../../../src/views/live/redact';
import { jsonReport, markdownReport, type Seen } from '../../../src/views/live/report';

it('replaces addresses by labels, the same one by the same label, and keeps ports', () => {
  expect(redact('10.1.2.3:5000 203.0.113.9:1 10.1.2.3:5001')).toBe(
    '[private-v4-1]:5000 [public-v4-1]:1 [private-v4-1]:5001',
  );
  expect(redact('2001:db8::1 and FE80::1 and ::1')).toBe('[public-v6-1] and [private-v6-1] and [private-v6-2]');
  expect(redact('4fbc-12.local:99')).toBe('[mdns-1]:99');
});

it('replaces server names in URLs', () => {
  expect(redact('stun:stun.acme.example:3478 turn:stun.acme.example?transport=tcp stun:192.0.2.1')).toBe(
    'stun:[server-1]:3478 turn:[server-1]?transport=tcp stun:[public-v4-1]',
  );
});

it('leaves times, versions and priorities', () => {
  const text = 'at 12:30, 9151314442783293438, RFC 8445 §7.2.5.3.1, 1.5 ms, 2026-11-21T05:00:00.000Z';
  expect(redact(text)).toBe(text);
});

const seen: Seen = {
  when: new Date(0),
  browser: 'test',
  phase: 'connected',
  firstPairAt: 1,
  connectedAt: 2,
  servers: [{ url: 'stun:stun.acme.example', sign: 'ok', took: 3, reason: null }],
  local: [],
  remote: [],
  pairs: [],
  nat: null,
  log: [{ id: 0, at: 1, key: 'log.notAdded', values: { reason: 'bad | 10.0.0.7' }, rfc: null, level: 'bad' }],
};

it('reports are redacted unless asked', () => {
  for (const text of [jsonReport(seen, false), markdownReport(seen, false)]) {
    expect(text).not.toContain('10.0.0.7');
    expect(text).not.toContain('acme');
  }
  expect(jsonReport(seen, true)).toContain('10.0.0.7');
  expect(JSON.parse(jsonReport(seen, false))).toMatchObject({ generator: 'icelens', outcome: 'connected' });
});

it('a bar in a value does not break a Markdown table', () => {
  const broken = { ...seen, servers: [{ url: 'stun:a|b', sign: 'ok' as const, took: null, reason: null }] };
  const line = markdownReport(broken, true)
    .split('\n')
    .find((l) => l.includes('stun:a'));
  expect(line?.split('|')).toHaveLength(5);
});
