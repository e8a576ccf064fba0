// How big each build is, and whether that is within npm/size-limits.json.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { builds } from './builds.mjs';
import { Problem, root } from './run.mjs';

const dist = join(root, 'pkg/dist');
const read = (file) => readFileSync(join(dist, file));

const measure = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});
const add = (a, b) => ({ raw: a.raw + b.raw, gzip: a.gzip + b.gzip, brotli: a.brotli + b.brotli });

/** An entry and the chunks it imports, as one stretch of bytes. */
function withChunks(entry, seen = new Set()) {
  if (seen.has(entry)) return Buffer.alloc(0);
  seen.add(entry);
  const text = read(entry);
  const imports = [...text.toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)].map(([, file]) => file);
  return Buffer.concat([text, ...imports.map((file) => withChunks(file, seen))]);
}

/** What `wasm-bindgen` (or `dropGlue` in its place) wrote, as the package has it: minified. */
async function glueOf(build) {
  const { transform } = await import('esbuild');
  const { code } = await transform(readFileSync(join(root, 'npm/gen', build, 'icelens.js')), { minify: true });
  return Buffer.from(code);
}

/**
 * Sizes of one build: the wasm; its glue, everything of it, before what is not called goes; the JavaScript of the entry,
 * glue and what users call; wasm and JavaScript, which is what a worker loads; and the entry that has the wasm inline.
 */
export async function sizesOf(build) {
  const [entry] = Object.keys(builds[build].entries);
  const wasm = measure(read(`${build}.wasm`));
  const glue = measure(await glueOf(build));
  const javascript = measure(withChunks(`${entry}.workerd.js`));
  return {
    wasm,
    'wasm and glue': add(wasm, glue),
    javascript,
    together: add(wasm, javascript),
    inline: measure(withChunks(`${entry}.js`)),
  };
}

const columns = (...cells) => cells.map((cell, i) => (i === 0 ? cell.padEnd(22) : String(cell).padStart(9))).join('');

/** Prints the sizes of the builds; throws when one is over its limit. */
export async function checkSizes(names) {
  const limits = JSON.parse(readFileSync(join(root, 'npm/size-limits.json'), 'utf8'));
  console.log(columns('bytes', 'raw', 'gzip', 'brotli', 'limit'));
  const over = [];
  for (const name of names) {
    for (const [part, { raw, gzip, brotli }] of Object.entries(await sizesOf(name))) {
      const limit = limits[name]?.[part];
      console.log(columns(`${name}, ${part}`, raw, gzip, brotli, limit ?? ''));
      if (limit !== undefined && brotli > limit)
        over.push(`${name} (${part}) is ${brotli} bytes in brotli, the limit is ${limit}`);
    }
  }
  if (over.length > 0)
    throw new Problem(`${over.join('; ')}. Make it smaller, or change npm/size-limits.json with a reason.`);
}
