import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { settings } from '../../../src/app/settings.svelte';
import { zh } from '../../../src/languages/zh/simulate';
import { whyWords } from '../../../src/views/simulate/causes';
import { en } from '../../../src/views/simulate/messages';

beforeAll(() => {
  settings.language = 'en';
});

/** Names that a function of the crate gives, one an arm of its match. */
function namesOf(path: string, from: string): string[] {
  const source = readFileSync(new URL(`../../../../src/${path}`, import.meta.url), 'utf8');
  const start = source.indexOf(from);
  const body = source.slice(start, source.indexOf('\n    }\n', start));
  return [...body.matchAll(/=> "([a-z-]+)"/g)].map(([, name = '']) => name);
}

it('every cause has a sentence in both languages, and none is left over', () => {
  const failures = namesOf('ice/agent/failure.rs', 'fn name');
  const causes = namesOf('sim/simulation/cause.rs', 'fn code');
  expect(failures.length).toBeGreaterThan(5);
  expect(causes.length).toBeGreaterThan(5);
  const codes = ['direct', 'relayed', ...failures, ...causes];
  for (const messages of [en, zh]) {
    const told = Object.keys(messages).filter((key) => key.startsWith('sim.cause.'));
    expect(told.sort()).toEqual(codes.map((code) => `sim.cause.${code}`).sort());
  }
});

it('causes are sentences; a code of a later engine leaves the engine’s own', () => {
  const dropped = { code: 'dropped', network: 'home A', packets: 1, rule: 'no-mapping' };
  const causes = [{ code: 'all-silent', host: 'A' }, dropped];
  const why = 'A: no check was answered. As the engine says it';
  expect(whyWords({ causes, why })).toBe(
    'A: no check was answered. The NAT of home A dropped 1 packet: no mapping has that port.',
  );
  settings.language = 'zh';
  expect(whyWords({ causes, why })).toBe('A：没有检查得到应答。home A 的 NAT 丢弃了 1 个数据包：该端口没有映射。');
  settings.language = 'en';
  expect(whyWords({ causes: [...causes, { code: 'later' }], why })).toBe(`${why}.`);
  expect(whyWords({ causes: [{ ...dropped, rule: 'later' }], why })).toBe(`${why}.`);
});
