import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fill, placeholders, plain } from '../../src/i18n/format';
import { common, type Table } from '../../src/i18n/tables';
import { WORDS as views } from '../../src/views/parts';

const whole = async (language: 'en' | 'zh'): Promise<Table> =>
  Object.assign({}, common[language], ...(await Promise.all(Object.values(views).map((view) => view[language]()))));
const [en, zh] = await Promise.all([whole('en'), whole('zh')]);

it('both languages have the same keys, none empty', () => {
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const table of [en, zh]) for (const [key, text] of Object.entries(table)) expect(text.trim(), key).not.toBe('');
});

it('both languages use the same values in every message', () => {
  for (const [key, text] of Object.entries(en)) {
    expect(placeholders(zh[key] ?? ''), key).toEqual(placeholders(text));
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
  for (const [view, table] of Object.entries(views)) {
    const own = await table.en();
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
