// node scripts/crates.mjs: licences, sources and names of every crate that is built or tested with here.
// npm run advisories: known defects of crates and packages. It asks the databases of RustSec and npm, so it is not part of
// `npm test`, which needs no network.
import { faults } from './lib/crates.mjs';
import { ask, Problem, run, script } from './lib/run.mjs';
import { hasProgram } from './lib/tools.mjs';

async function checkCrates() {
  // For this machine and for wasm: what is built here, so that nothing is downloaded for the question alone.
  const [, host] = /^host: (\S+)$/m.exec(await ask('rustc', ['-vV'])) ?? [];
  const platforms = [host, 'wasm32-unknown-unknown'].flatMap((name) => ['--filter-platform', name]);
  const args = ['metadata', '--format-version', '1', '--locked', '--all-features', ...platforms];
  const { output } = await run('cargo', args, { capture: true });
  const metadata = JSON.parse(output.slice(output.indexOf('{"')));
  const found = faults(metadata);
  if (found.length > 0) throw new Problem(`${found.join('\n')}\nscripts/lib/crates.mjs has what is allowed`);
  console.log(`${metadata.packages.length} crates: licences, sources and names are allowed`);
}

async function checkAdvisories() {
  if (!hasProgram('cargo-deny')) throw new Problem('install cargo-deny first: cargo install cargo-deny --locked');
  await run('cargo', ['deny', 'check', 'advisories']);
  await run('npm', ['audit']);
}

await script(([what]) => (what === 'advisories' ? checkAdvisories() : checkCrates()));
