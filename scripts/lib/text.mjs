// Wasm as text, for entries that carry it in their JavaScript; npm/src/embedded.ts reads it. Base64 hides the order of
// bytes from the compression of a transfer, which then makes it 34 % larger than that of the wasm itself; compressed before,
// as LZMA, it is 3 % smaller.
/** The text of the bytes: base64 of LZMA with its header of 13 bytes (properties, size of the dictionary, size). */
export async function encode(bytes) {
  // Loaded here: a fresh clone has no packages before the scripts install them.
  const { default: lzma } = await import('lzma');
  return Buffer.from(lzma.compress(bytes, 9)).toString('base64');
}
