/** `icelens serve`. */
import { isIP } from 'node:net';
import { addressText, type TransportAddress } from '../address.js';
import { type RunningServer, serveStun } from '../node/serve.js';
import type { ServeTurnOptions } from '../node/turn-options.js';
import type { TurnServerEvent } from '../turn-server.js';
import { type Command, print, readArgs, UsageError, wholeNumber } from './usage.js';

const options = {
  port: { type: 'string', short: 'p', default: '3478' },
  'other-port': { type: 'string' },
  software: { type: 'string', default: '' },
  rate: { type: 'string', default: '200' },
  'no-tcp': { type: 'boolean', default: false },
  turn: { type: 'boolean', default: false },
  user: { type: 'string', multiple: true },
  secret: { type: 'string' },
  realm: { type: 'string' },
  relay: { type: 'string', multiple: true },
  'relay-ports': { type: 'string' },
  'allow-peer': { type: 'string', multiple: true },
  'deny-peer': { type: 'string', multiple: true },
  verbose: { type: 'boolean', short: 'v', default: false },
} as const;

/** The command. */
export const serve: Command = {
  usage: 'serve [ADDRESS [OTHER-ADDRESS]]',
  summary: 'Runs a STUN server, with --turn a TURN server, over UDP and TCP; with two addresses also RFC 5780.',
  help: `ADDRESS defaults to 127.0.0.1. OTHER-ADDRESS is a second address of this machine; with it the server listens on
two addresses × two ports and answers CHANGE-REQUEST (NAT behaviour discovery, RFC 5780 and RFC 3489).

  -p, --port N         primary port; 3478
      --other-port N   port of the other address; 3479
      --software TEXT  SOFTWARE attribute of every answer; none
      --rate N         UDP requests per second of one IPv4 address or IPv6 /64, 2.5 times that at once; ten times
                       both for an IPv4 /24 or IPv6 /48; 200, 0 for no limit. Loopback has none.
      --no-tcp         UDP only
      --turn           serves TURN too; needs --user or --secret
      --user NAME:PWD  who may relay; may be repeated
      --secret TEXT    secret of time-limited users, as coturn's use-auth-secret; also from TURN_SECRET. A user is
                       'EXPIRES:NAME' in Unix seconds, its password base64 of HMAC-SHA1 of that by the secret
      --realm TEXT     realm of the users; 'icelens'
      --relay IP       address to relay from; ADDRESS. 'IP/EXTERNAL' where peers reach it as EXTERNAL. Once for each family
      --relay-ports A-B  ports to relay from; 49152-65535
      --allow-peer NET   relays to this network (10.0.0.0/8) although it is not public; may be repeated
      --deny-peer NET    does not relay to this network; may be repeated
  -v, --verbose        prints each request

Runs until interrupted.`,
  options,
  operands: () => [],
  async run(args) {
    const { values, positionals } = readArgs(args, options);
    const [first = '127.0.0.1', second, ...rest] = positionals;
    if (rest.length > 0) throw new UsageError(`one or two addresses are served, not ${positionals.length}`);
    const primary = address(first, wholeNumber('--port', values.port, 0, 65_535));
    if (second === undefined && values['other-port'] !== undefined)
      throw new UsageError('--other-port is the port of OTHER-ADDRESS, which is not given');
    const other = second && address(second, wholeNumber('--other-port', values['other-port'] ?? '3479', 1, 65_535));
    if (other && (other.address === primary.address || other.port === primary.port))
      throw new UsageError('OTHER-ADDRESS must differ from ADDRESS, and so must its port');
    const turn = turnOptions(values);
    if (turn && !turn.relay && ANY.includes(first))
      throw new UsageError(`on ${first} --turn needs --relay IP: the address that peers reach`);
    const server = await serveStun({
      primary,
      ...(turn && { turn }),
      ...(other && { other }),
      software: values.software,
      rate: wholeNumber('--rate', values.rate, 0, 1_000_000),
      tcp: !values['no-tcp'],
      ...(values.verbose && {
        onRequest: ({ client, asked, answeredFrom, code }) =>
          print(
            `${client} asked ${asked}: ${answeredFrom ? `${code || 'success'} from ${answeredFrom}` : 'no STUN request'}`,
          ),
      }),
    });
    print(
      `STUN${turn ? ' and TURN' : ''} on ${server.addresses.map(addressText).join(', ')} (UDP${values['no-tcp'] ? '' : ' and TCP'})`,
    );
    if (!other) print('One address: NAT behaviour discovery (RFC 5780) takes a second one.');
    return until(server);
  },
};

