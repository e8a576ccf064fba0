/** `icelens serve`. */
import { isIP } from 'node:net';
import { addressText, type TransportAddress } from '../address.js';
import { type RunningServer, serveStun } from '../node/serve.js';
import { type Command, print, readArgs, UsageError, wholeNumber } from './usage.js';

const options = {
  port: { type: 'string', short: 'p', default: '3478' },
  'other-port': { type: 'string', default: '3479' },
  software: { type: 'string', default: '' },
  rate: { type: 'string', default: '200' },
  'no-tcp': { type: 'boolean', default: false },
  verbose: { type: 'boolean', short: 'v', default: false },
} as const;

/** The command. */
export const serve: Command = {
  usage: 'serve [ADDRESS [OTHER-ADDRESS]]',
  summary: 'Runs a STUN server over UDP and TCP; with two addresses also NAT behaviour discovery (RFC 5780, RFC 3489).',
  help: `ADDRESS defaults to 127.0.0.1. OTHER-ADDRESS is a second address of this machine; with it the server listens on
two addresses × two ports and answers CHANGE-REQUEST. TURN is not served.

  -p, --port N         primary port; 3478
      --other-port N   port of the other address; 3479
      --software TEXT  SOFTWARE attribute of every answer; none
      --rate N         UDP requests per second of one IPv4 address or IPv6 /64, 2.5 times that at once; ten times
                       both for an IPv4 /24 or IPv6 /48; 200, 0 for no limit. Loopback has none.
      --no-tcp         UDP only
  -v, --verbose        prints each request

Runs until interrupted.`,
  async run(args) {
    const { values, positionals } = readArgs(args, options);
    const [first = '127.0.0.1', second, ...rest] = positionals;
    if (rest.length > 0) throw new UsageError(`one or two addresses are served, not ${positionals.length}`);
    const primary = address(first, wholeNumber('--port', values.port, 0, 65_535));
    const other = second && address(second, wholeNumber('--other-port', values['other-port'], 1, 65_535));
    const server = await serveStun({
      primary,
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
    print(`STUN on ${server.addresses.map(addressText).join(', ')} (UDP${values['no-tcp'] ? '' : ' and TCP'})`);
    if (!other) print('One address: NAT behaviour discovery (RFC 5780) takes a second one.');
    return until(server);
  },
};

function address(text: string, port: number): TransportAddress {
  const family = isIP(text);
  if (family === 0) throw new UsageError(`'${text}' is no IP address of this machine`);
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
