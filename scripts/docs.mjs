// npm run docs: writes the API reference, docs/api, from the doc comments of npm/src.
// npm run docs -- --check: writes nothing, and fails unless docs/api is what they say.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem, root, run, script } from './lib/run.mjs';
import { ensurePackages } from './lib/tools.mjs';

const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');
const committed = join(root, 'docs/api');

function generate(folder) {
  return run(process.execPath, [typedoc, '--options', 'npm/typedoc.config.mjs', '--out', folder]);
}

/** The text of a page; null when there is none. */
function pageIn(folder, name) {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** The names of pages that differ between two folders, or are in one alone. */
function differing(one, other) {
  const names = new Set([one, other].flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : [])));
  return [...names].filter((name) => pageIn(one, name) !== pageIn(other, name)).sort();
}

async function check() {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-docs-'));
  try {
    await generate(folder);
    const pages = differing(committed, folder);
    if (pages.length === 0) return;
    throw new Problem(
      `docs/api is not what the doc comments say (${pages.join(', ')}): run npm run docs and commit what it writes`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await script(async (args) => {
  await ensurePackages();
  await (args.includes('--check') ? check() : generate(committed));
});
