import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { en } from '../../../src/views/simulate/devices';
import { axes, axesOf, natName, PRESETS, TILES, twoNats, withAxis } from '../../../src/views/simulate/model/build';
import { agentOf } from '../../../src/views/simulate/model/checks';
import { along, drawing, linksOf, shortened, wayOf } from '../../../src/views/simulate/model/drawing';
import { begun, bytesOf, ladder } from '../../../src/views/simulate/model/ladder';
import { chainOf, lanesOf, usedLanes } from '../../../src/views/simulate/model/lanes';
import { drops, natOf } from '../../../src/views/simulate/model/nats';
import { deeperThan, MAX_NESTING } from '../../../src/views/simulate/model/scenarioFile';
import type { Entry, NatEntry, PacketParts, Scenario } from '../../../src/views/simulate/model/types';

const scenario = twoNats({ a: { classic: 'symmetric' }, b: { preset: 'home' }, relay: true, seed: 3 });

const parts = (packet: number, source: string, destination: string): PacketParts => ({
  ...{ packet, source, destination, message: 'binding request', length: 2, bytes: '0001' },
});
const nat = (time: number, network: string, more: Partial<NatEntry>): Entry =>
  ({
    ...parts(1, '10.1.0.2:5', '198.51.100.1:3478'),
    ...{ time, kind: 'nat', network, direction: 'out', passes: true, rule: 'new-mapping', why: '', ...more },
  }) as Entry;
const decision = (time: number, code: string, more: object): Entry => ({
  ...{ time, kind: 'decision', host: 'A', code, rule: 'RFC 8445 §7', why: '' },
  ...more,
});

const trace: Entry[] = [
  { time: 0, kind: 'sent', host: 'A', ...parts(1, '10.1.0.2:5', '198.51.100.1:3478') },
  nat(1, 'network A', { newSource: '203.0.113.1:77', newDestination: '198.51.100.1:3478' }),
  { time: 12, kind: 'received', host: 'stun', ...parts(1, '203.0.113.1:77', '198.51.100.1:3478') },
  { time: 20, kind: 'signal', from: 'A', to: 'B', message: { type: 'candidate', candidate: 'candidate:1 typ host' } },
  { time: 30, kind: 'sent', host: 'A', ...parts(2, '10.1.0.2:5', '203.0.113.9:9') },
  nat(31, 'network A', {
    packet: 2,
    destination: '203.0.113.9:9',
    newSource: '203.0.113.1:78',
    newDestination: '203.0.113.9:9',
  }),
  nat(42, 'network B', { packet: 2, direction: 'in', passes: false, rule: 'filtered', why: 'dropped' }),
  { time: 50, kind: 'sent', host: 'B', ...parts(3, '10.2.0.2:5', '10.1.0.2:5') },
  { time: 61, kind: 'no-route', packet: 3, source: '10.2.0.2:5', destination: '10.1.0.2:5' },
];

it('lanes stand from the caller outwards and in to the called, and those without packets are left out', () => {
  expect(lanesOf(scenario).map(({ name }) => name)).toEqual(['A', 'network A', 'stun', 'turn', 'network B', 'B']);
  expect(usedLanes(lanesOf(scenario), trace).map(({ name }) => name)).toEqual([
    'A',
    'network A',
    'stun',
    'network B',
    'B',
  ]);
  const nested = {
    networks: [
      { name: 'home', within: 'carrier' },
      { name: 'carrier', within: 'home' },
    ],
  };
  expect(chainOf(nested, 'home')).toEqual(['home', 'carrier']);
});

it('each hop of a packet is a row, and a row says how the hop ended', () => {
  const rows = ladder(scenario, trace);
  expect(rows.map(({ from, to, fate }) => `${from}>${to} ${fate}`)).toEqual([
    'host:A>nat:network A arrives',
    'nat:network A>host:stun arrives',
    'host:A>host:B arrives',
    'host:A>nat:network A arrives',
    'nat:network A>nat:network B dropped',
    'host:B>null no-route',
  ]);
  expect(rows[1]?.packet?.source).toBe('203.0.113.1:77');
  expect(rows[2]).toMatchObject({ arrow: 'signal', end: 70, packet: null });
  expect(rows[4]?.nat?.rule).toBe('filtered');
  expect([begun(rows, -1), begun(rows, 20), begun(rows, 1e9)]).toEqual([0, 3, 6]);
});

