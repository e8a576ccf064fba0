// The command line as a whole: help, version, exit codes.
import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawn } from './lib/ends.mjs';
import { once, spawnSync } from './lib/limited.mjs';

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
  assert.deepEqual(commands, ['nat', 'serve', 'decode', 'scan', 'sim', 'matrix', 'completions']);
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

test('a mistyped command or option names the one that was meant', () => {
  for (const [args, text] of [
    [['scna', 'call.log'], "there is no command 'scna'; did you mean 'icelens scan'?"],
    [['--json', 'scan'], "there is no command '--json': the command comes before its options"],
    [[bin], `there is no command '${bin}'; to read the file: icelens scan ${bin}`],
    [['scan', '--jsn', 'x'], "there is no option '--jsn'; did you mean --json?"],
    [['scan', '--nothing-like-it', 'x'], "there is no option '--nothing-like-it'\n"],
    [['matrix', '--json=yes'], '--json takes no value'],
    [['sim', 'cone-to-cone', '--seed'], '--seed takes a value\n'],
    [['sim', 'cone-to-cone', '--seed', '-1'], 'write --seed=-1'],
    [['sim', '--seed', 'cone-to-cone'], 'name a scenario'],
    [['sim', 'cone-to-con'], "did you mean 'cone-to-cone'?"],
  ]) {
    const { status, stdout, stderr } = icelens(args);
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.ok(stderr.includes(text), stderr);
  }
});

test('errors of the system are told in words', () => {
  const folder = tmpdir();
  assert.match(icelens(['scan', folder]).stderr, /that is a folder/);
  assert.match(icelens(['scan', join(folder, 'no', 'such')]).stderr, /such': no such file or folder\n$/);
  assert.match(icelens(['sim', 'cone-to-cone', '--pcapng', join(bin, 'x')]).stderr, /x': no such file or folder\n$/);
  assert.match(icelens(['sim', folder]).stderr, /that is a folder, not a file\n$/);
  assert.match(icelens(['serve', '192.0.2.77']).stderr, /192\.0\.2\.77:3478: this machine has no such address/);
});

const absent = (device) => !existsSync(device) && `${device} is not here`;

test('output that can not be written is told, without a trace', { skip: absent('/dev/full') }, () => {
  const full = openSync('/dev/full', 'w');
  try {
    for (const args of [['scan', bin], ['matrix', '--json'], ['sim'], ['help']]) {
      const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      assert.deepEqual([status, stderr], [2, 'icelens: standard output: no space is left there\n'], args.join(' '));
    }
  } finally {
    closeSync(full);
  }
});

test('what never ends is not read for ever', { skip: absent('/dev/zero') }, () => {
  for (const [command, most] of [
    ['decode', 64],
    ['sim', 4],
  ]) {
    const { status, stderr } = icelens([command, '/dev/zero']);
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`'/dev/zero': longer than ${most} MiB`));
  }
});