/** Addresses that stand for every address of the machine. */
const ANY: readonly string[] = ['0.0.0.0', '::'];

/** Options that say nothing without `--turn`. */
const OF_TURN = ['user', 'secret', 'realm', 'relay', 'relay-ports', 'allow-peer', 'deny-peer'] as const;

/** Options of TURN by `--turn` and the options that go with it. */
function turnOptions(values: ReturnType<typeof readArgs<typeof options>>['values']): ServeTurnOptions | null {
  if (!values.turn) {
    const lost = OF_TURN.find((name) => values[name] !== undefined);
    if (lost !== undefined) throw new UsageError(`--${lost} is for TURN: add --turn`);
    return null;
  }
  const secret = values.secret ?? process.env.TURN_SECRET;
  const users = (values.user ?? []).map((text): [string, string] => {
    const colon = text.indexOf(':');
    if (colon < 1) throw new UsageError(`--user takes NAME:PASSWORD, not '${text}'`);
    return [text.slice(0, colon), text.slice(colon + 1)];
  });
  if (users.length === 0 && !secret) throw new UsageError('--turn needs --user NAME:PASSWORD or --secret TEXT');
  return {
    realm: values.realm ?? 'icelens',
    users: Object.fromEntries(users),
    ...(secret && { secret }),
    ...(values.relay && { relay: values.relay.map(relay) }),
    ports: relayPorts(values['relay-ports'] ?? '49152-65535'),
    allowPeers: (values['allow-peer'] ?? []).map((text) => network('--allow-peer', text)),
    denyPeers: (values['deny-peer'] ?? []).map((text) => network('--deny-peer', text)),
    ...(values.verbose && { onEvent: (event: TurnServerEvent) => print(turnLine(event)) }),
  };
}

function turnLine(event: TurnServerEvent): string {
  switch (event.type) {
    case 'allocated':
      return `${event.client} relays from ${event.relayed.join(' and ')} as ${event.username}`;
    case 'ended':
      return `${event.client} ended (${event.reason}): ${event.toPeers} bytes to peers, ${event.toClient} to the client`;
    case 'refused':
      return `${event.client} was refused ${event.method}: ${event.code}`;
    default:
      return `${event.type} ${addressText(event.address)}`;
  }
}

function relay(text: string): string {
  const [bound = '', external, ...rest] = text.split('/');
  if (isIP(bound) && (external === undefined || isIP(external)) && rest.length === 0) return text;
  throw new UsageError(`--relay takes IP or IP/EXTERNAL, not '${text}'`);
}

function relayPorts(text: string): { first: number; last: number } {
  const [, first, last] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (first && last && first <= last && last <= 65_535) return { first, last };
  throw new UsageError(`--relay-ports takes the first and the last, such as 49152-65535, not '${text}'`);
}

function network(option: string, text: string): string {
  const [ip = '', bits, ...rest] = text.split('/');
  const most = isIP(ip) === 6 ? 128 : 32;
  const isLength = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (isIP(ip) && isLength && rest.length === 0) return text;
  throw new UsageError(`${option} takes an address or a network such as 10.0.0.0/8, not '${text}'`);
}

function address(text: string, port: number): TransportAddress {
  const family = isIP(text);
  const withPort = /^(.+):\d+$/.exec(text)?.[1] ?? '';
  if (family === 0 && isIP(withPort.replace(/^\[|\]$/g, '')))
    throw new UsageError(`'${text}': write the address alone, and its port with --port`);
  if (family === 0) throw new UsageError(`'${text}' is no IP address: write one of this machine`);
  return { address: text, port, family: family === 6 ? 'ipv6' : 'ipv4' };
}

/** Resolves when interrupted. */
function until(server: RunningServer): Promise<number> {
  return new Promise((resolve) => {
    const stop = () => server.close().then(() => resolve(0));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}
