import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settings } from '../../../src/app/settings.svelte';
import { loadWords } from '../../../src/i18n/index.svelte';
import { zh } from '../../../src/languages/zh/simulate';
import { faultWords } from '../../../src/views/simulate/faults';
import { en } from '../../../src/views/simulate/messages';

beforeAll(async () => {
  await loadWords('simulate', 'zh');
  await loadWords('simulate', 'en');
});
afterAll(() => {
  settings.language = 'en';
});

/** Faults of calls that the page does not make: its scenarios have no programs of a caller's own. */
const ELSEWHERE = new Set([
  ...['no-own-host', 'foreign-address', 'port-zero', 'other-family', 'long-datagram', 'no-address'],
  ...['two-kinds', 'no-place'],
]);

it('every fault of the engine has a sentence in both languages, with the same values', () => {
  const source = readFileSync(new URL('../../../../src/sim/fault.rs', import.meta.url), 'utf8');
  const rows = [...source.matchAll(/^ {4}[A-Z]\w+ "([a-z0-9-]+)"\s+"(.*)"$/gm)];
  expect(rows.length).toBeGreaterThan(30);
  for (const [, code = '', sentence = ''] of rows.filter(([, code = '']) => !ELSEWHERE.has(code))) {
    const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const messages of [en, zh] as Record<string, string>[]) {
      const told = messages[`sim.fault.${code}`];
      expect(told, code).toBeDefined();
      expect(names(told ?? ''), code).toEqual(names(sentence));
    }
  }
});

it('a fault is told in the chosen language, with its place', () => {
  const wrong = { code: 'wrong-type', path: 'until', values: { expected: 'u64', found: '-1' } };
  const many = { code: 'too-many', path: 'hosts', values: { count: '129', what: 'hosts', limit: '128' } };
  const none = { code: 'no-call', path: '', values: {} };
  settings.language = 'en';
  expect([wrong, many, none].map(faultWords)).toEqual([
    'until must be a whole number from 0 on, not -1',
    'hosts: 129 hosts; 128 are the limit',
    'it shows no call, neither candidates nor checks',
  ]);
  settings.language = 'zh';
  expect([wrong, many, none].map(faultWords)).toEqual([
    'until 必须是非负整数，而不是 -1',
    'hosts：129 台主机，上限为 128',
    '其中没有通话：既没有候选，也没有检查',
  ]);
  expect(faultWords({ code: 'of-tomorrow', path: '', values: {} })).toBeNull();
});
