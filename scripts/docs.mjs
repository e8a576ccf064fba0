// npm run docs: writes the API reference, docs/api, from the doc comments of npm/src.
// npm run docs -- --check: writes nothing, and fails unless docs/api is what they say.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem, root, run, script } from './lib/run.mjs';
import { ensurePackages } from './lib/tools.mjs';

const typedoc = join(root, 'node_modules/typedoc/bin/typedoc');
const committed = join(root, 'docs/api');

async function generate(folder) {
  await run(process.execPath, [typedoc, '--options', 'npm/typedoc.config.mjs', '--out', folder]);
  writeFileSync(join(folder, 'README.md'), contents(folder));
}

/** The first page: each entry with the first sentence of its own page. */
function contents(folder) {
  const pages = readdirSync(folder).filter((name) => name !== 'README.md');
  const rows = pages.map((page) => {
    const [, title, sentence] = /^# (.*)\n+([^#]*?\.)\s/.exec(readFileSync(join(folder, page), 'utf8')) ?? [];
    if (sentence === undefined) throw new Problem(`npm/src/${page.replace(/md$/, 'ts')}: the module has no sentence`);
    return { title, row: `| [\`${title}\`](${page}) | ${sentence.replaceAll('\n', ' ')} |` };
  });
  const sorted = rows.sort((a, b) => (a.title < b.title ? -1 : 1)).map(({ row }) => row);
  return `# API of icelens\n\n| import from | for |\n|---|---|\n${sorted.join('\n')}\n
\`icelens/slim\` has the names of \`icelens\`, \`icelens/turn\` and \`icelens/sim\`, and \`init\`, which takes the wasm.\n`;
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
