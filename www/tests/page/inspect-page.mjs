// Inspect in Chromium for its tests: texts and captures, a page of its own for each test, and what one does there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { productOfFile, skip } from './file.mjs';

export const fixtureOf = (name) => fileURLToPath(new URL(`../../../tests/fixtures/${name}`, import.meta.url));
export const seedLog = readFileSync(fixtureOf('scan/seed-000.txt'), 'utf8');
const SAMPLES = { sdp: 0, log: 1, broken: 2, sip: 3, stun: 4, pcapng: 5 };

/** The request of RFC 5769 §2.1 with another id. */
export function check(number) {
  const request = Buffer.from(
    '000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36' +
      '00060009' +
      '6576746a3a68367659202020' +
      '000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf',
    'hex',
  );
  request.writeUInt32BE(number, 8);
  return request;
}

/** From 10.1.0.2:50312 to 203.0.113.10:36246. */
export const udp = (payload) =>
  Buffer.concat([Buffer.from([0xc4, 0x88, 0x8d, 0x96, 0, 8 + payload.length, 0, 0]), payload]);

/** Between the same hosts, or back. */
export function ipv4(protocol, body, back = false) {
  const head = Buffer.from('4500000000000000400000000a010002cb00710a', 'hex');
  if (back) head.copyWithin(12, 16, 20).write('0a010002', 16, 'hex');
  head[9] = protocol;
  head.writeUInt16BE(20 + body.length, 2);
  return Buffer.concat([head, body]);
}

/** A pcap file of raw IP packets, one a millisecond. */
export function pcap(packets) {
  const records = packets.flatMap((packet, at) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(Math.floor(at / 1000), 0);
    head.writeUInt32LE((at % 1000) * 1000, 4);
    head.writeUInt32LE(packet.length, 8);
    head.writeUInt32LE(packet.length, 12);
    return [head, packet];
  });
  return Buffer.concat([Buffer.from('d4c3b2a1020004000000000000000000ffff000065000000', 'hex'), ...records]);
}

let product;
let scratch;

/** Place of a file of the tests' own, which goes with them. */
export const scratchFile = (name) => join(scratch, name);

/** Runs tests that open Inspect. */
export function inspecting(tests) {
  describe('Inspect', { skip, timeout: 1_200_000 }, () => {
    product = productOfFile();
    before(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'icelens-inspect-'));
    });
    after(async () => {
      if (scratch) await rm(scratch, { recursive: true });
    });
    tests();
  });
}

/** A page with Inspect open and empty. Anything thrown in it fails the test. */
export async function openView(options = {}) {
  const page = await product.open('#inspect', options);
  await page.locator('#inspect-input textarea').waitFor();
  return {
    page,
    async done() {
      await page.context().close();
      assert.deepEqual(product.errors.splice(0), []);
    },
  };
}

export const paste = (page, text) =>
  page.evaluate((words) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', words);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);

export const editor = (page, name = 'Input text') => page.getByRole('textbox', { name, exact: true });

export const description = (type) => `v=0
o=- ${type === 'offer' ? 1 : 2} 2 IN IP4 127.0.0.1
s=-
t=0 0
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=ice-ufrag:${type}
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF
a=setup:${type === 'offer' ? 'actpass' : 'active'}
a=mid:0
a=sctp-port:5000
a=candidate:1 1 udp 2130706431 192.0.2.${type === 'offer' ? 1 : 2} 5000 typ host
`;

export const sample = async (page, name) => {
  await page.locator('#inspect-input .actions .link-button').nth(SAMPLES[name]).click();
  await page.locator('#inspect-found [role=option]').first().waitFor();
};

/** Opens a file, and sees that the page is never busy for half of the reading: on its own thread it would be one task. */
export async function readResponsively(page, file, pane) {
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.longTasks.push(Math.round(entry.duration));
    }).observe({ entryTypes: ['longtask'] });
  });
  const began = performance.now();
  await page.setInputFiles('input[type=file]', file);
  await page.locator(pane).waitFor({ timeout: 90_000 });
  const took = Math.round(performance.now() - began);
  // The tasks that draw the panes are told of when they are over.
  await page.evaluate(() => new Promise((drawn) => requestIdleCallback(() => requestAnimationFrame(drawn))));
  const longest = Math.max(0, ...(await page.evaluate(() => window.longTasks)));
  console.log(`  ${basename(file)}: read in ${took} ms, longest task of the page's thread ${longest} ms`);
  assert.ok(longest < took / 2, `${longest} ms of ${took}`);
}

/** Opens a file and cancels: the view is as empty as before. */
export async function cancelReading(page, file) {
  // The page itself presses the button as soon as it is there: from out here the reading may be over before.
  await page.evaluate(() => {
    window.cancelled = new Promise((pressed) => {
      new MutationObserver((_, observer) => {
        const button = [...document.querySelectorAll('.tools button')].find((b) => b.textContent === 'Cancel');
        if (button === undefined) return;
        observer.disconnect();
        button.click();
        pressed();
      }).observe(document.body, { childList: true, subtree: true });
    });
  });
  await page.setInputFiles('input[type=file]', file);
  await page.evaluate(() => window.cancelled);
  await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
  assert.equal(await page.locator('#inspect-input textarea').count(), 1, 'cancelled: still empty');
}

/** File that "Export JSON" saves. */
export async function exported(page) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export JSON' }).click(),
  ]);
  return JSON.parse(await readFile(await download.path(), 'utf8'));
}

/** Text of an element, once there is some: panes come one after the other. */
export const words = async (locator) => {
  await locator.first().waitFor();
  return (await locator.allInnerTexts()).join('\n');
};
export const textOf = (page, selector) => words(page.locator(selector));
