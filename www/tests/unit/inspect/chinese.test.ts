import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { phrases as englishPhrases, sentences as englishSentences } from '../../../../npm/src/scan/advice-text';
import { placeholders } from '../../../src/i18n/format';
import { diagnostics, phrases, sentences, verdicts } from '../../../src/languages/zh/findings';
import { verdictLook } from '../../../src/views/inspect/report/verdicts';

/** The rows of `docs/diagnostics.tsv` by the names of its columns. */
function table(): Record<string, string>[] {
  const file = readFileSync(new URL('../../../../docs/diagnostics.tsv', import.meta.url), 'utf8');
  const [head = '', ...rows] = file.trimEnd().split('\n');
  const names = head.split('\t');
  return rows.map((row) => Object.fromEntries(row.split('\t').map((cell, at) => [names[at] ?? '', cell])));
}

const all = [...Object.values(diagnostics).flat(), ...[sentences, phrases, verdicts].flatMap(Object.values<string>)];

it('every diagnostic has a Chinese sentence and hint, and none is left over', () => {
  const codes = table().map(({ code = '' }) => code);
  expect(codes.length).toBeGreaterThan(100);
  expect(Object.keys(diagnostics).sort()).toEqual(codes.sort());
});

it('the numbers of a diagnostic are the same in both languages', () => {
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).sort();
  for (const { code = '', message = '', fix = '' } of table()) {
    expect(numbers(diagnostics[code]?.join(' ') ?? ''), code).toEqual(numbers(`${message} ${fix}`));
  }
});

it('every verdict has Chinese words: a key of its own, or an entry', () => {
  const said = new Set(
    table().flatMap(({ rfc = '', chromium_156 = '', firefox_153 = '' }) => [rfc, chromium_156, firefox_153]),
  );
  expect(said.size).toBeGreaterThan(30);
  const qualified = [...said].filter((verdict) => verdictLook(verdict).key === null);
  expect(Object.keys(verdicts).sort()).toEqual(qualified.sort());
});

it('every piece of advice has a Chinese sentence with the same parameters', () => {
  expect(Object.keys(sentences).sort()).toEqual(Object.keys(englishSentences).sort());
  for (const [code, text] of Object.entries(englishSentences)) {
    expect(placeholders(sentences[code as keyof typeof sentences]), code).toEqual(placeholders(text));
  }
  expect(Object.keys(phrases).sort()).toEqual(Object.keys(englishPhrases).sort());
});

it('it is Chinese: Han, full-width punctuation, a space between Han and Latin', () => {
  for (const text of all) {
    expect(text).toMatch(/[\u4e00-\u9fff]/);
    const words = text.replace(/\{[^}]*\}/g, '');
    expect(words).not.toMatch(/[\u4e00-\u9fff][,;:?!()]/);
    expect(words).not.toMatch(/[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/);
  }
});
