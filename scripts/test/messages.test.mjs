// Words as XLIFF: what is exported and read back is what was there, and what does not fit is refused.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { exported, imported } from '../lib/catalogue.mjs';
import { root } from '../lib/run.mjs';

const languages = join(root, 'www/src/languages');
const names = readdirSync(languages).filter((name) => name !== 'en' && name !== 'index.ts');

/** A copy of a language, removed with the test; `file` is the text of one of its modules. */
function copyOf(t, language) {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-words-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(join(languages, language), folder, { recursive: true });
  return { folder, file: (name) => readFileSync(join(folder, name), 'utf8') };
}

/** The exported words with the target of one text made another. */
function withTarget(xliff, id, target) {
  const pattern = new RegExp(`(id="${id.replaceAll('.', '\\.')}".*?<target>).*?(</target>)`);
  assert.match(xliff, pattern);
  return xliff.replace(pattern, (_, before, after) => before + target + after);
}

test('each language is exported whole, with English, and reading it back changes nothing', (t) => {
  assert.ok(names.length > 0);
  for (const name of names) {
    const { folder, file } = copyOf(t, name);
    const xliff = exported(folder, name);
    const before = readdirSync(folder).map(file);
    assert.equal(imported(folder, xliff), 0);
    assert.deepEqual(readdirSync(folder).map(file), before);
    assert.ok(xliff.match(/<trans-unit /g).length > 1500);
    const modules = readdirSync(folder).filter((each) => !/^(index|findings)\.ts$/.test(each));
    // What has no letter of ASCII is of the language: each piece of it is there, unless it is in a comment.
    const pieces = modules.flatMap((module) =>
      file(module)
        .replace(/\/\*.*?\*\//gs, '')
        .match(/[^\p{ASCII}]+/gu),
    );
    assert.deepEqual(
      pieces.filter((piece) => !xliff.includes(piece)),
      [],
    );
  }
});

test('a text comes with its English: of a view, of a diagnostic and its hint, of advice, of a decision', (t) => {
  const { folder } = copyOf(t, 'zh');
  const xliff = exported(folder, 'zh-Hans');
  const source = (id) => xliff.split(`id="${id}"`)[1]?.match(/<source>(.*?)<\/source>/)?.[1];
  assert.equal(source('zh/live.start'), 'Start');
  assert.equal(source('zh/sim.preset.home'), 'Home router');
  assert.equal(source('diagnostics/cand.typ/1'), 'Put &quot;typ&quot; before the type.');
  assert.match(source('sentences/ice.no-candidates'), /^No candidate of the \{side\} is here/);
  assert.equal(source('sentences/local-end'), 'no more local candidates will come');
  assert.match(xliff, /<note>Diagnostics in 简体中文/);
});

test('a changed target changes its text alone, however it is written', (t) => {
  const { folder, file } = copyOf(t, 'zh');
  const before = file('live.ts');
  const xliff = withTarget(exported(folder, 'zh'), 'zh/live.start', '&lt;it&apos;s&gt; <![CDATA[\\ & "]]>&#x59cb;');
  assert.equal(imported(folder, xliff), 1);
  const [line] = file('live.ts')
    .split('\n')
    .filter((each) => !before.split('\n').includes(each));
  assert.equal(line.trim(), `'live.start': '<it\\'s> \\\\ & "始',`);
  assert.equal(file('live.ts').split('\n').length, before.split('\n').length);
  assert.equal(imported(folder, xliff), 0, 'read back, it is what the file has');
});

test('an empty target leaves its text as it is', (t) => {
  const { folder } = copyOf(t, 'zh');
  assert.equal(imported(folder, withTarget(exported(folder, 'zh'), 'zh/live.start', '')), 0);
});

test('what does not fit is refused, and named', (t) => {
  const { folder } = copyOf(t, 'zh');
  const xliff = exported(folder, 'zh');
  const refused = (text, message) => assert.throws(() => imported(folder, text), { message });
  refused(withTarget(xliff, 'zh/live.refused', '没有'), 'zh/live.refused: its values are "", and have to be "reason"');
  refused(withTarget(xliff, 'zh/live.start', '<g id="1">开始</g>'), /^zh\/live.start: its target has elements/);
  refused(xliff.replace('id="zh/live.start"', 'id="zh/live.begin"'), /^zh\/live.begin: .*live.ts has no such text$/);
  refused(xliff.replace('original="live.ts"', 'original="../live.ts"'), /has no \.\.\/live\.ts$/);
  refused('{"live.start": "开始"}', /no <file> of XLIFF/);
});
