// The packed package in tools that are too heavy for `npm test`: node --test pkg-tests/more-consumers.mjs (npm run consumers).
// Each tool is installed from npm into target/consumers/, once; one that can't be installed here is skipped, with npm's words.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { app, main, page } from './lib/app.mjs';
import { launchChromium, noChromium, open } from './lib/chromium.mjs';
import { installPackage } from './lib/installed.mjs';
import { serve } from './lib/serve.mjs';

const WORKS = 'icelens works';
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const cache = fileURLToPath(new URL('../target/consumers', import.meta.url));
const env = { ...process.env, CI: '1', NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', PARCEL_TELEMETRY_DISABLED: '1' };

let consumer;
before(() => {
  consumer = installPackage();
});
after(() => consumer.remove());

/** A folder with the tool's packages and icelens as packed, and the program in it; null, after a skip, where npm has none. */
function project(t, name, packages) {
  const folder = join(cache, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: `consumer-${name}`, private: true }));
  const install = ['install', '--no-audit', '--no-fund', '--no-save', ...packages, consumer.tarball];
  const { status, stderr } = spawnSync(npm, install, { cwd: folder, encoding: 'utf8', env });
  if (status !== 0) {
    t.skip(`can't be installed here: ${stderr.trim().split('\n')[0]}`);
    return null;
  }
  const write = (file, text) => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  write('app.mjs', app);
  write('main.mjs', main);
  const bin = (program) => join(folder, 'node_modules/.bin', program);
  const run = (program, ...args) =>
    execFileSync(bin(program), args, { cwd: folder, encoding: 'utf8', env, stdio: 'pipe' });
  return { folder, write, bin, run };
}

describe('runtimes', () => {
  const script = "import { check } from './app.mjs';\nconsole.log(check());\n";

  test('Deno', (t) => {
    const made = project(t, 'deno', ['deno']);
    if (made === null) return;
    made.write('run.mjs', script);
    assert.equal(made.run('deno', 'run', '--no-lock', '--node-modules-dir=manual', 'run.mjs').trim(), WORKS);
  });

  test('Bun', (t) => {
    const made = project(t, 'bun', ['bun']);
    if (made === null) return;
    made.write('run.mjs', script);
    assert.equal(made.run('bun', 'run.mjs').trim(), WORKS);
  });
});

/** A port that is free now. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('pages', { skip: noChromium }, () => {
  let browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());

  /** Opens a page of a folder that was built. */
  async function works(folder, path) {
    const server = await serve(folder);
    try {
      assert.deepEqual(await open(browser, server.origin + path), { title: WORKS, problems: [] });
    } finally {
      await server.stop();
    }
  }

  test('Parcel', async (t) => {
    const made = project(t, 'parcel', ['parcel']);
    if (made === null) return;
    made.write('index.html', page('<script type="module" src="main.mjs"></script>'));
    made.run('parcel', 'build', 'index.html', '--no-cache', '--cache-dir', 'parcel-cache', '--public-url', './');
    await works(made.folder, '/dist/index.html');
  });

  test('Rspack', async (t) => {
    const made = project(t, 'rspack', ['@rspack/core', '@rspack/cli']);
    if (made === null) return;
    made.write('rspack.config.mjs', "export default { mode: 'production', entry: './main.mjs' };\n");
    made.run('rspack', 'build');
    made.write('dist/index.html', page('<script src="main.js" defer></script>'));
    await works(made.folder, '/dist/index.html');
  });

  test('Next: on the server and in the page', async (t) => {
    const made = project(t, 'next', ['next', 'react', 'react-dom']);
    if (made === null) return;
    made.write(
      'app/layout.js',
      'export default ({ children }) => <html><head><title>waiting</title><link rel="icon" href="data:," /></head><body>{children}</body></html>;\n',
    );
    made.write(
      'app/page.js',
      "import { check } from '../app.mjs';\nimport Client from './client';\nexport const dynamic = 'force-dynamic';\n" +
        'export default () => <><p id="server">{check()}</p><Client /></>;\n',
    );
    made.write(
      'app/client.js',
      "'use client';\nimport { useEffect } from 'react';\nimport { check } from '../app.mjs';\n" +
        'export default () => { useEffect(() => { document.title = check(); }, []); return null; };\n',
    );
    made.run('next', 'build');
    const port = await freePort();
    const server = spawn(made.bin('next'), ['start', '-H', '127.0.0.1', '-p', String(port)], { cwd: made.folder, env });
    try {
      await new Promise((resolve, reject) => {
        server.stdout.on('data', (text) => /ready/i.test(text) && resolve());
        server.on('exit', (code) => reject(new Error(`next start ended with ${code}`)));
      });
      const url = `http://127.0.0.1:${port}/`;
      assert.match(await (await fetch(url)).text(), new RegExp(`<p id="server">${WORKS}</p>`));
      assert.deepEqual(await open(browser, url), { title: WORKS, problems: [] });
    } finally {
      server.kill();
    }
  });
});
