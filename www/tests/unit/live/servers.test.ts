import { describe, expect, it } from 'vitest';
import { bareUrl, MAX_SERVERS, needsCredentials, parseServer, parseServers } from '../../../src/views/live/servers';

it.each([
  ['stun:stun.example.org', { scheme: 'stun', host: 'stun.example.org', port: 3478, transport: 'udp' }],
  ['STUN:192.0.2.1:19302', { scheme: 'stun', host: '192.0.2.1', port: 19302, transport: 'udp' }],
  ['stun:[2001:db8::1]:3479', { scheme: 'stun', host: '2001:db8::1', port: 3479, transport: 'udp' }],
  ['stuns:stun.example.org', { scheme: 'stuns', port: 5349, transport: 'tls' }],
  ['turn:turn.example.org?transport=tcp', { scheme: 'turn', port: 3478, transport: 'tcp' }],
  ['turns:turn.example.org:443?transport=tcp', { scheme: 'turns', port: 443, transport: 'tls' }],
])('reads %s', (text, expected) => {
  expect(parseServer(text)).toMatchObject(expected);
});

it.each([
  ['stun.example.org', 'server.bad.noScheme'],
  ['http://example.org', 'server.bad.scheme'],
  [':x', 'server.bad.scheme'],
  ['stun://example.org', 'server.bad.slashes'],
  ['stun:a b', 'server.bad.space'],
  ['turn:user:pw@example.org', 'server.bad.user'],
  ['stun:', 'server.bad.noHost'],
  ['stun::3478', 'server.bad.noHost'],
  ['stun:2001:db8::1', 'server.bad.host'],
  ['stun:example.org:0', 'server.bad.port'],
  ['stun:example.org:65536', 'server.bad.port'],
  ['stun:example.org:', 'server.bad.port'],
  ['stun:example.org:99999999999', 'server.bad.port'],
  ['stun:example.org?transport=udp', 'server.bad.stunQuery'],
  ['turn:example.org?transport=sctp', 'server.bad.query'],
  ['turn:example.org?transport=udp?x', 'server.bad.query'],
  [`stun:${'a'.repeat(600)}`, 'server.bad.long'],
])('refuses %s with a reason', (text, reason) => {
  expect(parseServer(text)).toMatchObject({ reason });
});

describe('a list', () => {
  it('skips empty lines and comments, and names the line of each problem', () => {
    const { servers, problems } = parseServers('stun:a.example\r\n\n# mine\nrubbish\nstun:a.example\n');
    expect(servers.map((s) => s.url)).toEqual(['stun:a.example']);
    expect(problems.map((p) => [p.line, p.reason])).toEqual([
      [4, 'server.bad.noScheme'],
      [5, 'server.bad.twice'],
    ]);
  });

  it('stops at the cap and says so once', () => {
    const text = Array.from({ length: 200 }, (_, i) => `stun:h${i}.example`).join('\n');
    const { servers, problems } = parseServers(text);
    expect(servers).toHaveLength(MAX_SERVERS);
    expect(problems).toHaveLength(1);
  });

  it('takes any text', () => {
    for (const text of [
      '\0',
      '\u202e:turn',
      'stun:\ud800',
      'turn:[::',
      'stun:%00',
      '?'.repeat(9999),
      '\n'.repeat(5000),
    ]) {
      expect(() => parseServers(text)).not.toThrow();
    }
  });
});

it('knows who needs a password', () => {
  expect(needsCredentials(parseServers('stun:a.example').servers)).toBe(false);
  expect(needsCredentials(parseServers('stun:a.example\nturns:b.example').servers)).toBe(true);
});

it('takes what browsers add to a URL for the same server', () => {
  expect(bareUrl('turn:192.0.2.1:3478?transport=udp')).toBe(bareUrl('turn:192.0.2.1'));
  expect(bareUrl('turn:192.0.2.1?transport=tcp')).not.toBe(bareUrl('turn:192.0.2.1'));
});
