// The words of a language as XLIFF 1.2, which translators' tools read, and back into the files they stand in.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { Problem, root } from './run.mjs';

const read = (...path) => readFileSync(join(...path), 'utf8');
const filesOf = (folder, pattern) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(root, folder, name));

const unwrapped = (node) =>
  ts.isAsExpression(node) || ts.isSatisfiesExpression(node) ? unwrapped(node.expression) : node;

/** Each text in an expression, with the names that lead to it. */
function* textsIn(expression, path) {
  const node = unwrapped(expression);
  if (ts.isStringLiteralLike(node)) yield { path, text: node.text, node };
  else if (ts.isArrayLiteralExpression(node))
    for (const [index, element] of node.elements.entries()) yield* textsIn(element, [...path, String(index)]);
  else if (ts.isObjectLiteralExpression(node))
    for (const member of node.properties)
      if (ts.isPropertyAssignment(member)) yield* textsIn(member.initializer, [...path, member.name.text]);
}

/** The texts of the constants that a module exports: path, text, and place in the file. */
function textsOf(file) {
  const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
  const constants = source.statements
    .filter((statement) => ts.isVariableStatement(statement) && ts.getCombinedModifierFlags(statement) !== 0)
    .flatMap((statement) => statement.declarationList.declarations);
  const exported = constants.filter((constant) => ts.getCombinedModifierFlags(constant) & ts.ModifierFlags.Export);
  return exported.flatMap((constant) => [...textsIn(constant.initializer, [constant.name.text])]);
}

const rows = (name) =>
  read(root, 'docs', name)
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));

/** English by the path behind the name of the constant, from where each engine and view has it. */
function english() {
  const found = new Map();
  const modules = [
    ...filesOf('www/src', /messages\.ts$|simulate\/devices\.ts$/),
    join(root, 'npm/src/scan/advice-text.ts'),
  ];
  for (const file of modules) for (const { path, text } of textsOf(file)) found.set(path.slice(1).join('/'), text);
  for (const [, name, text] of rows('decisions.tsv')) if (text) found.set(name, text);
  for (const [code, , message, , , , , hint] of rows('diagnostics.tsv'))
    found.set(`${code}/0`, message.trim()).set(`${code}/1`, hint);
  return found;
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text) => text.replace(/[&<>"]/g, (one) => ENTITIES[one]);
const unescaped = (text) =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (hex || decimal) return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
    const known = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }[name];
    if (known === undefined) throw new Problem(`${all} is no entity of XLIFF`);
    return known;
  });

/** Files of a language that hold words; `index.ts` has none. */
const wordFiles = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
    .sort();

/** The comment that a module begins with: it says what the texts are, and where their English is. */
const comment = (file) => (/^\/\*\*(.*?)\*\//s.exec(read(file))?.[1] ?? '').replace(/\n \*/g, '\n').trim();

/** The name of a text in XLIFF. */
const idOf = ({ path }) => path.join('/');

/** The words in `folder` as XLIFF: a `file` for each of its modules. A text whose English is not found has its key as source. */
export function exported(folder, tag) {
  const sources = english();
  const unit = (one) => {
    const key = one.path.slice(1).join('/');
    const source = sources.get(key) ?? key;
    const texts = `<source>${escaped(source)}</source><target>${escaped(one.text)}</target>`;
    return `      <trans-unit id="${escaped(idOf(one))}" xml:space="preserve">${texts}</trans-unit>\n`;
  };
  const files = wordFiles(folder).map((name) => {
    const head = `original="${name}" datatype="plaintext" source-language="en" target-language="${tag}"`;
    const note = `<header><note>${escaped(comment(join(folder, name)))}</note></header>`;
    return `  <file ${head}>\n    ${note}\n    <body>\n${textsOf(join(folder, name)).map(unit).join('')}    </body>\n  </file>\n`;
  });
  const open = '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">';
  return `<?xml version="1.0" encoding="UTF-8"?>\n${open}\n${files.join('')}</xliff>\n`;
}

const attribute = (tag, name) => {
  const [, , value] = new RegExp(`\\s${name}=(["'])(.*?)\\1`, 's').exec(tag) ?? [];
  return value === undefined ? undefined : unescaped(value);
};

/** Text of a target: plain, or CDATA. An element inside would be lost, so it is refused. */
function plain(target, id) {
  const parts = target.split(/<!\[CDATA\[([\s\S]*?)\]\]>/);
  return parts
    .map((part, index) => {
      if (index % 2 === 1) return part;
      if (part.includes('<')) throw new Problem(`${id}: its target has elements, where text is expected`);
      return unescaped(part);
    })
    .join('');
}

/** Targets of XLIFF by the module's name and the text's. Those without a target, or with an empty one, are left out. */
function targets(xliff) {
  const found = new Map();
  for (const [, tag, body] of xliff.matchAll(/<file\b([^>]*)>([\s\S]*?)<\/file>/g)) {
    const texts = new Map();
    for (const [, unit, content] of body.matchAll(/<trans-unit\b([^>]*)>([\s\S]*?)<\/trans-unit>/g)) {
      const id = attribute(unit, 'id');
      const text = plain(/<target\b[^>]*[^/>]?>([\s\S]*?)<\/target>/.exec(content)?.[1] ?? '', id);
      if (text !== '') texts.set(id, text);
    }
    found.set(attribute(tag, 'original'), texts);
  }
  if (found.size === 0) throw new Problem('it has no <file> of XLIFF 1.2');
  return found;
}

/** Names of the values that a text puts in. */
const values = (text) => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].sort().join(' ');

function literal(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inside = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll(quote, `\\${quote}`);
  return `${quote}${inside}${quote}`;
}

/** Writes the targets of one module; returns how many texts changed. */
function writeModule(file, texts) {
  const known = new Map(textsOf(file).map((one) => [idOf(one), one]));
  const changes = [];
  for (const [id, text] of texts) {
    const one = known.get(id);
    if (one === undefined) throw new Problem(`${id}: ${file} has no such text`);
    if (one.text === text) continue;
    if (values(one.text) !== values(text))
      throw new Problem(`${id}: its values are "${values(text)}", and have to be "${values(one.text)}"`);
    changes.push({ from: one.node.getStart(), to: one.node.getEnd(), text: literal(text) });
  }
  let content = read(file);
  // From the end, so that the places before stay right.
  for (const { from, to, text } of changes.sort((a, b) => b.from - a.from))
    content = content.slice(0, from) + text + content.slice(to);
  if (changes.length > 0) writeFileSync(file, content);
  return changes.length;
}

/** Writes the targets of XLIFF into the modules of `folder`; returns how many texts changed. What does not fit throws. */
export function imported(folder, xliff) {
  const found = targets(xliff);
  const names = wordFiles(folder);
  for (const name of found.keys()) if (!names.includes(name)) throw new Problem(`${folder} has no ${name}`);
  return [...found].reduce((changed, [name, texts]) => changed + writeModule(join(folder, name), texts), 0);
}
