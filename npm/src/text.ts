/**
 * Text and bytes. The coders are made when first used: importing must not fail where the environment has none, such as that
 * of Jest with jsdom.
 */

let encoder: TextEncoder | undefined;
let decoder: TextDecoder | undefined;

/** The encoder to UTF-8. */
export function utf8Encoder(): TextEncoder {
  encoder ??= new TextEncoder();
  return encoder;
}

/** The text of bytes in UTF-8; what is none becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  decoder ??= new TextDecoder();
  return decoder.decode(bytes);
}
