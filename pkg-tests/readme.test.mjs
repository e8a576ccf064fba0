// The README's examples run and print what their comments say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, it } from 'node:test';
import { installPackage } from './lib/installed.mjs';
import { execFileSync } from './lib/limited.mjs';

let consumer;
before(() => {
  consumer = installPackage();
});
after(() => consumer.remove());

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code);

for (const [index, code] of examples.entries()) {
  it(`example ${index + 1} of the README prints what its comments say`, () => {
    const expected = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, output]) => output);
    assert.ok(expected.length >= 1);
    const file = consumer.write(`readme-${index + 1}.mjs`, code);
    const output = execFileSync(process.execPath, [file], { cwd: consumer.folder, encoding: 'utf8' });
    assert.deepEqual(output.trim().split('\n'), expected);
  });
}