it('a NAT has the mappings that were used until then, and forgets them when it reboots', () => {
  expect(natOf(trace, 'network A')(10).mappings).toHaveLength(1);
  const later = natOf(trace, 'network A')(40);
  expect(later.mappings.map(({ outside }) => outside)).toEqual(['203.0.113.1:78', '203.0.113.1:77']);
  expect(natOf(trace, 'network B')(60)).toMatchObject({ dropped: 1, mappings: [] });
  const reboot: Entry[] = [...trace, { time: 70, kind: 'event', event: { what: 'reboot', network: 'network A' } }];
  expect(natOf(reboot, 'network A')(80).mappings).toEqual([]);
  expect(drops(trace)).toEqual([{ network: 'network B', rule: 'filtered', why: 'dropped', count: 1 }]);
});

it('a check list at a time follows from the decisions until then', () => {
  const ways = { local: '10.1.0.2:5', remote: '10.2.0.2:5' };
  const lines = [
    decision(1, 'local-candidate', { local: ways.local, what: 'host', number: 2130706431 }),
    decision(2, 'remote-candidate', { remote: ways.remote, what: 'srflx', number: 1694498815 }),
    decision(3, 'pair-unfrozen', { pair: 1, what: 'Waiting' }),
    decision(3, 'pair-formed', { pair: 1, ...ways }),
    decision(3, 'pair-redundant', { local: '203.0.113.1:77', remote: ways.remote }),
    decision(4, 'check-sent', { pair: 1, ...ways }),
    decision(5, 'check-succeeded', { pair: 1 }),
    decision(6, 'check-sent', { pair: 1, ...ways }),
    decision(7, 'nominated', { pair: 1 }),
    decision(7, 'selected', { pair: 1 }),
    decision(8, 'state-changed', { what: 'completed' }),
  ];
  const at = (time: number) => agentOf(lines, 'A', true)(time).pairs.map(({ state }) => state);
  expect([at(2), at(3), at(4), at(6)]).toEqual([
    [],
    ['waiting', 'pruned'],
    ['in-progress', 'pruned'],
    ['succeeded', 'pruned'],
  ]);
  const last = agentOf(lines, 'A', true)(8);
  expect(last).toMatchObject({ state: 'completed', controlling: true });
  // 2^32 × 1694498815 + 2 × 2130706431 + 1
  expect(last.pairs[0]).toMatchObject({
    selected: true,
    nominated: true,
    priority: '7277816997797167103',
    localType: 'host',
  });
});

it('pairs that were not decided are cancelled when another is nominated', () => {
  const lines = [
    decision(1, 'pair-formed', { pair: 1, local: 'a', remote: 'b' }),
    decision(1, 'pair-formed', { pair: 2, local: 'a', remote: 'c' }),
    decision(2, 'check-succeeded', { pair: 1 }),
    decision(3, 'nominated', { pair: 1 }),
    decision(3, 'pairs-removed', {}),
  ];
  expect(agentOf(lines, 'A', true)(3).pairs.map(({ id, state }) => [id, state])).toEqual([
    [1, 'succeeded'],
    [2, 'cancelled'],
  ]);
});

it('no box of the drawing stands outside or on another, at any width', () => {
  for (const width of [264, 360, 522, 900]) {
    const { boxes } = drawing(lanesOf(scenario), width);
    for (const [i, box] of boxes.entries()) {
      expect(box.x).toBeGreaterThanOrEqual(0);
      expect(box.x + box.width).toBeLessThanOrEqual(width + 0.01);
      for (const other of boxes.slice(i + 1)) {
        const apart = box.x + box.width <= other.x || other.x + other.width <= box.x;
        expect(apart || box.y + box.height <= other.y || other.y + other.height <= box.y, `${width}`).toBe(true);
      }
    }
  }
});

it('networks that a host is in one after the other stand one above the other, and the line to the present one is whole', () => {
  const file = new URL('../../../../src/sim/scenarios/network-switch.json', import.meta.url);
  const moving: Scenario = JSON.parse(readFileSync(file, 'utf8'));
  for (const width of [264, 360, 522, 900]) {
    const drawn = drawing(lanesOf(moving), width);
    const { boxes } = drawn;
    const box = (name: string) => boxes.find(({ lane }) => lane.name === name) ?? { x: -1, y: -1, height: 0 };
    expect(box('mobile').x).toBe(box('Wi-Fi').x);
    expect(box('mobile').y).toBeGreaterThan(box('Wi-Fi').y + box('Wi-Fi').height);
    for (const { y, height } of boxes) expect(y + height).toBeLessThan(drawn.height);
    const used = (time: number) => linksOf(drawn, moving, time).filter((link) => link.used);
    const passes = (time: number, name: string) =>
      used(time).some(({ way }) => way[0]?.y === box(name).y + box(name).height / 2);
    expect([passes(0, 'Wi-Fi'), passes(0, 'mobile')]).toEqual([true, false]);
    expect([passes(20_000, 'Wi-Fi'), passes(20_000, 'mobile')]).toEqual([false, true]);
    expect(linksOf(drawn, moving, 0)).toHaveLength(6);
  }
});

