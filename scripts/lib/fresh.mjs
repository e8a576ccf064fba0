// Up-to-date checks: a step is skipped when the content of its inputs is what it was and its outputs are there.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

const stamps = join(root, 'target', 'stamps');

function* files(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) return yield path;
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.isDirectory() && (entry.name === 'node_modules' || entry.name === 'dist')) continue;
    yield* files(join(path, entry.name));
  }
}

/** A hash over files and folders (relative to the root, without node_modules and dist) and any further strings. */
export function fingerprint(paths, ...more) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of files(join(root, path))) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  }
  for (const text of more) hash.update(String(text)).update('\0');
  return hash.digest('hex');
}

/** Runs `step` unless `inputs` (a fingerprint) is the one of its last success and every output exists. Returns whether it ran. */
export async function unlessFresh(name, inputs, outputs, step) {
  const stamp = join(stamps, name);
  const fresh =
    existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs && outputs.every((o) => existsSync(join(root, o)));
  if (fresh) return false;
  rmSync(stamp, { force: true });
  await step();
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, inputs);
  return true;
}
