/** Headers of every HTTP answer besides those of its content: a browser may do little with it. */

/** The page runs its own scripts and its own WebAssembly, and connects to servers that its user names. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  // The frameworks set styles on elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

// Features that the page never asks for; copying and pasting stay, and the microphone, whose permission makes browsers show
// the host addresses that Live is asked for.
const FEATURES = ['camera', 'geolocation', 'display-capture', 'payment', 'usb', 'serial', 'hid', 'midi'];

/** The headers, by name. */
export const SAFETY: Readonly<Record<string, string>> = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Permissions-Policy': FEATURES.map((name) => `${name}=()`).join(', '),
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** The same answer with the headers. */
export function safe(response: Response): Response {
  const made = new Response(response.body, response);
  for (const [name, value] of Object.entries(SAFETY)) made.headers.set(name, value);
  return made;
}
