import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** The shipped tokens: name → [light, dark]. */
const css = readFileSync(new URL('../../src/styles/tokens.css', import.meta.url), 'utf8');
const tokens = new Map<string, [string, string]>();
for (const [, name, light, dark] of css.matchAll(/--(\w+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)) {
  if (name && light && dark) tokens.set(name, [light, dark]);
}

/** WCAG 2 relative luminance. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const c = Number.parseInt(colour.slice(i, i + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function ratio(text: string, ground: string, theme: 0 | 1): number {
  const a = tokens.get(text)?.[theme];
  const b = tokens.get(ground)?.[theme];
  if (!a || !b) throw new Error(`no token --${a ? ground : text}`);
  return contrast(a, b);
}

const TEXT = [
  'ink',
  'ink2',
  'ink3',
  'accent',
  'host',
  'srflx',
  'prflx',
  'relay',
  'frozen',
  'waiting',
  'progress',
  'ok',
  'fail',
  'warn',
];
const PAIRS: [string, string][] = [
  ...TEXT.flatMap((text) => ['bg', 'bg2', 'accentbg'].map((ground): [string, string] => [text, ground])),
  ...['host', 'srflx', 'prflx', 'relay', 'ok', 'fail', 'warn'].map((hue): [string, string] => [hue, `${hue}bg`]),
  ['onaccent', 'accent'],
  ['ink', 'b0'],
  ['ink', 'b1'],
  ['ink2', 'b0'],
  ['ink2', 'b1'],
  ['ink3', 'b0'],
  ['ink3', 'b1'],
  ['ink', 'bg3'],
  ['ink2', 'bg3'],
  ['ink3', 'bg3'],
  ['ink', 'warnbg'],
];

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('%s theme', (_, theme) => {
  it.each(PAIRS)('--%s on --%s is at least 4.5:1', (text, ground) => {
    expect(ratio(text, ground, theme)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['bg', 'bg2'])('control borders on --%s are at least 3:1', (ground) => {
    expect(ratio('ctl', ground, theme)).toBeGreaterThanOrEqual(3);
  });
});

it('knows the formula: black on white is 21:1', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
});

it('every colour of the page is a token with both themes', () => {
  expect(tokens.size).toBe(30);
  expect(css.match(/#[0-9a-f]{3,8}/gi)).toHaveLength(tokens.size * 2);
});
