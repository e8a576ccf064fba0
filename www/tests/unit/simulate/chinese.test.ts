import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { placeholders } from '../../../src/i18n/format';
import { kept, sentences, stream, words } from '../../../src/languages/zh/decisions';
import { zh } from '../../../src/languages/zh/simulate';
import { translated } from '../../../src/views/simulate/decisions.svelte';
import { en } from '../../../src/views/simulate/messages';
import type { DecisionEntry } from '../../../src/views/simulate/model/types';

const rows = readFileSync(new URL('../../../../docs/decisions.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((row) => row.split('\t'));

it('every decision has a Chinese sentence with the same parameters, and none is left over', () => {
  const english = rows.filter(([kind]) => kind === 'sentence');
  expect(english.length).toBeGreaterThan(70);
  expect(Object.keys(sentences).sort()).toEqual(english.map(([, code]) => code).sort());
  for (const [, code = '', text = ''] of english) {
    expect(placeholders(sentences[code] ?? ''), code).toEqual(placeholders(text));
  }
});

it('every word of a decision is Chinese, or a name that stays', () => {
  const english = rows.filter(([kind]) => kind === 'word').map(([, , text]) => text);
  expect(english.length).toBeGreaterThan(70);
  expect([...Object.keys(words), ...kept].sort()).toEqual(english.sort());
});

it('it is Chinese: Han, full-width punctuation, a space between Han and Latin', () => {
  for (const text of [...Object.values(sentences), ...Object.values(words)]) {
    expect(text.replace(/\{[^}]*\}/g, '')).toMatch(/[\u4e00-\u9fff]|^$/);
    expect(text).not.toMatch(/[\u4e00-\u9fff][,;:?!()]/);
    expect(text).not.toMatch(/[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/);
  }
});

const decision = (code: string, more: Partial<DecisionEntry>): DecisionEntry => ({
  ...{ time: 0, kind: 'decision', host: 'A', code, rule: '', why: 'in English' },
  ...more,
});
const chinese = (code: string, more: Partial<DecisionEntry>) =>
  translated({ sentences, words, stream }, decision(code, more));

it('a decision is told in Chinese, its words too', () => {
  const selected = { component: 1, pair: 4, local: '10.0.0.2:5', remote: '192.0.2.1:7', what: 'both sides are lite' };
  expect(chinese('selected', selected)).toBe('组件 1 使用候选对 4，10.0.0.2:5 到 192.0.2.1:7：双方都是 lite');
  expect(chinese('selected', { ...selected, stream: 2 })).toContain('组件 1（流 2）');
  expect(chinese('list-state', { stream: 2, component: 1, what: 'Failed' })).toBe('检查列表 2 为 Failed');
  expect(chinese('state-changed', { was: 'new', what: 'checking' })).toBe('从 new 变为 checking');
  expect(chinese('of a later engine', {})).toBe('in English');
});

it('every rule by which a NAT drops has words in both languages', () => {
  const page = readFileSync(new URL('../../../../docs/trace.md', import.meta.url), 'utf8');
  const rules = /pass a packet;([^.]*) drop it\./.exec(page)?.[1]?.match(/(?<=`)[a-z-]+(?=`)/g) ?? [];
  expect(rules.length).toBeGreaterThan(10);
  for (const messages of [en, zh]) {
    const told = Object.keys(messages).filter((key) => key.startsWith('sim.drop.'));
    expect(told.sort()).toEqual(rules.map((rule) => `sim.drop.${rule}`).sort());
  }
});
