import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ENGINE } from '../../src/i18n/engine';
import { fill, placeholders, plain } from '../../src/i18n/format';
import { common, type Table } from '../../src/i18n/tables';
import { LANGUAGES } from '../../src/languages';

const languages = Object.entries(LANGUAGES);
const whole = async (language: string): Promise<Table> => {
  const views = await Promise.all(Object.values(LANGUAGES[language]?.views ?? {}).map((view) => view()));
  return Object.assign({}, common[language], ...views);
};
const [en, zh] = await Promise.all([whole('en'), whole('zh')]);
/** Keys of the page's own words: the engine's sentences come in English with its reports. */
const own = (table: Table) => Object.keys(table).filter((key) => !key.startsWith(ENGINE));

it('there are languages, English first, each with a tag and a name', () => {
  expect(languages.map(([name]) => name)).toEqual([
    'en',
    ...languages
      .map(([name]) => name)
      .slice(1)
      .sort(),
  ]);
  expect(languages.length).toBeGreaterThan(1);
  for (const [, { tag, name }] of languages)
    expect([Intl.getCanonicalLocales(tag)[0], name.trim()]).toEqual([tag, name]);
});

it('all languages have the same keys, none empty', async () => {
  for (const [name] of languages) {
    const table = await whole(name);
    expect(own(table).sort(), name).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(table)) expect(text.trim(), `${name} ${key}`).not.toBe('');
  }
});

it('all languages use the same values in every message', async () => {
  for (const [name] of languages) {
    const table = await whole(name);
    for (const [key, text] of Object.entries(en)) {
      expect(placeholders(table[key] ?? ''), `${name} ${key}`).toEqual(placeholders(text));
    }
  }
});

it('a count has the word for one beside the word for many', () => {
  // Names of counts are those that choose a word in some message; with a word that ends in s behind them, they have to.
  const counts = new Set(
    Object.values(en).flatMap((text) => [...text.matchAll(/\{(\w+)\|/g)].map((match) => match[1])),
  );
  expect(counts.size).toBeGreaterThan(3);
  const verbs = /^(?:is|was|has|does|as|this)$/;
  const fixed = Object.entries(en).flatMap(([key, text]) =>
    [...text.matchAll(/\{(\w+)\}(?: (?:more|other|concurrent))? ([a-z]+[^s\W]s)\b/g)]
      .filter(([, name, word]) => counts.has(name) && !verbs.test(word ?? ''))
      .map(([found]) => `${key}: ${found}`),
  );
  expect(fixed).toEqual([]);
});

it('a language is one folder: nothing else of the page names it or holds its words', () => {
  const source = new URL('../../src/', import.meta.url);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.(?:ts|svelte)$/.test(file),
  );
  const others = languages.map(([name]) => name).filter((name) => name !== 'en');
  for (const file of files.filter((file) => !others.some((name) => file.startsWith(`languages/${name}/`)))) {
    const text = readFileSync(new URL(file, source), 'utf8');
    expect(text, file).not.toMatch(/\p{Script=Han}/u);
    for (const name of others) expect(text, file).not.toMatch(new RegExp(`['"]${name}['"]`));
  }
});

it('the Chinese has full-width punctuation and a space between Han and Latin', () => {
  for (const [key, text] of Object.entries(zh)) {
    const words = text.replace(/\{[^}]*\}/g, '');
    expect(words, key).not.toMatch(/[\u4e00-\u9fff][,;:?!]/);
    expect(words, key).not.toMatch(/[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/);
  }
});

it('fills values, words by number, and stressed text', () => {
  expect(plain(fill('{n} {n|pair|pairs} of {all}', { n: 1, all: 3 }))).toBe('1 pair of 3');
  expect(plain(fill('{n} {n|pair|pairs}', { n: 2 }))).toBe('2 pairs');
  expect(fill('**Port {p}** is', { p: 0 })).toEqual([
    { text: 'Port 0', kind: 'strong' },
    { text: ' is', kind: 'text' },
  ]);
});

it('a value that is missing stays visible', () => {
  expect(plain(fill('a {b} c'))).toBe('a {b} c');
});

it('a view uses its own words and those of the frame alone: the others may not be there', async () => {
  const source = new URL('../../src/', import.meta.url);
  for (const [view, words] of Object.entries(LANGUAGES.en?.views ?? {})) {
    const own = await words();
    const foreign = Object.keys(en).filter((key) => !Object.hasOwn(own, key) && !Object.hasOwn(common.en, key));
    const folder = new URL(`views/${view}/`, source);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(?:ts|svelte)$/.test(file),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), 'utf8');
      const used = [...text.matchAll(/\bt\('([\w.-]+)'|\bk(?:ey)?[=:]\s*['"]([\w.-]+)['"]/g)].map(
        ([, a, b]) => a ?? b ?? '',
      );
      expect(
        used.filter((key) => foreign.includes(key)),
        `${view}/${file}`,
      ).toEqual([]);
    }
  }
});
