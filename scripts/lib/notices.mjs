// THIRD-PARTY-NOTICES.md of the package: the crates whose code is in its wasm, with their licences as they ship them.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem, run } from './run.mjs';

const TARGET = 'wasm32-unknown-unknown';
const OURS = 'icelens-wasm';

/** The crates that a build links: those reached by ordinary dependencies, without macros, which run while compiling only. */
export function linked({ packages, resolve }) {
  const byId = new Map(packages.map((crate) => [crate.id, crate]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const isMacro = ({ targets }) => targets.some(({ kind }) => kind.includes('proc-macro'));
  const queue = packages.filter(({ name }) => name === OURS).map(({ id }) => id);
  const seen = new Set(queue);
  for (const id of queue) {
    for (const { pkg, dep_kinds: kinds } of nodes.get(id)?.deps ?? []) {
      const ordinary = kinds.some(({ kind }) => kind === null);
      if (!ordinary || seen.has(pkg) || isMacro(byId.get(pkg))) continue;
      seen.add(pkg);
      queue.push(pkg);
    }
  }
  // Our own crates have the package's licence.
  return queue.map((id) => byId.get(id)).filter(({ source }) => source !== null);
}

/** The texts of licences and notices in a crate's folder; none where the crate ships none and may be used under Apache-2.0. */
function texts({ name, license, manifest_path: manifest }) {
  const folder = dirname(manifest);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|copyright|notice|unlicense)/i.test(file));
  if (files.length === 0 && !/Apache-2\.0/.test(license ?? '')) {
    throw new Problem(`the crate ${name} (${license}) ships no licence text: look what it is under`);
  }
  return files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trimEnd());
}

/** The whole document; each text once, with the crates that have it. */
export async function notices(env) {
  const args = ['metadata', '--format-version', '1', '--locked', '--all-features', '--filter-platform', TARGET];
  const { output } = await run('cargo', args, { env, capture: true });
  const crates = linked(JSON.parse(output.slice(output.indexOf('{'))));
  const byText = new Map();
  for (const crate of crates) {
    for (const text of texts(crate)) byText.set(text, [...(byText.get(text) ?? []), `${crate.name} ${crate.version}`]);
  }
  const bare = crates.filter((crate) => texts(crate).length === 0).map(({ name }) => name);
  const without =
    bare.length > 0 ? `\nNo licence text comes with ${bare.join(', ')}: LICENSE-APACHE is that of Apache-2.0.\n` : '';
  const line = ({ name, version, license }) => `| ${name} | ${version} | ${license} |`;
  const table = crates.sort((a, b) => a.name.localeCompare(b.name)).map(line);
  const blocks = [...byText].map(([text, names]) => `## ${names.sort().join(', ')}\n\n\`\`\`text\n${text}\n\`\`\``);
  return `# Third-party notices

The WebAssembly of this package contains code of these crates. The JavaScript has no dependencies.

| crate | version | licence |
|---|---|---|
${table.join('\n')}
${without}
${blocks.join('\n\n')}
`;
}
