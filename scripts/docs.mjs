// npm run docs [-- FOLDER]: writes the API reference, from the doc comments of npm/src, into docs/api or the folder named.
import { root, run, script } from './lib/run.mjs';
import { ensurePackages } from './lib/tools.mjs';

const typedoc = `${root}/node_modules/typedoc/bin/typedoc`;

await script(async ([out = 'docs/api']) => {
  await ensurePackages();
  await run(process.execPath, [typedoc, '--options', 'npm/typedoc.config.mjs', '--out', out]);
});
