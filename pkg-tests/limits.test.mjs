// The limits of tests themselves: what never comes fails by name, and a file ends whatever its tests have left open.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { eventually, execFile, once, until, within } from './lib/limited.mjs';

// Limits pass while something else keeps the process alive, as a socket would.
const alive = setInterval(() => {}, 1000);
after(() => clearInterval(alive));

test('what is waited for in vain is named', async () => {
  const never = new Promise(() => {});
  const deaf = new EventTarget();
  const no = () => false;
  await assert.rejects(within(never, 'the answer', 10), /waited 0\.01 s in vain for the answer/);
  await assert.rejects(once(new EventEmitter(), 'message', { milliseconds: 10 }), /for 'message' of EventEmitter/);
  await assert.rejects(until(deaf, 'statechange', no, 10), /for statechange: \(\) => false/);
  await assert.rejects(eventually(no, 'the end', 10), /for the end/);
});

test('what comes is given', async () => {
  const emitter = new EventEmitter();
  const heard = once(emitter, 'message');
  emitter.emit('message', 7);
  assert.deepEqual(await heard, [7]);
  assert.equal(await within(Promise.resolve(8), 'eight'), 8);
  assert.equal(emitter.listenerCount('message') + emitter.listenerCount('error'), 0);
});

test('a file that leaves a socket open ends, and has failed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-ends-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'made.test.mjs');
  const source = `import { createServer } from 'node:net';
import { test } from 'node:test';
import ${JSON.stringify(new URL('lib/ends.mjs', import.meta.url).href)};
test('leaves', () => { createServer().listen(0, '127.0.0.1'); });
`;
  writeFileSync(file, source);
  // Else the runner inside believes to be a file of the one outside.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, ICELENS_GRACE: '10' };
  const error = await execFile(process.execPath, [file], { env }).catch((failed) => failed);
  assert.equal(error.code, 1);
  assert.match(error.stderr, /still open 0\.01 s after the last test: .*TCP/);
});
