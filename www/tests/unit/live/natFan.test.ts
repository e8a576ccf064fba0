import { describe, expect, test } from 'vitest';
import { drawFan, LABEL_PX } from '../../../src/views/live/natFan';

const seen = (mapped: string, destination: string, base = '10.2.0.2:44113') => ({ base, mapped, destination });
const CASES = {
  'one mapping': [seen('203.0.113.9:44113', '203.0.113.10:3478'), seen('203.0.113.9:44113', '203.0.113.11:3478')],
  'two exits': [seen('203.0.113.102:63425', '203.0.113.10:3478'), seen('198.51.100.7:27397', '203.0.113.11:3478')],
  IPv6: [
    seen('[2001:db8:85a3:8d3:1319:8a2e:370:7348]:443', '[2001:db8::10]:3478', '[2001:db8:1:2:3:4:5:6]:50000'),
    seen('[2001:db8:85a3:8d3:1319:8a2e:370:7349]:443', '[2001:db8::11]:3478', '[2001:db8:1:2:3:4:5:6]:50000'),
  ],
};

describe.each(Object.entries(CASES))('%s', (_, observations) => {
  test.each([226, 264, 320, 420])('no label stands on another, in %i px', (width) => {
    const fan = drawFan(observations, width);
    if (fan === null) throw new Error('nothing is drawn');
    const box = ({ x, y, text }: { x: number; y: number; text: string }) => ({
      x,
      y,
      right: x + text.length * LABEL_PX,
    });
    const labels = [fan.base, ...fan.mappings, ...fan.mappings.flatMap((m) => m.servers)].map(box);
    for (const [i, a] of labels.entries()) {
      expect(a.right).toBeLessThanOrEqual(width + 0.01);
      for (const b of labels.slice(i + 1)) {
        const apart = a.right <= b.x || b.right <= a.x || Math.abs(a.y - b.y) >= 11;
        expect(apart, JSON.stringify([a, b])).toBe(true);
      }
    }
    expect(fan.bend).toBeGreaterThan(0);
    for (const mapping of fan.mappings) expect(mapping.text).toMatch(/:\d+$/);
  });
});

test('nothing is drawn without observations', () => {
  expect(drawFan([], 320)).toBeNull();
});
