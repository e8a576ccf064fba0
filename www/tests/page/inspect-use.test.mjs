// Inspect in Chromium as it is used: rubbish, big files, the keyboard alone, links, and a narrow window.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  cancelReading,
  check,
  description,
  editor,
  fixtureOf,
  inspecting,
  ipv4,
  openView,
  paste,
  pcap,
  readResponsively,
  sample,
  scratchFile,
  seedLog,
  textOf,
  udp,
  words,
} from './inspect-page.mjs';
import { drawn } from './views.mjs';

inspecting(() => {
  test('rubbish does no harm', async () => {
    const { page, done } = await openView();
    const rubbish = [
      'nothing to see',
      '\0\0\0',
      '{"a":'.repeat(5000),
      'v=0\r\n'.repeat(3000),
      'candidate:'.repeat(20_000),
      'a=candidate:1 1 udp 1 \u{1F600} 1 typ host\n',
      `m=${'x'.repeat(300_000)}`,
      '\u2028\ud800 lone surrogate',
    ];
    for (const text of rubbish) {
      await paste(page, text);
      await page.waitForFunction((length) => {
        const note = document.querySelector('#inspect-input header')?.textContent ?? '';
        return note.includes('bytes') && document.querySelector('progress, [role=status].ink2') === null && length > 0;
      }, text.length);
      await editor(page).waitFor();
    }
    const noise = Buffer.alloc(50_000);
    for (let at = 0, seed = 7; at < noise.length; at++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      noise[at] = seed >>> 24;
    }
    for (const [name, head] of [
      ['noise.bin', []],
      ['broken.pcap', [0xd4, 0xc3, 0xb2, 0xa1]],
      ['broken.pcapng', [0x0a, 0x0d, 0x0d, 0x0a]],
    ]) {
      noise.set(head);
      await page.setInputFiles('input[type=file]', { name, mimeType: 'application/octet-stream', buffer: noise });
      await page.waitForFunction(() =>
        document.querySelector('#inspect-input header')?.textContent.includes('50\u2009000 bytes'),
      );
    }
    await paste(page, seedLog);
    await page.locator('#inspect-checks').waitFor();
    await done();
  });

  test('a log: a line that advice rests on has a card, which hands the call to the simulator', async () => {
    const { page, done } = await openView();
    const refused =
      '1: : session 001000000000000002: realm <example.org> user <bob>: incoming packet ALLOCATE processed, error 486: Allocation Quota Reached';
    await paste(page, `app: started\n${refused}\n${description('offer')}\n${description('answer')}`);
    const advice = page.locator('#inspect-advice li').filter({ hasText: '486' });
    await advice.getByRole('button', { name: 'line 2' }).click();
    const card = page.locator('#inspect-card');
    assert.match(await words(card), /log\.turn-refused/);
    assert.match(await words(page.locator('.advised.current')), /error 486/);
    assert.match(
      await card.evaluate((element) => element.closest('.card-row').previousElementSibling.textContent),
      /error 486/,
    );
    await page.keyboard.press('Escape');
    await card.waitFor({ state: 'detached' });
    await page
      .locator('.cm-gutter.signs .cm-gutterElement', { has: page.locator('svg') })
      .nth(1)
      .click();
    await card.locator('[data-action=simulate-line]').click();
    await page.locator('[data-evidence=direct]').waitFor();
    assert.match(page.url(), /#simulate$/);

    await page.goBack();
    await page.locator('.verdict').waitFor();
    await page.locator('[data-action=simulate]').click();
    await page.locator('[data-evidence=direct]').waitFor();
    await done();
  });

  test('"Simulate this" is not offered for what shows no call', async () => {
    const { page, done } = await openView();
    await paste(page, '2: : session 001000000000000003: realm <example.org> user <bob>: closed\n');
    await page.locator('#inspect-found').waitFor();
    await editor(page).waitFor();
    assert.equal(await page.locator('[data-action=simulate]').count(), 0);
    await done();
  });

  test('in a narrow window the answer stays in sight when a text was read', async () => {
    const { page, done } = await openView({ width: 412, height: 823 });
    const line = (n) => `candidate:${n} 1 udp 2130706431 192.0.2.${n} 5000 typ host`;
    const good = Array.from({ length: 60 }, (_, n) => line(n + 1)).join('\n');
    await paste(page, `${good}\na=candidate:2  1 udp 1694498815 192.0.2.99 5000 typ srflx\n`);
    // The editor shows its first place when it is made, and scrolls to it in the frame after.
    await page.locator('#inspect-input .cm-content').waitFor({ state: 'attached' });
    await drawn(page);
    assert.equal(await page.evaluate(() => scrollY), 0);
    await done();
  });

  test('a 20 MB log: the page stays responsive, and a reading can be cancelled', async () => {
    const { page, done } = await openView();
    const chatter =
      'app.js:6 15.490: stats bytesReceived 123456 packetsLost 0 jitter 0.0012 roundTripTime 0.0123\n'.repeat(2000);
    let text = '';
    for (let copy = 0; text.length < 20e6; copy++)
      text += chatter + seedLog.replace(/ufrag([: ])(\w{4})/g, `ufrag$1$2${copy}`);
    const file = scratchFile('big.log');
    await writeFile(file, text);

    await readResponsively(page, file, '#inspect-checks');
    await editor(page).press('Control+End');
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    await page.waitForFunction(
      (last) =>
        [...document.querySelectorAll('.cm-lineNumbers .cm-gutterElement')].some(
          (cell) => cell.textContent === String(last),
        ),
      lines,
    );

    await page.getByRole('button', { name: 'Clear' }).click();
    await cancelReading(page, file);
    await paste(page, seedLog);
    await page.locator('#inspect-checks').waitFor();
    await done();
  });

  test('a 20 MB capture: the page stays responsive, and a reading can be cancelled', async () => {
    const { page, done } = await openView();
    // RFC 5769's request with its id changed, over and over, one a millisecond.
    const packets = [];
    const size = pcap([ipv4(17, udp(check(0)))]).length - 24;
    while (packets.length * size < 20e6) packets.push(ipv4(17, udp(check(packets.length))));
    const whole = pcap(packets);
    const file = scratchFile('big.pcap');
    await writeFile(file, whole);

    await cancelReading(page, file);
    await readResponsively(page, file, '#inspect-message');
    assert.match(await textOf(page, '#inspect-found'), /50000 STUN messages[\s\S]*The first \d+ of \d+ are listed/);
    await done();
  });

  test('keyboard alone: type, read, step through diagnostics, fix, sessions, panes', async () => {
    const { page, done } = await openView();
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? '',
      );
    for (let presses = 0; presses < 40 && (await focused()) !== 'Input text'; presses++)
      await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Input text');
    await page.keyboard.insertText(
      'candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\na=candidate:2  1 udp 1694498815 192.0.2.2 5000 typ srflx\n',
    );
    await page.keyboard.press('Control+Enter');
    await page.locator('#inspect-diagnostics [role=option]').first().waitFor();
    const first = await words(page.locator('#inspect-card b').first());
    await page.keyboard.press('F8');
    const second = await words(page.locator('#inspect-card b').first());
    assert.notEqual(first, second);
    await page.keyboard.press('Shift+F8');
    assert.equal(await words(page.locator('#inspect-card b').first()), first);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('#inspect-card').count(), 0);
    const panes = new Set();
    for (let presses = 0; presses < 10; presses++) {
      await page.keyboard.press('F6');
      panes.add(await page.evaluate(() => document.activeElement?.id));
    }
    for (const id of ['inspect-input', 'inspect-found', 'inspect-diagnostics', 'inspect-candidates'])
      assert.ok(panes.has(id), id);
    const list = page.getByRole('listbox', { name: 'Diagnostics' });
    await list.focus();
    await page.keyboard.press('End');
    assert.equal(await list.locator('[role=option]').last().getAttribute('aria-selected'), 'true');
    await editor(page).press('Control+Home');
    await page.keyboard.press('F8');
    await page.locator('#inspect-card').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#inspect-card').waitFor({ state: 'detached' });
    await done();
  });

  test('keyboard alone, every pane: a call, a capture and a dump are read, walked through and left', async () => {
    const { page, done } = await openView();
    /** Presses Tab until the focus is on what `name` matches; what the focus passed is returned. */
    async function tabTo(name, key = 'Tab') {
      const passed = [];
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press(key);
        const here = await page.evaluate(() => {
          const { activeElement: at } = document;
          const shown = at.checkVisibility?.({ visibilityProperty: true }) ?? true;
          // Of lists and grids, the row the keys are on may have the ring.
          const row = document.getElementById(at.getAttribute('aria-activedescendant') ?? '');
          const hasRing = (element) => getComputedStyle(element).outlineStyle !== 'none';
          const name = at.getAttribute('aria-label') ?? at.textContent.trim().slice(0, 60);
          const frames = [at, row ?? at, at.closest('.cm-editor') ?? at];
          return { name, shown, outline: frames.some(hasRing), tag: at.tagName };
        });
        if (here.tag === 'BODY') continue;
        assert.ok(here.shown, `focus on something that is not seen: ${here.name}`);
        assert.ok(here.outline, `no focus ring on ${here.tag} ${here.name}`);
        passed.push(here.name);
        if (name.test(here.name)) return passed;
      }
      assert.fail(`Tab never reaches ${name}: ${passed.join(' | ')}`);
    }
    const press = async (...keys) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const selected = (list) => words(page.getByRole('listbox', { name: list }).locator('[aria-selected=true]'));

    // The sample of a call, from its link.
    await tabTo(/^SIP$/);
    await press('Enter');
    await page.locator('#inspect-checks').waitFor();
    // The pruned pair of its check list, and why.
    await tabTo(/^Matrix$/);
    await press('Enter');
    await page.getByRole('grid', { name: 'Matrix' }).waitFor();
    await tabTo(/^Matrix$|^local ↓/);
    await press('ArrowDown', 'ArrowRight');
    assert.match(await textOf(page, '#inspect-checks'), /same base/);
    // A description as it was sent, and a candidate with its fields.
    await tabTo(/^show whole$/);
    await press('Enter');
    assert.match(await textOf(page, '#inspect-sides'), /lines, as sent/);
    await tabTo(/^priority$/);
    await press('Enter');
    await tabTo(/^Candidates$/);
    await press('ArrowDown', 'ArrowDown');
    assert.match(await textOf(page, '#inspect-candidates'), /address is/);
    // Nothing of it is left after Clear, and the field has the words again.
    await tabTo(/^Clear$/, 'Shift+Tab');
    await press('Enter');
    await page.locator('#inspect-input textarea').waitFor();

    // The sample of a capture: messages, their bytes and fields, checks over time.
    await tabTo(/^pcapng$/);
    await press('Enter');
    await page.locator('#inspect-timeline').waitFor();
    await page.getByRole('listbox', { name: 'Messages' }).waitFor();
    await tabTo(/^Messages$/);
    await press('End', 'ArrowUp');
    assert.match(await selected('Messages'), /^14\s/);
    await press('f');
    const field = () => words(page.locator('#inspect-message [role=option][aria-selected=true]'));
    const first = await field();
    await press('f');
    assert.notEqual(await field(), first);
    await tabTo(/^Checks over time/);
    const shown = () => textOf(page, '#inspect-timeline header');
    const whole = await shown();
    await press('+', '+');
    assert.notEqual(await shown(), whole);
    await press('0', 'ArrowDown', 'ArrowDown');
    assert.equal(await page.locator('#inspect-timeline .row.selected').count(), 1);
    await press('j');
    await press('Escape', 'Escape');

    // A dump by the clipboard: from its advice to the pair it rests on.
    await paste(
      page,
      readFileSync(fixtureOf('scan/about-webrtc.txt'), 'utf8').replace('succeeded\ttrue\ttrue', 'failed\tfalse\tfalse'),
    );
    await page.locator('#inspect-advice li').first().waitFor();
    await page.locator('#inspect-timeline').waitFor();
    await tabTo(/:41267 → .*:50159/);
    await press('Enter');
    assert.equal(await page.locator('#inspect-timeline .row.selected').count(), 1);
    await press('[', ']');
    assert.match(await words(page.locator('#inspect-found [aria-selected=true]')), /about:blank/);
    await press('?');
    await page.getByRole('dialog').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await done();
  });

  test('a link restores the input without its passwords', async () => {
    const { page, done } = await openView({ permissions: ['clipboard-read', 'clipboard-write'] });
    await sample(page, 'sdp');
    await page.getByRole('button', { name: /Copy link/ }).click();
    await page.getByText('Link holds the pasted text. Passwords removed.').first().waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    const other = await page.context().newPage();
    await other.goto(link);
    await other.locator('#inspect-checks').waitFor();
    const sides = await words(other.locator('#inspect-sides'));
    assert.match(sides, /9uB6/);
    assert.match(sides, /x{24}/);
    assert.doesNotMatch(sides, /YH75Fviy6338Vbrhrlp8Yh1c/);
    await done();
  });

  test('360 px: one column, the page does not scroll sideways, in both languages and themes', async () => {
    for (const [locale, colorScheme] of [
      ['en-US', 'light'],
      ['zh-CN', 'dark'],
    ]) {
      const { page, done } = await openView({ width: 360, height: 780, locale, colorScheme });
      for (const name of ['sdp', 'broken', 'stun']) {
        await sample(page, name);
        const { scroll, client } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth,
          client: document.documentElement.clientWidth,
        }));
        assert.ok(scroll <= client, `${name} in ${locale}: ${scroll} > ${client}`);
        await page.locator('.tools button').nth(2).click();
      }
      await done();
    }
  });
});
