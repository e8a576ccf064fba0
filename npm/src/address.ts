/** Transport addresses. */

/** An IP address with a port. */
export interface TransportAddress {
  /** IPv4 or IPv6 address, without brackets. */
  address: string;
  /** 0 to 65535. */
  port: number;
  /** Family of `address`. */
  family: 'ipv4' | 'ipv6';
}

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
