/** coturn: time stamps of seconds since the start before 4.17, ISO 8601 since. */
import type { LogFamily } from './rules.js';

/** @internal */
export const coturn: LogFamily = {
  family: 'coturn',
  title: 'coturn',
  sign: /\bsession \d{6,}: |check_stun_auth|\bLocal (?:reserved )?relay addr|Relay address to use|A peer IP \S+ denied|no available ports|turnserver|TURN Server|tcp or tls connected to/,
  rules: [
    ['unknown-user', /Cannot find credentials of user <(?<user>[^>]*)>/],
    ['wrong-password', /check_stun_auth: user (?<user>\S+) credentials are incorrect/],
    [
      'allocated',
      /session (?<session>\d+): realm <(?<realm>[^>]*)> user <(?<user>[^>]*)>: incoming packet ALLOCATE processed, success/,
    ],
    ['permission', /session (?<session>\d+): peer (?<peer>\S+) lifetime updated: (?<lifetime>\d+)/],
    ['peer-denied', /A peer IP (?<peer>\S+) denied/],
    [
      'peer-denied',
      /session (?<session>\d+): realm <(?<realm>[^>]*)> user <(?<user>[^>]*)>: incoming packet (?:CREATE_PERMISSION|CHANNEL_BIND|CONNECT) processed, error (?<code>403): (?<reason>.{0,80})/,
    ],
    // The same refusal once more, in the words for every message.
    ['hint', /incoming packet message processed, error 403/],
    [
      'allocation-refused',
      /session (?<session>\d+): realm <(?<realm>[^>]*)> user <(?<user>[^>]*)>: incoming packet (?:message|[A-Z_]+) processed, error (?<code>\d+): (?<reason>.{0,80})/,
    ],
    [
      'refreshed',
      /session (?<session>\d+): refreshed, realm=<[^>]*>, username=<(?<user>[^>]*)>, lifetime=(?<lifetime>\d+)/,
    ],
    [
      'server',
      /session (?<session>\d+): new, realm=<(?<realm>[^>]*)>, username=<(?<user>[^>]*)>, lifetime=(?<lifetime>\d+)/,
    ],
    [
      'usage',
      /session (?<session>\d+): usage: realm=<[^>]*>, username=<(?<user>[^>]*)>, rp=(?<received>\d+), rb=\d+, sp=(?<sent>\d+)/,
    ],
    [
      'closed',
      /session (?<session>\d+): closed \([^)]*\), user <(?<user>[^>]*)> realm <(?<realm>[^>]*)> origin <[^>]*>, local (?<server>[^\s,]+), remote (?<client>[^\s,]+), reason: (?<reason>.{0,80})/,
    ],
    ['announced', /Local (?:reserved )?relay addr: (?<relayed>\S+)/],
    ['announced', /Relay address to use: (?<relayed>\S+)/],
    ['no-ports', /create_relay_ioa_sockets: no available ports|no available ports/],
  ],
};
