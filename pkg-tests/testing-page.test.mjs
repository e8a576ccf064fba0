// The example of docs/testing.md: a client of one's own against nine NATs, in Vitest, with the packed package.
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { installPackage } from './lib/installed.mjs';
import { spawnSync } from './lib/limited.mjs';
import './lib/ends.mjs';

const vitest = dirname(createRequire(import.meta.url).resolve('vitest/package.json'));
const page = readFileSync(new URL('../docs/testing.md', import.meta.url), 'utf8');
const files = [...page.matchAll(/`(\S+\.mjs)`\n\n```js\n([\s\S]*?)```/g)];
let consumer;

before(() => {
  consumer = installPackage();
  // The modules of Vitest are its own: from where it is.
  symlinkSync(vitest, join(consumer.folder, 'node_modules/vitest'), 'dir');
  for (const [, name, code] of files) consumer.write(name, code);
});
after(() => consumer.remove());

test('the example runs in Vitest, one test for each NAT', () => {
  assert.deepEqual(
    files.map(([, name]) => name),
    ['punch.mjs', 'punch.test.mjs'],
  );
  const args = [join(vitest, 'vitest.mjs'), 'run', '--reporter=json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: consumer.folder, encoding: 'utf8' });
  const report = JSON.parse(stdout.slice(stdout.indexOf('{')));
  assert.equal(report.numPassedTests, 10, `${stdout}\n${stderr}`);
  assert.equal(report.numTotalTests, 10);
});
