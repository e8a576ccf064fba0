/**
 * Wasm that stands in the JavaScript as text, as `scripts/lib/text.mjs` writes it: base64 of LZMA, by the specification in
 * the LZMA SDK (lzma-specification.txt), for the properties that are used: lc 3, lp 0, pb 2.
 */

/** Probabilities of the range decoder: 11 bits, an even chance at first. */
const models = (count: number) => new Uint16Array(count).fill(1024);

/** The bytes that base64 stands for. */
function bytesOf(text: string): Uint8Array {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  // A plain loop: `Uint8Array.from(atob(…), f)` is 27 times slower.
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

interface RangeDecoder {
  /** A bit by the model at `index`. */
  bit(model: Uint16Array, index: number): number;
  /** `count` bits of even chance. */
  direct(count: number): number;
}

/** Reads from `input` from `start` on. Variables of a closure: fields of an object would take three times as long. */
function rangeDecoder(input: Uint8Array, start: number): RangeDecoder {
  // The first byte is zero, the next four are the code.
  let at = start + 5;
  let range = -1;
  let code = new DataView(input.buffer).getInt32(start + 1);
  // Both are unsigned, in the 32 bits of a signed number: so they stay small integers.
  const flip = 0x80000000 | 0;
  return {
    bit(model, index) {
      const chance = model[index] as number;
      const bound = Math.imul(range >>> 11, chance);
      let one = 0;
      if ((code ^ flip) < (bound ^ flip)) {
        range = bound;
        model[index] = chance + ((2048 - chance) >> 5);
      } else {
        range = (range - bound) | 0;
        code = (code - bound) | 0;
        model[index] = chance - (chance >> 5);
        one = 1;
      }
      if ((range & 0xff000000) === 0) {
        range <<= 8;
        code = (code << 8) | (input[at++] as number);
      }
      return one;
    },
    direct(count) {
      let result = 0;
      for (let i = 0; i < count; i++) {
        range >>>= 1;
        const one = (code ^ flip) >= (range ^ flip);
        if (one) code = (code - range) | 0;
        if ((range & 0xff000000) === 0) {
          range <<= 8;
          code = (code << 8) | (input[at++] as number);
        }
        result = result * 2 + (one ? 1 : 0);
      }
      return result;
    },
  };
}

/** A number of `count` bits, the highest first, by the models from `base` on. */
function tree({ bit }: RangeDecoder, model: Uint16Array, base: number, count: number): number {
  let node = 1;
  for (let i = 0; i < count; i++) node = node * 2 + bit(model, base + node);
  return node - (1 << count);
}

/** The same with the lowest bit first. */
function reverse({ bit }: RangeDecoder, model: Uint16Array, base: number, count: number): number {
  let node = 1;
  let result = 0;
  for (let i = 0; i < count; i++) {
    const one = bit(model, base + node);
    node = node * 2 + one;
    result += one << i;
  }
  return result;
}

/** Lengths of matches, in the places of `model`: two choices, then trees of 3, 3 and 8 bits. */
function matchLength(decoder: RangeDecoder, model: Uint16Array, position: number): number {
  if (decoder.bit(model, 0) === 0) return 2 + tree(decoder, model, 2 + position * 8, 3);
  if (decoder.bit(model, 1) === 0) return 10 + tree(decoder, model, 34 + position * 8, 3);
  return 18 + tree(decoder, model, 66, 8);
}

/** The distance of a match of that length, less one. */
function matchDistance(decoder: RangeDecoder, slots: Uint16Array, special: Uint16Array, length: number): number {
  const slot = tree(decoder, slots, Math.min(length - 2, 3) * 64, 6);
  if (slot < 4) return slot;
  const bits = (slot >> 1) - 1;
  const base = (2 | (slot & 1)) * 2 ** bits;
  if (slot < 14) return base + reverse(decoder, special, base - slot, bits);
  return base + decoder.direct(bits - 4) * 16 + reverse(decoder, special, 115, 4);
}

/** The bytes of the text. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const input = bytesOf(text);
  const size = new DataView(input.buffer).getUint32(5, true);
  const out = new Uint8Array(size);
  const decoder = rangeDecoder(input, 13);
  const isMatch = models(192);
  const isRepeat = models(12);
  const isRepeat0 = models(12);
  const isRepeat1 = models(12);
  const isRepeat2 = models(12);
  const isLong = models(192);
  const literals = models(0x300 * 8);
  const lengths = models(322);
  const repeatLengths = models(322);
  const slots = models(256);
  // 115 for the slots from 4 to 13, 16 for the lowest bits of those above.
  const special = models(131);
  let state = 0;
  let [distance, distance1, distance2, distance3] = [0, 0, 0, 0];
  for (let at = 0; at < size; ) {
    const position = at & 3;
    if (decoder.bit(isMatch, state * 16 + position) === 0) {
      const base = 0x300 * (((at > 0 ? out[at - 1] : 0) as number) >> 5);
      let node = 1;
      if (state >= 7) {
        let matched = out[at - distance - 1] as number;
        while (node < 256) {
          const expected = (matched >> 7) & 1;
          matched <<= 1;
          const one = decoder.bit(literals, base + ((1 + expected) << 8) + node);
          node = node * 2 + one;
          if (one !== expected) break;
        }
      }
      while (node < 256) node = node * 2 + decoder.bit(literals, base + node);
      out[at++] = node;
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let length = 0;
    if (decoder.bit(isRepeat, state) === 0) {
      [distance3, distance2, distance1] = [distance2, distance1, distance];
      length = matchLength(decoder, lengths, position);
      state = state < 7 ? 7 : 10;
      distance = matchDistance(decoder, slots, special, length);
    } else {
      if (decoder.bit(isRepeat0, state) === 0) {
        if (decoder.bit(isLong, state * 16 + position) === 0) {
          state = state < 7 ? 9 : 11;
          out[at] = out[at - distance - 1] as number;
          at++;
          continue;
        }
      } else if (decoder.bit(isRepeat1, state) === 0) {
        [distance, distance1] = [distance1, distance];
      } else if (decoder.bit(isRepeat2, state) === 0) {
        [distance, distance1, distance2] = [distance2, distance, distance1];
      } else {
        [distance, distance1, distance2, distance3] = [distance3, distance, distance1, distance2];
      }
      length = matchLength(decoder, repeatLengths, position);
      state = state < 7 ? 8 : 11;
    }
    for (let end = at + length; at < end; at++) out[at] = out[at - distance - 1] as number;
  }
  return out;
}
