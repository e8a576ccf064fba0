// npm test: every test there is. `npm test -- worker package` runs those suites only.
import { build } from './build.mjs';
import { buildProduct } from './lib/product.mjs';
import { Problem, script } from './lib/run.mjs';
import { report, runSuite } from './lib/suites.mjs';
import { ensureTestTools } from './lib/tools.mjs';
import { buildWasm } from './lib/wasm.mjs';
import { suites } from './suites.mjs';

function chosen(names) {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new Problem(`no suite named ${unknown.join(', ')}; there are ${suites.map((s) => s.name).join(', ')}`);
  }
  return suites.filter((suite) => names.length === 0 || names.includes(suite.name));
}

await script(async (names) => {
  const selected = chosen(names);
  const env = await ensureTestTools();
  if (selected.some((suite) => suite.built)) {
    await build(env);
    await buildProduct();
  }
  for (const name of selected.flatMap(({ wasm = [] }) => wasm)) await buildWasm(name, env);
  const results = [];
  for (const suite of selected) results.push(await runSuite(suite, env));
  if (!report(results)) process.exitCode = 1;
});
