/** ICE servers as `RTCConfiguration` has them, resolved: an agent does no DNS. */
import { lookup } from 'node:dns/promises';
import type { IceServerAddress } from '../agent.js';
import { mustBe, requireArray, requireObject, requireString, shown } from '../argument.js';

/** An `RTCIceServer`. */
export interface IceServerInit {
  /** `stun:host:port`, `turn:host:port?transport=udp` (or `tcp`), `turns:host:port`; or several. */
  urls: string | readonly string[];
  /** User name of a TURN server. */
  username?: string;
  /** Password of a TURN server. */
  credential?: string;
}

/** Server that a URL names. */
interface NamedServer extends Omit<IceServerAddress, 'address'> {
  host: string;
  port: number;
}

/** A resolved server, with the name that its certificate must have. */
export interface ResolvedServer extends IceServerAddress {
  host: string;
}

const DEFAULT_PORTS = { stun: 3478, turn: 3478, turns: 5349 };

/** RFC 7064 and RFC 7065. Throws a `TypeError` that names what is wrong. */
function namedServer(url: string, username?: string, credential?: string): NamedServer {
  const match = /^(stun|turns?):(\[[\da-f:.]+\]|[^\s:/?@[\]]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i.exec(url);
  if (match === null) throw new TypeError(`iceServers: '${shown(url)}' is not a stun:, turn: or turns: URL`);
  const scheme = (match[1] as string).toLowerCase() as keyof typeof DEFAULT_PORTS;
  const [host, transport] = [(match[2] as string).replace(/[[\]]/g, ''), match[4]?.toLowerCase()];
  const port = match[3] === undefined ? DEFAULT_PORTS[scheme] : Number(match[3]);
  if (port < 1 || port > 65_535) throw new TypeError(`iceServers: '${shown(url)}' has no port from 1 to 65535`);
  if (scheme === 'stun') {
    if (transport !== undefined) throw new TypeError(`iceServers: '${shown(url)}': a stun: URL has no transport`);
    return { kind: 'stun', host, port };
  }
  requireString('iceServers: username', username);
  requireString('iceServers: credential', credential);
  if (scheme === 'turns' && transport === 'udp')
    throw new TypeError(`iceServers: '${shown(url)}': TURN over DTLS is not there`);
  const protocol = scheme === 'turns' ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp';
  return { kind: 'turn', host, port, protocol, username, credential };
}

/** Reads what a caller gives as `iceServers`; throws a `TypeError` that names what is wrong. */
export function readIceServers(servers: unknown): NamedServer[] {
  requireArray('iceServers', servers);
  return servers.flatMap((server, index) => {
    requireObject(`iceServers[${index}]`, server);
    const { urls, username, credential } = server as IceServerInit;
    const list: readonly unknown[] = Array.isArray(urls) ? urls : [urls];
    return list.map((url) => {
      if (typeof url !== 'string') throw mustBe(`iceServers[${index}].urls`, 'a string or a list of them', url);
      return namedServer(url, username, credential);
    });
  });
}

/** The addresses of the servers, one for each family that the name has; those whose name is not found come to `unknown`. */
export async function resolveIceServers(
  servers: readonly NamedServer[],
  unknown: (host: string, why: string) => void,
): Promise<ResolvedServer[]> {
  const resolved = servers.map(async (server): Promise<ResolvedServer[]> => {
    try {
      const found = await lookup(server.host, { all: true });
      const families = new Map(
        found.map((address) => [address.family, address.address]).reverse() as [number, string][],
      );
      return [...families].map(([number, address]) => {
        const family = number === 6 ? 'ipv6' : 'ipv4';
        return { ...server, address: { address, port: server.port, family } };
      });
    } catch (error) {
      unknown(server.host, error instanceof Error ? error.message : String(error));
      return [];
    }
  });
  return (await Promise.all(resolved)).flat();
}
