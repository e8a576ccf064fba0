// node scripts/codes.mjs: writes the enum of diagnostics, src/explain/codes.rs, from docs/diagnostics.tsv. That the
// two agree is a test of tests/diagnostics_page.rs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem, root, script } from './lib/run.mjs';

/** `SdpNotALine` of `sdp.not-a-line`. */
const variant = (code) => code.replace(/(?:^|[.-])(.)/g, (_, first) => first.toUpperCase());

function row(line, index) {
  const [code, severity] = line.split('\t');
  const fits = /^(cand|sdp|ice)(\.[a-z0-9]+)(-[a-z0-9]+)*$/.test(code) && /^(error|warning|info)$/.test(severity);
  if (!fits) throw new Problem(`docs/diagnostics.tsv:${index + 2}: a code and error, warning or info are expected`);
  return `    ${variant(code)} "${code}" ${variant(severity)},\n`;
}

await script(() => {
  const [, ...lines] = readFileSync(join(root, 'docs/diagnostics.tsv'), 'utf8').trimEnd().split(/\r?\n/);
  const head =
    '//! Every diagnostic. Made from `docs/diagnostics.tsv` by `node scripts/codes.mjs`.\n\nuse super::Severity;\n';
  writeFileSync(join(root, 'src/explain/codes.rs'), `${head}\ncodes! {\n${lines.map(row).join('')}}\n`);
});
