// The published declarations, compiled by consumers, and against the contract in types/api.d.ts.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installPackage } from './lib/installed.mjs';
import { execFile } from './lib/limited.mjs';

const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const types = fileURLToPath(new URL('types', import.meta.url));
let consumer;

before(() => {
  consumer = installPackage();
});
after(() => consumer.remove());

/** Compiles files of the consumer; fails with what tsc says. */
async function compile(files, ...options) {
  // All declarations but TypeScript's own, which take longer than the rest.
  const checked = ['--skipLibCheck', 'false', '--skipDefaultLibCheck'];
  const args = [tsc, '--noEmit', '--strict', ...checked, '--target', 'es2022'];
  const run = execFile(process.execPath, [...args, ...options, ...files], { cwd: consumer.folder });
  await run.catch((error) => assert.fail(error.stdout));
}

/** Names of the entries that have types. */
function typedEntries() {
  const manifest = JSON.parse(readFileSync(join(consumer.folder, 'node_modules/icelens/package.json'), 'utf8'));
  const typed = Object.entries(manifest.exports).filter(([, target]) => target.types !== undefined);
  return typed.map(([path]) => path.replace(/^\./, 'icelens'));
}

for (const resolution of ['node16', 'bundler']) {
  it(`every entry compiles with moduleResolution ${resolution} and without skipLibCheck`, async () => {
    const imports = typedEntries().map((name, i) => `import * as m${i} from '${name}';\nexport const n${i} = m${i};\n`);
    consumer.write('entries.mts', imports.join(''));
    const module = resolution === 'node16' ? 'node16' : 'es2022';
    await compile(['entries.mts'], '--module', module, '--moduleResolution', resolution, '--lib', 'es2022,dom');
  });
}

it('every entry compiles in CommonJS with moduleResolution node16', async () => {
  const imports = typedEntries().map((name, i) => `import * as m${i} from '${name}';\nexport const n${i} = m${i};\n`);
  const use = "import { decodeMessage, type StunMessage } from 'icelens/stun';\n";
  const typed = 'export const method: StunMessage["method"] = decodeMessage(new Uint8Array()).method;\n';
  consumer.write('entries.cts', imports.join('') + use + typed);
  const options = ['--module', 'node16', '--moduleResolution', 'node16', '--lib', 'es2022,dom'];
  await compile(['entries.cts'], ...options);
});

it('every entry is found with moduleResolution node10', async () => {
  const imports = typedEntries().map((name, i) => `import * as m${i} from '${name}';\nexport const n${i} = m${i};\n`);
  consumer.write('entries.ts', imports.join(''));
  const options = ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0'];
  await compile(['entries.ts'], ...options, '--lib', 'es2022,dom');
});

it('has every name of the contract, with types that fit', async () => {
  for (const name of ['api.d.ts', 'contract.ts']) copyFileSync(join(types, name), join(consumer.folder, name));
  const modules = ['--module', 'es2022', '--moduleResolution', 'bundler', '--lib', 'es2022,dom'];
  // Arguments may be of a grown type: the contract lets the package add fields.
  await compile(['contract.ts'], ...modules, '--strictFunctionTypes', 'false');
});
