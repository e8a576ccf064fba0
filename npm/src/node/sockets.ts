/** UDP sockets as promises. */
import { createSocket, type Socket } from 'node:dgram';
import { addressOf, type TransportAddress } from '../address.js';
import { guarded } from '../guard.js';

/** A bound socket with its address. */
export interface Bound {
  socket: Socket;
  address: TransportAddress;
}

/** Addresses are numbers here: nothing is looked up, and what is sent leaves at once. */
function lookup(host: string, family: unknown, done: (error: null, address: string, family: unknown) => void): void {
  done(null, host, family);
}

/** Binds a socket; port 0 takes a free one. `receiveBuffer`: bytes that the system keeps of what comes in. */
export function bindUdp({ address, port, family }: TransportAddress, receiveBuffer?: number): Promise<Bound> {
  const socket = createSocket({
    type: family === 'ipv6' ? 'udp6' : 'udp4',
    ipv6Only: family === 'ipv6',
    lookup: lookup as never,
    ...(receiveBuffer && { recvBufferSize: receiveBuffer }),
  });
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      // A datagram that can't be sent is lost, as it may be anywhere on the way.
      socket.on(
        'error',
        guarded(() => {}),
      );
      const bound = socket.address();
      resolve({ socket, address: { address: bound.address, port: bound.port, family } });
    });
  });
}

/** The local address that packets to `remote` leave from. Sends nothing. Rejects when there is no route. */
export async function localAddressTowards(remote: TransportAddress): Promise<TransportAddress> {
  const any = remote.family === 'ipv6' ? '[::]:0' : '0.0.0.0:0';
  const { socket } = await bindUdp(addressOf(any));
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      // The callback's error is in no type of @types/node.
      socket.connect(remote.port, remote.address, ((error?: Error) =>
        error ? reject(error) : resolve()) as () => void);
    });
    return { ...remote, address: socket.address().address, port: 0 };
  } finally {
    socket.close();
  }
}
