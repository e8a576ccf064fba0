// Files that a compile read, as cargo writes them beside what it made (dep-info, the form of a Makefile).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { Problem } from './run.mjs';

/** Files that a dep-info names, relative to `folder`: sources, included files, and what build scripts ask for. */
export function readDepInfo(file, folder) {
  const [line] = readFileSync(file, 'utf8').split(/\r?\n/);
  const at = line.indexOf(': ');
  const paths = at < 0 ? [] : line.slice(at + 2).split(/(?<!\\) /);
  if (paths.length === 0) throw new Problem(`${file} is not as it was: change readDepInfo`);
  return paths.map((path) => relative(folder, path.replaceAll('\\ ', ' ')).split(sep).join('/'));
}

/** Paths that a list keeps, or null when there is no such list. */
export function readList(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n') : null;
}

/** Writes a list of paths. */
export function writeList(file, paths) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, paths.join('\n'));
}
