// Inspect in a real Chromium, as people use it: paste, keys, files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  check,
  description,
  editor,
  exported,
  fixtureOf,
  inspecting,
  ipv4,
  openView,
  paste,
  pcap,
  sample,
  seedLog,
  textOf,
  udp,
  words,
} from './inspect-page.mjs';
import { eventually } from './views.mjs';

inspecting(() => {
  test('a log: what was read of it, its time line and its advice lead to its lines', async () => {
    const { page, done } = await openView();
    const log = `2026-03-04T09:21:07.152+0000: (1842): INFO: session 000000000000000017: realm <example.org> user <alice>: incoming packet ALLOCATE processed, success
app 09:21:11 camera opened
ice INFO: 2026/03/04 09:21:19 Setting new connection state: Checking
ice INFO: 2026/03/04 09:21:49 Setting new connection state: Failed
`;
    await paste(page, log);
    const rows = page.locator('#inspect-found [data-log]');
    await rows.nth(2).waitFor();
    assert.deepEqual(
      await rows.evaluateAll((list) => list.map((row) => [row.dataset.log, row.children[1].textContent.trim()])),
      [
        ['coturn', '1 of 1'],
        ['pion', '2 of 2'],
        ['other', '1'],
      ],
    );
    assert.equal(await page.locator('#inspect-found [data-read]').getAttribute('data-read'), '3/4');
    const lanes = page.locator('#inspect-log [data-lane]');
    await lanes.nth(1).waitFor();
    assert.deepEqual(
      await lanes.evaluateAll((list) => list.map((lane) => lane.querySelector('.told').innerText.replace(/\s+/g, ' '))),
      ['granted 1 the log does not show its end', 'Checking 3 Failed 4'],
    );
    await page.locator('.cm-line.unread').waitFor();
    assert.deepEqual(await page.locator('.cm-line.unread').allInnerTexts(), ['app 09:21:11 camera opened']);
    assert.equal(await page.locator('.cm-line.logged').count(), 3);
    await lanes.nth(1).getByRole('button', { name: '4', exact: true }).click();
    await page.locator('.cm-line', { hasText: 'connection state: Failed' }).waitFor();
    await page.locator('#inspect-advice').getByRole('button', { name: 'line 4' }).waitFor();
    await done();
  });

  test('the seed log: six descriptions, their candidates and end markers, nothing lost', async () => {
    const { page, done } = await openView();
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    await paste(page, seedLog);
    await page.locator('#inspect-checks').waitFor();
    assert.match(await textOf(page, '#inspect-found'), /3 sessions: 6 SDP, 6 candidates, 6 ends of candidates/);
    assert.deepEqual(await page.locator('#inspect-found [role=option] .medium').allInnerTexts(), [
      'Transfer a file',
      'Transmit text',
      'Generate and transfer data',
    ]);

    const report = await exported(page);
    const lines = seedLog.split('\n');
    assert.equal(report.descriptions.length, 6);
    assert.deepEqual(
      report.descriptions.map(({ role }) => role),
      ['offer', 'answer', 'offer', 'answer', 'offer', 'answer'],
    );
    // Every SDP line of the log is in a description, and no line of prose is.
    const sdpLines = lines.filter((line) => /^[a-z]=/.test(line));
    assert.deepEqual(
      report.descriptions.flatMap(({ sdp }) => sdp.trimEnd().split('\n')),
      sdpLines,
    );
    assert.ok(report.descriptions.every(({ start }) => seedLog.slice(0, start).split('\n').length > 36));
    assert.equal(report.candidates.length, 6);
    for (const candidate of report.candidates) {
      assert.equal(candidate.priority, 2113937151);
      assert.deepEqual(candidate.parts, { typePreference: 126, localPreference: 30, componentPart: 255 });
      assert.equal(candidate.component, 1);
      assert.equal(seedLog.slice(candidate.start, candidate.end).trim(), candidate.raw);
      assert.deepEqual(
        candidate.extensions.map(([name]) => name),
        ['generation', 'ufrag', 'network-cost'],
      );
    }
    assert.deepEqual(
      report.candidates.map(({ side }) => side),
      ['local', 'remote', 'local', 'remote', 'local', 'remote'],
    );
    assert.equal(report.ends.length, 6);
    for (const side of ['local', 'remote']) assert.equal(report.ends.filter((end) => end.side === side).length, 3);
    assert.ok(report.ends.every(({ line }) => lines[line - 1].trim() === '(null)'));

    assert.match(
      await textOf(page, '#inspect-checks'),
      /192\.168\.102\.148:54318\s+192\.168\.102\.148:54322\s+9079290933572287998\s+Waiting/,
    );
    assert.match(await textOf(page, '#inspect-checks'), /126 type[\s\S]*30 local[\s\S]*256 − comp\. 1/);
    assert.match(await textOf(page, '#inspect-sides'), /1 host, end line 82[\s\S]*1 host, end line 79/);
    await page.keyboard.press(']');
    assert.match(await textOf(page, '#inspect-checks'), /:59160\s+192\.168\.102\.148:59164/);
    assert.deepEqual(
      requests.filter((url) => !/^(?:blob|data):/.test(url) && !url.includes('/assets/')),
      [],
      'nothing leaves the page',
    );
    await done();
  });

  test('every line of the input can be read by keys, folds opened', async () => {
    const { page, done } = await openView();
    await paste(page, seedLog);
    const lines = seedLog.replace(/\n$/, '').split('\n');
    const source = editor(page);
    await source.waitFor();
    await page.getByRole('button', { name: 'Wrap' }).click();
    await source.focus();
    await page.keyboard.press('Control+Home');
    /** The line the caret is on. */
    const row = () =>
      page.evaluate(() => {
        const line = document.querySelector('.cm-activeLine');
        const number = Number(document.querySelector('.cm-lineNumbers .cm-activeLineGutter')?.textContent);
        return { number, text: line?.textContent, fold: line?.querySelector('.fold') !== null };
      });
    for (let index = 0; index < lines.length; index++) {
      if ((await eventually(row)).fold) await page.keyboard.press('Enter');
      await eventually(async () =>
        assert.deepEqual(await row(), { number: index + 1, text: lines[index], fold: false }),
      );
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowDown');
    }
    assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0, 'nothing was changed by reading');
    await done();
  });

  test('the text is edited in place, read anew, and undone; the other side is added, and all of it outlives a reload', async () => {
    const { page, done } = await openView();
    const offer = description('offer').replaceAll('\n', '\r\n');
    await paste(page, offer);
    await editor(page).waitFor();
    const found = page.locator('#inspect-found header');
    await found.filter({ hasText: '1 SDP' }).waitFor();
    // The other side comes at the end, by the clipboard or by hand.
    await page.locator('[data-action=add]').click();
    await page.keyboard.insertText(description('answer').replaceAll('\n', '\r\n'));
    await found.filter({ hasText: '2 SDP' }).waitFor();
    await page.locator('#inspect-checks', { hasText: '1 pair' }).waitFor();
    // The fault that is typed is underlined where it stands, CRLF and all. Only lines in sight are drawn: first the top.
    await page.keyboard.press('Control+Home');
    await page.locator('.cm-line').first().filter({ hasText: 'v=0' }).waitFor();
    const first = page.locator('.cm-line', { hasText: 'a=candidate' }).first();
    await first.click();
    await page.keyboard.press('Home');
    for (let step = 0; step < 'a=candidate:1 1 udp '.length; step++) await page.keyboard.press('ArrowRight');
    await page.keyboard.type('99');
    const changed = page.locator('.cm-line', { hasText: 'a=candidate' }).filter({ hasText: 'udp 992130706431' });
    await changed.waitFor();
    await page.locator('.squiggle.error', { hasText: /^992130706431$/ }).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await changed.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Redo' }).click();
    await changed.waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await changed.waitFor({ state: 'detached' });
    await page.locator('.squiggle.error').waitFor({ state: 'detached' });
    await page.reload();
    await found.filter({ hasText: '2 SDP' }).waitFor();
    await done();
  });

  test('find: by its button and by keys, in a fold too, in both languages', async () => {
    const { page, done } = await openView();
    await paste(page, seedLog);
    await editor(page).waitFor();
    await page.getByRole('button', { name: 'Find' }).click();
    const field = page.getByRole('textbox', { name: 'Find' });
    await field.pressSequentially('msid-semantic');
    await field.press('Enter');
    await page.locator('.cm-searchMatch-selected').waitFor();
    assert.equal(await words(page.locator('.cm-searchMatch-selected')), 'msid-semantic');
    await field.press('Escape');
    await field.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '中文' }).click();
    await editor(page, '输入文本').press('Control+f');
    await page.getByRole('textbox', { name: '查找' }).waitFor();
    await done();
  });

  test('long lines: wrapped, or to the right; a line of 300 000 characters is drawn in part', async () => {
    const { page, done } = await openView();
    const long = `${'word '.repeat(60_000)}end`;
    await paste(page, `first\n${long}\na=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\n`);
    await editor(page).waitFor();
    const wide = () => page.locator('.cm-scroller').evaluate((e) => e.scrollWidth > e.clientWidth);
    await eventually(async () => assert.equal(await wide(), false));
    assert.ok((await page.locator('.cm-content').innerText()).length < 100_000);
    await page.getByRole('button', { name: 'Wrap' }).click();
    await eventually(async () => assert.equal(await wide(), true));
    await done();
  });

  test('a broken SDP: each fault is underlined where it is, opens in place, and a fix is applied and undone', async () => {
    const { page, done } = await openView();
    await sample(page, 'broken');
    const report = await exported(page);
    const codes = report.diagnostics.map(({ code }) => code);
    for (const code of [
      'cand.port',
      'cand.priority',
      'cand.component-range',
      'cand.address',
      'cand.type-unknown',
      'cand.tcptype-missing',
    ]) {
      assert.ok(codes.includes(code), code);
    }
    const port = report.diagnostics.find(({ code }) => code === 'cand.port');
    await page.locator('#inspect-diagnostics [role=option]', { hasText: 'cand.port' }).click();
    const card = page.locator('#inspect-card');
    assert.match(await words(card), /cand\.port[\s\S]*RFC 8839 §5\.1[\s\S]*Chrome[\s\S]*refuses it/);
    assert.equal(await card.locator('a').getAttribute('href'), 'https://www.rfc-editor.org/rfc/rfc8839#section-5.1');
    assert.equal(await words(page.locator('.squiggle.current')), '70000');
    assert.equal(port.end - port.start, 5);
    assert.match(
      await card.evaluate((element) => element.closest('.card-row').previousElementSibling.textContent),
      /70000/,
    );

    const fixable = report.diagnostics.find(({ fix }) => fix !== null);
    assert.ok(fixable, 'the sample has a fault with a fix');
    const causes = page.locator('#inspect-diagnostics [role=option]');
    const before = await causes.count();
    await causes.filter({ hasText: fixable.code }).first().click();
    await page.keyboard.press('.');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    const fixed = await exported(page);
    assert.ok(fixed.diagnostics.length < report.diagnostics.length);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
    await page.waitForFunction(
      (count) => document.querySelectorAll('#inspect-diagnostics [role=option]').length === count,
      before,
    );
    assert.deepEqual((await exported(page)).diagnostics, report.diagnostics);
    await done();
  });

  test('a SIP call: INVITE and 200 OK form the check list of RFC 5245 section 17, with its pruned pair', async () => {
    const { page, done } = await openView();
    await sample(page, 'sip');
    const text = await textOf(page, '#inspect-checks');
    assert.match(text, /1 pair, 1 pruned/);
    assert.match(text, /Alice controls/);
    assert.match(text, /9151314442783293438/);
    assert.match(text, /Pruned[\s\S]*same base/);
    await page.getByRole('button', { name: 'Matrix' }).click();
    const matrix = page.getByRole('grid', { name: 'Matrix' });
    await matrix.waitFor();
    assert.equal(await matrix.locator('[role=gridcell]').count(), 2);
    await matrix.focus();
    await page.keyboard.press('ArrowDown');
    assert.match(await words(matrix.locator('[aria-selected=true]')), /Pruned/);
    await done();
  });

  test('candidates sort by every column and show all their fields', async () => {
    const { page, done } = await openView();
    await sample(page, 'sdp');
    const pane = page.locator('#inspect-candidates');
    const priorities = async () => (await pane.locator('.candidate > :nth-child(4)').allInnerTexts()).map(Number);
    await pane.getByRole('button', { name: 'priority' }).click();
    const up = await priorities();
    assert.deepEqual(
      up,
      [...up].sort((a, b) => a - b),
    );
    await pane.getByRole('button', { name: 'priority' }).click();
    assert.deepEqual(await priorities(), [...up].reverse());
    await pane.locator('.candidate', { hasText: '203.0.113.10:55968' }).click();
    const detail = await words(pane.locator('.detail'));
    assert.match(
      detail,
      /candidate:16777215 1 udp 16777215 203\.0\.113\.10 55968 typ relay raddr 203\.0\.113\.101 rport 50312/,
    );
    for (const name of ['generation', 'network-id']) assert.ok(detail.includes(name), name);
    assert.match(await words(pane), /0 · 65535 · 255/);
    await done();
  });

  test('STUN as hex: bytes and fields lead to each other; the password is checked', async () => {
    const { page, done } = await openView();
    await sample(page, 'stun');
    const pane = page.locator('#inspect-message');
    const field = (name) => pane.locator('[role=option]', { hasText: name });
    assert.match(await words(field('FINGERPRINT')), /valid/);
    await field('PRIORITY').click();
    assert.deepEqual(
      await pane
        .locator('.hex .on')
        .allInnerTexts()
        .then((list) => list.map((byte) => byte.trim())),
      ['00', '24', '00', '04', '6e', '00', '01', 'ff'],
    );
    await pane.locator('.hex [data-i="62"]').click();
    assert.equal(await field('USERNAME').getAttribute('aria-selected'), 'true');
    await pane.locator('input').fill('wrong');
    assert.match(await words(field('MESSAGE-INTEGRITY')), /invalid/);
    await pane.locator('input').fill('VOkJxbRl1RmTxUk/WvJxBt');
    assert.match(await words(field('MESSAGE-INTEGRITY')), /(?<!in)valid/);
    await done();
  });

  test('a capture: messages, checks over time, the selected pair, and its bytes', async () => {
    const { page, done } = await openView();
    await sample(page, 'pcapng');
    assert.match(await textOf(page, '#inspect-found'), /9uB6 ↔ 8hhY[\s\S]*connected/);
    const report = await exported(page);
    assert.equal(report.messages.length, 15);
    const [lost, answered, triggered] = report.checks;
    assert.deepEqual([lost.state, answered.state, triggered.state], ['progress', 'ok', 'ok']);
    assert.deepEqual(
      lost.attempts[0].requests.map(Math.round),
      [0, 500, 1500].map((ms) => ms + 130),
    );
    assert.ok(!lost.selected && answered.selected && answered.nominated);
    assert.ok(Math.abs(answered.attempts[0].end - answered.attempts[0].requests[0] - 42.6) < 0.01);
    await eventually(async () => assert.equal(await page.locator('#inspect-timeline .row').count(), 3));
    await page.locator('#inspect-timeline .row').nth(1).click();
    assert.match(await textOf(page, '#inspect-message'), /10\.1\.0\.2:50312 → 203\.0\.113\.102:36059/);
    await page.locator('#inspect-message input').fill('asd88fgpdd777uzjYhagZgQx');
    assert.match(
      await words(page.locator('#inspect-message [role=option]', { hasText: 'MESSAGE-INTEGRITY' })),
      /(?<!in)valid/,
    );
    const list = page.getByRole('listbox', { name: 'Messages' });
    await list.focus();
    await page.keyboard.press('End');
    assert.match(await words(list.locator('[aria-selected=true]')), /^15\s/);
    await done();
  });

  test('ICMP in a capture: the check it ends, and the advice, say why', async () => {
    const { page, done } = await openView();
    const asked = ipv4(17, udp(check(1)));
    const refused = ipv4(1, Buffer.concat([Buffer.from([3, 13, 0, 0, 0, 0, 0, 0]), asked]), true);
    const buffer = pcap([asked, refused]);
    await page.setInputFiles('input[type=file]', { name: 'icmp.pcap', mimeType: 'application/octet-stream', buffer });
    await page.locator('#inspect-timeline').waitFor();
    assert.match(await textOf(page, '#inspect-timeline .row'), /10\.1\.0\.2:50312 →[\s\S]*ICMP: prohibited/);
    const { checks } = await exported(page);
    assert.deepEqual(
      checks.map(({ state, attempts }) => [state, attempts.map(({ outcome, end }) => [outcome, end])]),
      [['fail', [['error', 1]]]],
    );
    const advice = page.locator('#inspect-advice li');
    assert.match(
      await words(advice),
      /from 203\.0\.113\.10 answered requests from 10\.1\.0\.2:50312 to [\s\S]*a filter forbids it/,
    );
    await advice.getByRole('button', { name: 'message 1' }).click();
    assert.match(await textOf(page, '#inspect-message'), /10\.1\.0\.2:50312 → 203\.0\.113\.10:36246/);
    await done();
  });

  test('in Chinese: diagnostics, what to do, verdicts and advice; English readers do not load it', async () => {
    const { page, done } = await openView();
    const scripts = [];
    page.on('response', (response) => scripts.push(response.url()));
    await paste(page, seedLog);
    await page.locator('#inspect-advice li').first().waitFor();
    const card = page.locator('#inspect-card');
    const list = page.locator('#inspect-diagnostics [role=option]').first();
    const english = [await words(card), await words(list), await textOf(page, '#inspect-advice')];
    for (const text of english) assert.doesNotMatch(text, /[\u4e00-\u9fff]/);
    const loaded = scripts.length;
    await page.getByRole('button', { name: '中文' }).click();
    // The words of the page and the sentences about faults come each on their own.
    await page.waitForFunction(() =>
      ['#inspect-card p + p', '#inspect-diagnostics header', '#inspect-advice li'].every((selector) =>
        /[\u4e00-\u9fff]/.test(document.querySelector(selector).textContent),
      ),
    );
    assert.ok(scripts.length > loaded, 'the sentences come when they are wanted');
    const chinese = [await words(card), await words(list), await textOf(page, '#inspect-advice')];
    for (const text of chinese) assert.match(text, /[\u4e00-\u9fff]/);
    // Names of codes, attributes and products stay; no English sentence does.
    for (const text of chinese) assert.doesNotMatch(text, /[A-Za-z]+ [a-z]+ [a-z]+ [a-z]+/);
    await page.getByRole('button', { name: 'EN' }).click();
    assert.deepEqual([await words(card), await words(list), await textOf(page, '#inspect-advice')], english);
    await done();
  });

  test('about:webrtc of Firefox: a session for each connection, its pairs with states, and what was gathered', async () => {
    const { page, done } = await openView();
    await paste(page, readFileSync(fixtureOf('scan/about-webrtc.txt'), 'utf8'));
    await page.locator('#inspect-timeline').waitFor();
    assert.match(await textOf(page, '#inspect-input header'), /about:webrtc/);
    assert.deepEqual(await page.locator('#inspect-found [role=option] .medium').allInnerTexts(), [
      'about:blank …620362',
      'about:blank …617673',
    ]);
    const [won, cancelled] = await page.locator('#inspect-timeline .row').allInnerTexts();
    assert.match(
      won,
      /\[fd00::2\]:41267 →\s+\[fd00::2\]:50159\s+Succeeded, nominated, selected, 2468 bytes sent, 2419 received/,
    );
    assert.match(cancelled, /192\.0\.2\.2:41237 →\s+192\.0\.2\.2:54583\s+Cancelled/);
    const told = page.locator('#inspect-candidates', { hasText: 'known from the statistics only' });
    const candidates = await words(told);
    assert.match(candidates, /4 more, known from the statistics only[\s\S]*192\.0\.2\.2:41237\s+udp\s+local\s+line 32/);
    await page.locator('#inspect-candidates li .link-button').first().click();
    await page.keyboard.press(']');
    assert.match(await textOf(page, '#inspect-timeline'), /\[fd00::2\]:50159 →\s+\[fd00::2\]:41267/);
    assert.equal(await page.locator('#inspect-timeline [aria-label=prflx]').count(), 1);
    await done();
  });
});
