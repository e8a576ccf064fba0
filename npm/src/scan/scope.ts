/** The special range of an address, if it is in one (RFC 6890, RFC 6598, RFC 4193, RFC 4380). */

/** `null` for an address that the whole internet can reach, and for names. */
export type Scope = 'unspecified' | 'loopback' | 'link-local' | 'private' | 'cgn' | 'ula' | 'teredo' | null;

/** The scope of an address. @internal */
export function scopeOf(address: string): Scope {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/i.exec(address);
  if (v4) return scopeOfV4(Number(v4[1]), Number(v4[2]));
  const text = address.toLowerCase();
  if (/^[0:]*:[0:]*$/.test(text)) return 'unspecified';
  if (/^[0:]*:0*1$/.test(text)) return 'loopback';
  if (/^fe[89ab][0-9a-f]:/.test(text)) return 'link-local';
  if (/^f[cd][0-9a-f]{2}:/.test(text)) return 'ula';
  return /^2001:(?:0{1,4})?:/.test(text) ? 'teredo' : null;
}

function scopeOfV4(a: number, b: number): Scope {
  if (a === 0) return 'unspecified';
  if (a === 127) return 'loopback';
  if (a === 169 && b === 254) return 'link-local';
  if (a === 100 && b >= 64 && b < 128) return 'cgn';
  return a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) ? 'private' : null;
}

/** The interface that an address is usual for, other than one of a local network; `null` for all others. @internal */
export function interfaceOf(address: string): 'docker' | 'libvirt' | 'vpn' | 'link-local' | 'teredo' | null {
  if (/^172\.(?:1[7-9]|2\d|3[01])\.0\.\d+$/.test(address) || /^172\.17\./.test(address)) return 'docker';
  if (/^192\.168\.122\./.test(address)) return 'libvirt';
  const scope = scopeOf(address);
  if (scope === 'cgn') return 'vpn';
  return scope === 'link-local' || scope === 'teredo' ? scope : null;
}
