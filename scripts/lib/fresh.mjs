// Up-to-date checks: a step is skipped when the content of its inputs is what it was and its outputs are there.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { root } from './run.mjs';

/** Folder of what is known of the last success of each step. */
export const stamps = join(root, 'target', 'stamps');

function* files(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) return yield path;
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.isDirectory() && (entry.name === 'node_modules' || entry.name === 'dist')) continue;
    yield* files(join(path, entry.name));
  }
}

/** A hash over files and folders (relative to the root, without node_modules and dist) and any further strings, the same in every folder. */
export function fingerprint(paths, ...more) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of files(join(root, path))) {
      const name = relative(root, file).split(sep).join('/');
      hash.update(name).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  for (const text of more) hash.update(String(text)).update('\0');
  return hash.digest('hex');
}

/**
 * Runs `step` unless `inputs` (a fingerprint) is the one of its last success and every output exists. A step that knows
 * only afterwards what it was made of returns that fingerprint, or null when it has to run again. Returns whether it ran.
 */
export async function unlessFresh(name, inputs, outputs, step) {
  const stamp = join(stamps, name);
  const fresh =
    existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs && outputs.every((o) => existsSync(join(root, o)));
  if (fresh) return false;
  rmSync(stamp, { force: true });
  const made = await step();
  if (made === null) return true;
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, made ?? inputs);
  return true;
}