it('a packet moves from the edge of one box to the edge of the next', () => {
  const drawn = drawing(lanesOf(scenario), 522);
  const way = wayOf(drawn, { from: 'nat:network A', to: 'host:stun', fate: 'arrives' });
  const box = drawn.boxes.find(({ lane }) => lane.name === 'network A');
  expect(along(way, 0).x).toBe((box?.x ?? 0) + (box?.width ?? 0));
  expect(along(way, 1).y).toBe(58);
  expect(wayOf(drawn, { from: 'host:nobody', to: null, fate: 'lost' })).toEqual([]);
});

it('names and bytes', () => {
  expect(axes({ mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' })).toBe('EI / APD');
  expect([natName({ preset: 'home' }), natName(undefined)]).toEqual(['home', 'RFC 4787']);
  expect(bytesOf('0001ff')).toEqual(Uint8Array.of(0, 1, 255));
  expect(scenario.hosts?.map(({ name }) => name)).toEqual(['stun', 'turn', 'A', 'B']);
});

it('the tiles say of each device what the engine says', () => {
  const source = readFileSync(new URL('../../../../src/sim/nat/presets.rs', import.meta.url), 'utf8');
  const linux = /let linux = .*nat\((\w+), (\w+),/.exec(source);
  const order = ['Any', 'Address', 'Port'];
  for (const { nat, axes } of TILES) {
    if (!nat.preset || !axes) continue;
    const variant = new RegExp(`(\\w+) "${nat.preset}"`).exec(source)?.[1];
    const found = new RegExp(`Preset::${variant} =>(?:(?!Preset::)[^])*?\\bnat\\((\\w+), (\\w+),`).exec(source);
    const said = new RegExp(`Preset::${variant} => linux,`).test(source) ? linux : found;
    expect([said?.[1], said?.[2]], nat.preset).toEqual(axes.map((axis) => order[axis]));
  }
});

it('an axis that is changed keeps the rest of the device', () => {
  expect(withAxis({ preset: 'home' }, 'filtering', 0)).toEqual({ preset: 'home', filtering: 'endpoint-independent' });
  expect(axesOf({ preset: 'home', filtering: 'endpoint-independent' })).toEqual([0, 0]);
  expect(axesOf({ classic: 'open' })).toBeNull();
  expect(axesOf(withAxis({ classic: 'open' }, 'mapping', 2))).toEqual([2, 2]);
});

it('no tag covers a box where the gaps are narrower than a tag', () => {
  const lanes = lanesOf(scenario);
  const { boxes, lowest } = drawing(lanes, 350);
  for (const { lane, y, height } of boxes) {
    if (lane.kind === 'server') expect(y + height).toBeLessThan(lowest - 9);
    else expect(y).toBeGreaterThan(lowest + 9);
  }
  const wide = drawing(lanes, 600);
  expect(wide.lowest).toBe(wide.height);
});

it('a way is shortened at both ends, as far as enough of it is left', () => {
  const straight = [
    { x: 0, y: 5 },
    { x: 100, y: 5 },
  ];
  expect(shortened(straight, 17)).toEqual([
    { x: 17, y: 5 },
    { x: 83, y: 5 },
  ]);
  expect(
    shortened(
      [
        { x: 26, y: 5 },
        { x: 0, y: 5 },
      ],
      17,
    ),
  ).toEqual([
    { x: 19, y: 5 },
    { x: 7, y: 5 },
  ]);
  const bent = [
    { x: 0, y: 0 },
    { x: 0, y: 50 },
    { x: 40, y: 50 },
  ];
  expect(shortened(bent, 17)).toEqual([
    { x: 0, y: 17 },
    { x: 0, y: 50 },
    { x: 23, y: 50 },
  ]);
  expect(shortened([], 17)).toEqual([]);
});

it('every device of the engine can be chosen, and no other', () => {
  const table = readFileSync(new URL('../../../../docs/nat-inference.md', import.meta.url), 'utf8');
  const devices = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  expect(devices.length).toBeGreaterThan(20);
  expect([...PRESETS].sort()).toEqual(devices.sort());
  expect(Object.keys(en).sort()).toEqual(devices.map((name) => `sim.preset.${name}`));
});

it('a JSON value that is nested too deep is told without going down all of it', () => {
  const nested = (deep: number) => JSON.parse('['.repeat(deep) + ']'.repeat(deep));
  expect(deeperThan(nested(MAX_NESTING), MAX_NESTING)).toBe(false);
  expect(deeperThan(nested(50_000), MAX_NESTING)).toBe(true);
});
