import { expect, it } from 'vitest';
import { redactSeen } from '../../../src/views/live/redact';
import { jsonReport, markdownReport, type Seen } from '../../../src/views/live/report';

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
  past: [],
  nat: null,
  log: [
    {
      id: 0,
      at: 1,
      key: 'log.notAdded',
      values: { reason: 'bad | 10.0.0.7' },
      rfc: null,
      level: 'bad',
      generation: 1,
      atMost: false,
    },
  ],
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

/** The report with one entry of words from a browser. */
const told = (reason: string, urls: string[] = []) => {
  const log = [{ ...seen.log[0], values: { reason } }] as Seen['log'];
  const servers = urls.map((url) => ({ url, sign: 'ok' as const, took: null, reason: null }));
  const out = redactSeen({ ...seen, servers, log });
  return { reason: out.log[0]?.values.reason, urls: out.servers.map((s) => s.url) };
};

it('replaces addresses by labels, the same one by the same label, and keeps ports', () => {
  expect(told('10.1.2.3:5000 203.0.113.9:1 10.1.2.3:5001').reason).toBe(
    '[private-v4-1]:5000 [public-v4-1]:1 [private-v4-1]:5001',
  );
  expect(told('2001:db8::1 and FE80::1 and ::1').reason).toBe('[public-v6-1] and [private-v6-1] and [private-v6-2]');
  expect(told('4fbc-12.local:99').reason).toBe('[mdns-1]:99');
});

it('replaces server names in URLs and wherever else they stand', () => {
  const urls = ['stun:stun.acme.example:3478', 'turn:stun.acme.example?transport=tcp', 'stun:192.0.2.1'];
  const out = told('no route to STUN.acme.example, nor to acme', urls);
  expect(out.urls).toEqual(['stun:[server-1]:3478', 'turn:[server-1]?transport=tcp', 'stun:[public-v4-1]']);
  expect(out.reason).toBe('no route to [server-1], nor to acme');
});

it('leaves prose, sections, versions, times and what stands for no address', () => {
  const text = 'at 12:30, RFC 8445 §7.2.5.3, Chrome/150.0.7.1, 2026-11-21T05:00:00.000Z, 9151314442783293438, 0.0.0.0';
  expect(told(text).reason).toBe(text);
  const report = markdownReport(
    {
      ...seen,
      browser: 'Mozilla/5.0 Chrome/150.0.0.0',
      log: [{ ...seen.log[0], rfc: 'RFC 8445 §7.2.5.3' }] as Seen['log'],
    },
    false,
  );
  expect(report).toContain('(RFC 8445 §7.2.5.3)');
  expect(report).toContain('Chrome/150.0.0.0');
});
