// Wasm as text, for entries that carry it in their JavaScript; npm/src/embedded.ts reads it. Base64 hides the order of
// bytes from the compression of a transfer, which then makes it 34 % larger than that of the wasm itself; compressed before,
// as LZMA, it is 3 % smaller.
//
//     node scripts/lib/text.mjs WASM TEXT   writes base64 of LZMA with its header of 13 bytes (properties, size of the dictionary, size)
//
// A command, since it takes seconds for each wasm and others are compiled meanwhile.
import { readFileSync, writeFileSync } from 'node:fs';
import lzma from 'lzma';

const [wasm, text] = process.argv.slice(2);
writeFileSync(text, Buffer.from(lzma.compress(readFileSync(wasm), 9)).toString('base64'));
