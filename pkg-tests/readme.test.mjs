// The README's example runs and prints what its comments say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import { installPackage } from './lib/installed.mjs';

let consumer;
before(() => {
  consumer = installPackage();
});
after(() => consumer.remove());

it('the example of the README prints what its comments say', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, code] = readme.match(/```js\n([\s\S]*?)```/);
  const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, output]) => output);
  assert.ok(expected.length >= 4);
  const file = consumer.write('readme.mjs', code);
  const output = execFileSync(process.execPath, [file], { cwd: consumer.folder, encoding: 'utf8' });
  assert.deepEqual(output.trim().split('\n'), expected);
});
