/** Transport addresses. */

import type { TransportAddress } from './stun/address.js';

export type { TransportAddress };

/** `192.0.2.1:3478` or `[2001:db8::1]:3478`. @internal */
export function addressText({ address, port }: { address: string; port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The inverse of `addressText`, for what this package wrote itself. @internal */
export function addressOf(text: string): TransportAddress {
  const colon = text.lastIndexOf(':');
  const address = text.slice(0, colon).replace(/^\[|\]$/g, '');
  return { address, port: Number(text.slice(colon + 1)), family: address.includes(':') ? 'ipv6' : 'ipv4' };
}
