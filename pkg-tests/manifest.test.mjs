// Content of the tarball, and what the tools that judge packages say of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installPackage } from './lib/installed.mjs';
import { execFile } from './lib/limited.mjs';

let consumer;
before(() => {
  consumer = installPackage();
});
after(() => consumer.remove());

const builds = ['core', 'predict', 'nat', 'scan', 'turn', 'sim'];
const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

it('holds the modules, one wasm per build, their types and the licences, and nothing else', () => {
  const documents = [
    'package.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE-MIT',
    'LICENSE-APACHE',
    'THIRD-PARTY-NOTICES.md',
  ];
  for (const file of documents) assert.ok(consumer.files.includes(file), `${file} is missing`);
  const others = consumer.files.filter((file) => !documents.includes(file));
  const strange = others.filter(
    (file) => !/^(dist\/[\w./-]+\.(c?js|wasm|d\.c?ts)|bin\/icelens\.js|[a-z]+\/package\.json)$/.test(file),
  );
  assert.deepEqual(strange, []);
});

it('has every file that its manifest names', () => {
  const manifest = JSON.parse(readFileSync(join(consumer.folder, 'node_modules/icelens/package.json'), 'utf8'));
  const targets = (value) => (typeof value === 'string' ? [value] : Object.values(value).flatMap(targets));
  const { exports, main, module, types, bin = {} } = manifest;
  const paths = targets([exports, main, module, types, bin]).map((path) => path.replace(/^\.\//, ''));
  for (const path of paths) assert.ok(consumer.files.includes(path), `${path} is missing`);
});

it('publint finds nothing', async () => {
  const { publint } = await import('publint');
  const { messages } = await publint({
    pkgDir: join(consumer.folder, 'node_modules/icelens'),
    strict: true,
    pack: false,
  });
  assert.deepEqual(messages, []);
});

it('are-the-types-wrong finds nothing, in modules and in CommonJS', async () => {
  const run = execFile(bin('attw'), [
    ...[consumer.tarball, '--profile', 'strict', '--no-emoji', '--no-color'],
    // Bytes, not a module: there is nothing to type.
    ...['--exclude-entrypoints', 'icelens.wasm', ...builds.map((name) => `${name}.wasm`)],
  ]);
  // It exits with 1 when it finds something.
  await run.catch((error) => assert.fail(error.stdout));
});
