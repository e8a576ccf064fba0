// The command line as a whole: help, version, exit codes.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../pkg/bin/icelens.js', import.meta.url));
const icelens = (args, input = '') => spawnSync(process.execPath, [bin, ...args], { input, encoding: 'utf8' });

test('--version prints the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../pkg/package.json', import.meta.url), 'utf8'));
  for (const word of ['--version', '-V', 'version']) {
    const { status, stdout } = icelens([word]);
    assert.deepEqual([status, stdout], [0, `${version}\n`]);
  }
});

test('help COMMAND is COMMAND --help, for each command', () => {
  const { stdout: all } = icelens(['help']);
  const commands = [...all.matchAll(/^ {2}icelens ([a-z]+)/gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'help');
  assert.deepEqual(commands, ['nat', 'serve', 'decode', 'scan', 'sim', 'matrix']);
  for (const command of commands) {
    const { status, stdout } = icelens(['help', command]);
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`^icelens ${command}`));
    assert.equal(stdout, icelens([command, '--help']).stdout);
  }
});

test('a command that is not there is wrong usage', () => {
  for (const args of [['help', 'nothing'], ['nothing'], ['nothing', '--help']]) {
    const { status, stderr } = icelens(args);
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, /there is no command 'nothing'/);
  }
});

test('scan does not say that all is well of what it can not read', () => {
  for (const input of ['', 'nothing of a call\n', '\u0000\u0001\u0002'.repeat(100)]) {
    const { status, stdout } = icelens(['scan', '-'], input);
    assert.equal(status, 2);
    assert.match(stdout, /Nothing known was found/);
  }
});

test('an error that nobody reads keeps its exit code', async () => {
  const child = spawn(process.execPath, [bin, 'decode', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stderr.destroy();
  await once(child.stderr, 'close');
  child.stdin.end('no message');
  const [code] = await once(child, 'exit');
  assert.equal(code, 2);
});
