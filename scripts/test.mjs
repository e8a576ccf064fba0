// npm test: every test there is. `npm test -- worker package` runs those suites only.
import { build } from './build.mjs';
import { buildProduct } from './lib/product.mjs';
import { Problem, script } from './lib/run.mjs';
import { report, runSuite, tryAgain } from './lib/suites.mjs';
import { ensureTestTools } from './lib/tools.mjs';
import { buildWasm } from './lib/wasm.mjs';
import { lanes, suites } from './suites.mjs';

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

/** Runs what is selected, its lanes side by side; returns the results. `built` waits for the build. */
async function runLanes(selected, env, built) {
  const byName = new Map(selected.map((suite) => [suite.name, suite]));
  const needed = (name) => (name === 'build' ? selected.some((suite) => suite.built) : byName.has(name));
  const chosenLanes = lanes.map((lane) => lane.filter(needed)).filter((lane) => lane.length > 0);
  const print = chosenLanes.length > 1 ? (text) => process.stdout.write(text) : undefined;
  const runLane = async (lane) => {
    const results = [];
    for (const name of lane) {
      const suite = byName.get(name);
      if (suite === undefined || suite.built) await built();
      if (suite !== undefined) results.push(await runSuite(suite, env, print));
    }
    return results;
  };
  const ran = await Promise.allSettled(chosenLanes.map(runLane));
  const broken = ran.find(({ status }) => status === 'rejected');
  // Thrown when the other lanes have ended too: it is the last that is printed then.
  if (broken !== undefined) throw broken.reason;
  return ran.flatMap(({ value }) => value);
}

await script(async (names) => {
  const selected = chosen(names);
  const env = { ...(await ensureTestTools()), ...DEBUG };
  let building;
  const built = () => {
    building ??= buildFor(selected, env);
    return building;
  };
  const results = await runLanes(selected, env, built);
  await tryAgain(results, env);
  if (!report(results)) process.exitCode = 1;
});
