/** Bytes written as text, when the reader says that is what it is. What is not a digit is skipped. */

export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/^[0-9a-f]{4,8}[:\s]{1,2}(?=\s*[0-9a-f]{2})/gim, '').replace(/0x|[^0-9a-f]/gi, '');
  const bytes = new Uint8Array(digits.length >>> 1);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}

export function fromBase64(text: string): Uint8Array {
  const digits = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/[^A-Za-z0-9+/]/g, '');
  const whole = digits.slice(0, digits.length - (digits.length % 4 === 1 ? 1 : 0));
  return Uint8Array.from(atob(whole), (letter) => letter.charCodeAt(0));
}
