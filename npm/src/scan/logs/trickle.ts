/** Text of pages that test servers: the table of the Trickle ICE sample, and what such pages say of errors. */
import type { LogFamily } from './rules.js';

/** @internal */
export const trickle: LogFamily = {
  family: 'trickle-ice',
  title: 'Trickle ICE page',
  sign: /^\s*\d+\.\d+\s+(?:(?:rtp|rtcp|1|2)\s+)?(?:host|srflx|prflx|relay)\s|\bThe server (?:stuns?|turns?):|^\s*\d+\.\d+\s+(?:Done|Not reachable\??|Authentication failed\??)|Time\s+(?:Component\s+)?Type/,
  rules: [
    [
      'candidate',
      /^\s*\d+\.\d+\s+(?:(?:rtp|rtcp|1|2)\s+)?(?<type>host|srflx|prflx|relay)\s+\S+\s+(?<protocol>udp|tcp)\s+(?<address>\S+)\s+(?<port>\d+)\s+\d+/i,
      { side: 'local' },
    ],
    [
      'server-refused',
      /The server (?<server>\S+) returned an error with code=(?<code>(?!701)\d{3}):?\s*(?<reason>.{0,80})/,
    ],
    ['server-silent', /The server (?<server>\S+) returned an error with code=(?<code>701)/],
    ['server-refused', /^\s*\d+\.\d+\s+Authentication failed/, { code: '401' }],
    ['gathered', /^\s*\d+\.\d+\s+(?:Done|Not reachable)/],
  ],
};
