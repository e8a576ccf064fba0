// A crate outside the workspace depends on icelens with each single feature, with and without the standard library,
// and runs an example of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const run = promisify(execFile);

/** The features of the crate, from its manifest: what an application chooses. */
function features() {
  const manifest = readFileSync(join(root, 'Cargo.toml'), 'utf8');
  const [, list] = manifest.match(/^default = \[(.*)\]$/m);
  return [...list.matchAll(/"([a-z]+)"/g)].map(([, name]) => name);
}

/** Where the crate stands, and what cargo made of it: both are kept, so that only what changed is compiled again. */
const folder = join(root, 'target/outside-crate');
const target = join(root, 'target/outside');

function outsideCrate() {
  mkdirSync(join(folder, 'src'), { recursive: true });
  cpSync(join(here, 'main.rs'), join(folder, 'src/main.rs'), { preserveTimestamps: true });
  const forwarded = [...features(), 'std'].map((name) => `${name} = ["icelens/${name}"]`);
  writeFileSync(
    join(folder, 'Cargo.toml'),
    [
      '[workspace]\n\n[package]\nname = "outside"\nversion = "0.0.0"\nedition = "2024"\n',
      `[dependencies]\nicelens = { path = ${JSON.stringify(root)}, default-features = false }\n`,
      `[features]\n${forwarded.join('\n')}\n`,
    ].join('\n'),
  );
  // The versions that the project tests with, where they serve.
  cpSync(join(root, 'Cargo.lock'), join(folder, 'Cargo.lock'));
}

outsideCrate();

for (const feature of features()) {
  for (const std of [false, true]) {
    test(`${feature}${std ? ' with std' : ''}`, async () => {
      const chosen = std ? `${feature},std` : feature;
      const { stdout } = await run('cargo', ['run', '-q', '--features', chosen], {
        cwd: folder,
        env: { ...process.env, CARGO_TARGET_DIR: target },
      });
      assert.match(stdout, new RegExp(`^${feature} .+`, 'm'));
    });
  }
}
