// Price for a user of the package: the bundle that esbuild makes of a few names, wasm and all, in brotli.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { Problem, root } from './run.mjs';

const dist = join(root, 'pkg/dist');

const core = `encodeMessage, decodeMessage, isStunMessage, attributeTable, explainCheck, createResponder, parseCandidate,
  formatCandidate, parseSdp, formCheckList, pairPriority`;

/** Import to measure, by the name of its row in npm/size-limits.json. */
const uses = {
  'nothing that is used': "import 'icelens'",
  pairPriority: "export { pairPriority } from 'icelens'",
  'icelens/stun, decodeMessage': "export { decodeMessage } from 'icelens/stun'",
  'icelens/stun, everything': "export * from 'icelens/stun'",
  'icelens/sdp, parseSdp': "export { parseSdp } from 'icelens/sdp'",
  'icelens/sdp, everything': "export * from 'icelens/sdp'",
  'icelens, decodeMessage': "export { decodeMessage } from 'icelens'",
  'icelens, all of STUN, SDP and check lists': `export { ${core} } from 'icelens'`,
  'icelens, predictOffer': "export { predictOffer } from 'icelens'",
  'icelens, inferNat': "export { inferNat } from 'icelens'",
  'icelens, scan': "export { scan } from 'icelens'",
  'icelens, everything': "export * from 'icelens'",
  'icelens/turn, everything': "export * from 'icelens/turn'",
  'icelens/sim, everything': "export * from 'icelens/sim'",
  'icelens/agent, everything': "export * from 'icelens/agent'",
  'icelens/browser, everything': "export * from 'icelens/browser'",
};

/** Bytes in brotli of what a bundler makes of `source`. `wasm` files beside it count with it. */
async function bundled(source, conditions = []) {
  const { build } = await import('esbuild');
  const used = new Set();
  const beside = {
    name: 'wasm',
    setup: (bundle) =>
      bundle.onResolve({ filter: /\.wasm$/ }, ({ path }) => {
        used.add(path.replace('./', ''));
        return { path, external: true, sideEffects: false };
      }),
  };
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    external: ['node:*'],
    conditions,
    plugins: [beside],
    logLevel: 'error',
  });
  const kept = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.map(({ path }) => path.replace('./', '')),
  );
  const files = [...used].filter((file) => kept.includes(file)).map((file) => readFileSync(join(dist, file)));
  return [...outputFiles.map(({ contents }) => contents), ...files].reduce(
    (n, b) => n + brotliCompressSync(b).length,
    0,
  );
}

/** Name of a row → bytes in brotli. */
export async function sizes() {
  const found = {};
  for (const [name, source] of Object.entries(uses)) found[name] = await bundled(source);
  found['icelens/stun in workerd'] = await bundled("export * from 'icelens/stun'", ['workerd']);
  found['icelens in workerd'] = await bundled("export * from 'icelens'", ['workerd']);
  return found;
}

/** Prints the sizes; throws when one is over its limit. */
export async function checkSizes() {
  const limits = JSON.parse(readFileSync(join(root, 'npm/size-limits.json'), 'utf8'));
  const found = await sizes();
  console.log('bytes in brotli                               size    limit');
  for (const [name, size] of Object.entries(found)) {
    console.log(`${name.padEnd(42)}${String(size).padStart(8)} ${String(limits[name] ?? '').padStart(8)}`);
  }
  const over = Object.entries(found).filter(([name, size]) => size > (limits[name] ?? Number.POSITIVE_INFINITY));
  if (over.length === 0) return;
  const said = over.map(([name, size]) => `${name} is ${size} bytes, the limit is ${limits[name]}`).join('; ');
  throw new Problem(`${said}. Make it smaller, or change npm/size-limits.json with a reason.`);
}
