// npm test: every test there is. `npm test -- worker package` runs those suites only.
import { build } from './build.mjs';
import { buildProduct } from './lib/product.mjs';
import { Problem, script } from './lib/run.mjs';
import { report, runSuite, tryAgain } from './lib/suites.mjs';
import { ensureTestTools } from './lib/tools.mjs';
import { buildWasm } from './lib/wasm.mjs';
import { AT_ONCE, suites } from './suites.mjs';

// Traces name files and lines, and the crate's 50 test programs are built in two thirds of the time and half the space.
const DEBUG = { CARGO_PROFILE_DEV_DEBUG: 'line-tables-only' };

function chosen(names) {
  const unknown = names.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    throw new Problem(`no suite named ${unknown.join(', ')}; there are ${suites.map((s) => s.name).join(', ')}`);
  }
  return suites.filter((suite) => names.length === 0 || names.includes(suite.name));
}

/** Makes what the suites with `built` need: the package, the page, the worker, and builds that no bundle has. */
async function buildFor(selected, env) {
  if (!selected.some((suite) => suite.built)) return;
  const further = selected.flatMap(({ wasm = [] }) => wasm).map((name) => buildWasm(name, env));
  await Promise.all([build(env), ...further]);
  await buildProduct();
}

/** Runs what is selected, `AT_ONCE` suites side by side; returns the results in the order of the suites. */
async function runSuites(selected, env) {
  const waiting = [...selected];
  const results = new Map();
  const print = selected.length > 1 ? (text) => process.stdout.write(text) : undefined;
  let isBuilt = false;
  const built = buildFor(selected, env).then(() => {
    isBuilt = true;
  });
  const work = async () => {
    while (waiting.length > 0) {
      const at = waiting.findIndex((suite) => isBuilt || !suite.built);
      if (at < 0) await built;
      else {
        const [suite] = waiting.splice(at, 1);
        results.set(suite, await runSuite(suite, env, print));
      }
    }
  };
  const workers = [built.then(work), ...Array.from({ length: AT_ONCE - 1 }, work)];
  const ran = await Promise.allSettled(workers);
  const broken = ran.find(({ status }) => status === 'rejected');
  // Thrown when the others have ended too: it is the last that is printed then.
  if (broken !== undefined) throw broken.reason;
  return selected.map((suite) => results.get(suite));
}

await script(async (names) => {
  const selected = chosen(names);
  const env = { ...(await ensureTestTools()), ...DEBUG };
  const results = await runSuites(selected, env);
  await tryAgain(results, env);
  if (!report(results)) process.exitCode = 1;
});