test('serve refuses options that it would not heed, before it listens', () => {
  const turn = ['serve', '--turn', '--user', 'me:pw'];
  for (const [args, text] of [
    [['serve', '--user', 'me:pw'], '--user is for TURN: add --turn'],
    [['serve', '--other-port', '5'], 'OTHER-ADDRESS, which is not given'],
    [['serve', '127.0.0.1', '127.0.0.1'], 'OTHER-ADDRESS must differ from ADDRESS'],
    [['serve', '127.0.0.1:3478'], 'its port with --port'],
    [['serve', '0.0.0.0', '--turn', '--user', 'me:pw'], '--turn needs --relay'],
    [[...turn, '--relay', 'here'], "--relay takes IP or IP/EXTERNAL, not 'here'"],
    [[...turn, '--relay-ports', '5'], "such as 49152-65535, not '5'"],
    [[...turn, '--allow-peer', '10.0.0.0/99'], "not '10.0.0.0/99'"],
    [[...turn, '--port', '0', '--relay', '192.0.2.77'], '192.0.2.77: this machine has no such address'],
  ]) {
    const { status, stderr } = icelens(args);
    assert.equal(status, 2, args.join(' '));
    assert.ok(stderr.includes(text), stderr);
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

const offers = (script, ...typed) => {
  const line = typed.map((word) => `'${word}'`).join(' ');
  const ask = `${script}\nCOMP_WORDS=(icelens ${line})\nCOMP_CWORD=${typed.length}\n_icelens 2>/dev/null\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = spawnSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' });
  return stdout.split('\n').filter((word) => word !== '');
};
const missing = (shell) => spawnSync(shell, ['-c', 'true']).error !== undefined && `${shell} is not installed`;

test('bash completes commands, the options of each, its operands and files', { skip: missing('bash') }, () => {
  const { status, stdout: script } = icelens(['completions', 'bash']);
  assert.equal(status, 0);
  assert.deepEqual(offers(script, 'se'), ['serve']);
  assert.deepEqual(offers(script, 'help', 'mat'), ['matrix']);
  assert.deepEqual(offers(script, 'scan', '--'), ['--json', '--findings', '--help']);
  assert.deepEqual(offers(script, 'sim', 'hole'), ['hole-punching']);
  assert.deepEqual(offers(script, 'scan', bin.slice(0, -3)), [bin]);
  assert.deepEqual(offers(script, 'sim', '--pcapng', bin.slice(0, -3)), [bin]);
  assert.deepEqual(offers(script, 'completions', ''), ['bash', 'zsh', 'fish']);
});

test('each shell gets every option of every command', () => {
  const options = ['--classic', '--relay-ports', '--findings', '--pcapng', '--scope'];
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = icelens(['completions', shell]);
    for (const option of options)
      assert.ok(stdout.includes(shell === 'fish' ? `-l ${option.slice(2)}` : option), option);
  }
  assert.equal(icelens(['completions', 'csh']).status, 2);
  assert.equal(icelens(['completions']).status, 2);
});

describe('several inputs', () => {
  const request = '000100002112a442000000000000000000000000';
  let folder;
  let wrong;
  let right;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'icelens-cli-'));
    wrong = join(folder, 'wrong.txt');
    right = join(folder, 'right.txt');
    writeFileSync(wrong, 'a=candidate:1 1 udp 99999999999 192.0.2.1 5 typ host\n');
    writeFileSync(right, 'a=candidate:1 1 udp 2113929471 192.0.2.1 5 typ host\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  test('scan judges each file by itself, and exits with the worst', () => {
    const { status, stdout } = icelens(['scan', right, wrong]);
    assert.equal(status, 1);
    assert.match(stdout, /^== .*right\.txt\n[^=]*^== .*wrong\.txt\n[^=]*^error cand\.priority 1:21/m);
    const json = JSON.parse(icelens(['scan', '--json', right, wrong]).stdout);
    assert.deepEqual(
      json.map(({ file, findings }) => [file, findings.length]),
      [
        [right, 1],
        [wrong, 1],
      ],
    );
    assert.equal(Array.isArray(JSON.parse(icelens(['scan', '--json', right]).stdout)), false);
  });

  test('scan goes on after a file that it can not read, names it, and exits with 2', () => {
    const { status, stdout, stderr } = icelens(['scan', join(folder, 'none'), right]);
    assert.equal(status, 2);
    assert.match(stderr, /none': no such file/);
    assert.match(stdout, /== .*right\.txt\ntext: 1 candidate/);
    assert.equal(icelens(['scan', '-', '-'], 'a=candidate:').status, 2);
  });

  test('decode shows each message', () => {
    const { status, stdout } = icelens(['decode', request, '-'], request);
    assert.equal(status, 0);
    assert.equal(stdout.match(/There is no FINGERPRINT/g).length, 2);
    const { status: failed, stdout: json, stderr } = icelens(['decode', '--json', request, 'no such file']);
    assert.equal(failed, 2);
    assert.equal(JSON.parse(json).length, 1);
    assert.match(stderr, /can't read/);
  });

  test('decode takes hex that the shell has split, other notations, and a capture', () => {
    const pieces = request.match(/^(.{4})(.{4})(.{8})(.*)$/).slice(1);
    const bytes = [...Buffer.from(request, 'hex')];
    const capture = join(folder, 'call.pcapng');
    icelens(['sim', 'cone-to-cone', '--pcapng', capture]);
    assert.match(icelens(['decode', ...pieces]).stdout, /^ +0–1 .*binding request\n/);
    assert.match(icelens(['decode', JSON.stringify(bytes)]).stdout, /^ +0–1 .*binding request\n/);
    const { status, stdout } = icelens(['decode', capture]);
    assert.equal(status, 0);
    assert.match(stdout, /^== 1 of \d+\n.*binding request\n/);
  });

  test('decode tells whether a password is that of the message', async () => {
    const { encodeMessage } = await import('icelens');
    const signed = (method, attributes, integrity) =>
      Buffer.from(encodeMessage({ class: 'request', method, attributes, integrity })).toString('hex');
    const check = signed('binding', [['USERNAME', 'a:b']], { password: 'pw' });
    const user = { username: 'me', realm: 'here', password: 'pw' };
    const names = [
      ['USERNAME', 'me'],
      ['REALM', 'here'],
    ];
    const allocate = signed('allocate', names, user);
    const answer = signed('allocate', [], user);
    const verdict = (...args) => {
      const { status, stdout } = icelens(['decode', '--json', ...args]);
      return [status, JSON.parse(stdout).integrity];
    };
    assert.deepEqual(verdict(check, '--password', 'pw'), [0, 'valid']);
    assert.deepEqual(verdict(check, '--password', 'no'), [1, 'invalid']);
    assert.deepEqual(verdict(request, '--password', 'pw'), [1, 'absent']);
    assert.deepEqual(verdict(allocate, '--password', 'pw'), [0, 'valid']);
    assert.deepEqual(verdict(answer, '--password', 'pw', '--user', 'me', '--realm', 'here'), [0, 'valid']);
    assert.deepEqual(verdict(answer, '--password', 'pw', '--user', 'you', '--realm', 'here'), [1, 'invalid']);
    assert.match(icelens(['decode', check, '--password', 'pw']).stdout, /The password is that of the message\.\n$/);
    assert.match(icelens(['decode', answer, '--password', 'pw', '--user', 'me']).stderr, /give it with --realm/);
    assert.match(icelens(['decode', answer, '--user', 'me']).stderr, /go with --password/);
  });

  test('decode says that a message was cut off, and what an argument is when it is none', () => {
    const short = icelens(['decode', '000100002112a442']);
    assert.deepEqual(short, { ...short, status: 2, stdout: '' });
    assert.match(short.stderr, /^icelens decode: no STUN message: byte 8: .*20 bytes, this has 8\n$/);
    assert.match(
      icelens(['decode', '0001zz']).stderr,
      /'0001zz': it is neither hex nor base64 of a message, nor a file/,
    );
  });

  test('decode reads a file whose path could be base64', () => {
    const file = join(folder, 'a'.repeat(32));
    writeFileSync(file, Buffer.from(request, 'hex'));
    const { status, stdout } = icelens(['decode', file]);
    assert.equal(status, 0);
    assert.match(stdout, /binding request/);
  });

  test('severities are coloured where colours are shown, and nowhere else', () => {
    const run = (env) =>
      spawnSync(process.execPath, [bin, 'scan', wrong], {
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...env },
      }).stdout;
    assert.ok(run({ FORCE_COLOR: '1' }).includes('\u001b[31merror\u001b[39m cand.priority'));
    assert.ok(!run({}).includes('\u001b'));
    assert.ok(!run({ FORCE_COLOR: '1', NO_COLOR: '1' }).includes('\u001b'));
    assert.ok(!run({ FORCE_COLOR: '0' }).includes('\u001b'));
  });

  test('an input can not colour anything', () => {
    const { stdout } = icelens(['scan', '-', '-f'], '\u001b[31ma=candidate:1 1 udp 1 192.0.2.1 5 typ host\u001b[0m\n');
    assert.ok(!stdout.includes('\u001b'));
  });
});
