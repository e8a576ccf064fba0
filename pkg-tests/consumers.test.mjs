// The packed package in each kind of project, without any configuration made for it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { app, main, page } from './lib/app.mjs';
import { launchChromium, noChromium, open } from './lib/chromium.mjs';
import { installPackage } from './lib/installed.mjs';
import { execFileSync, spawnSync } from './lib/limited.mjs';
import { serve } from './lib/serve.mjs';
import './lib/ends.mjs';

const require = createRequire(import.meta.url);
let consumer;

before(() => {
  consumer = installPackage();
  consumer.write('app.mjs', app);
  consumer.write('main.mjs', main);
});
after(() => consumer.remove());

const node = (...args) => execFileSync(process.execPath, args, { cwd: consumer.folder, encoding: 'utf8' }).trim();

describe('Node', () => {
  it('imports it', () => {
    assert.equal(
      node('--input-type=module', '-e', "console.log((await import('./app.mjs')).check())"),
      'icelens works',
    );
  });

  it('requires it', () => {
    const script = "const { predictTraversal } = require('icelens'); console.log(typeof predictTraversal)";
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: consumer.folder, encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], ['function\n', '']);
  });

  it('gives the same classes to require and to import', () => {
    const script = `import { createRequire } from 'node:module';
      import * as imported from 'icelens/stun';
      const required = createRequire(import.meta.url)('icelens/stun');
      console.log(Object.keys(imported).length > 0 && Object.keys(imported).every((name) => imported[name] === required[name]));`;
    consumer.write('both.mjs', script);
    assert.equal(node('both.mjs'), 'true');
  });

  it('shows the content of messages and candidates in its console, also when they were minified', async () => {
    const { build } = await import('esbuild');
    const contents = `import { decodeMessage, encodeMessage, parseCandidate } from 'icelens';
      const bytes = encodeMessage({ class: 'request', method: 'binding', attributes: [['SOFTWARE', 'shown']] });
      console.log(decodeMessage(bytes));
      console.log([parseCandidate('candidate:1 1 udp 1 192.0.2.1 5 typ host').candidate]);`;
    const stdin = { contents, resolveDir: consumer.folder };
    const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', minify: true, write: false });
    const output = node('--input-type=module', '-e', outputFiles[0].text);
    assert.match(output, /^StunMessage \{\s+class: 'request',/);
    assert.match(output, /StunAttribute \{[^}]+value: 'shown'/);
    assert.match(output, /Candidate \{\s+foundation: '1',/);
  });

  it('loads icelens/slim with the wasm as bytes, and says so when that was forgotten', () => {
    consumer.write(
      'slim.mjs',
      `import { readFileSync } from 'node:fs';
       import { initSync, predictTraversal } from 'icelens/slim';
       const side = { mapping: 'endpoint-independent', filtering: 'endpoint-independent' };
       try { predictTraversal(side, side); console.log('no error'); } catch (error) { console.log(error.message); }
       initSync({ nat: readFileSync(new URL(import.meta.resolve('icelens/nat.wasm'))) });
       console.log(predictTraversal(side, side).direct);`,
    );
    const [early, late] = node('slim.mjs').split('\n');
    assert.match(early, /call init\(\) or initSync\(\)/);
    assert.equal(late, 'true');
  });
});

describe('the small entries', () => {
  const uses = {
    'icelens/stun': `import { decodeMessage, encodeMessage } from 'icelens/stun';
      const request = encodeMessage({ class: 'request', method: 'binding', fingerprint: true });
      console.log(decodeMessage(request).fingerprint);`,
  };
  for (const [entry, code] of Object.entries(uses)) {
    it(`${entry} works alone, and brings only its own wasm`, async () => {
      const { build } = await import('esbuild');
      const file = consumer.write(`small/${entry.replace('/', '-')}.mjs`, code);
      assert.equal(node(file), 'valid');
      const bundle = async (contents) => {
        const stdin = { contents, resolveDir: consumer.folder };
        const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', minify: true, write: false });
        return outputFiles[0].text;
      };
      const [own, full] = [
        await bundle(code),
        await bundle("import * as icelens from 'icelens'; console.log(icelens);"),
      ];
      assert.equal(node('--input-type=module', '-e', own), 'valid');
      assert.ok(own.length < full.length / 2, `${own.length} of ${full.length} bytes`);
    });
  }
});

describe('test runners', () => {
  const call = "import { check } from '../app.mjs';\ntest('it works', () => expect(check()).toBe('icelens works'));\n";

  /** Runs a tool of ours on a folder of the consumer; fails with what it says. */
  function tool(folder, ...args) {
    const env = { ...process.env, NO_COLOR: '1', CI: '1' };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    return stdout + stderr;
  }
  const bin = (name) => join(require.resolve(`${name}/package.json`), '..');

  it('Vitest', () => {
    consumer.write('vitest/works.test.mjs', call);
    const folder = join(consumer.folder, 'vitest');
    const said = tool(folder, join(bin('vitest'), 'vitest.mjs'), 'run', '--globals', '--root', folder);
    assert.match(said, /1 passed/);
  });

  for (const environment of ['node', 'jsdom']) {
    it(`Jest, environment ${environment}`, () => {
      // jsdom has neither of the two; icelens asks for them when first called, not when it is loaded.
      const given = "import * as util from 'node:util';\nimport { pairPriority } from 'icelens';\n";
      const text = "test('loads', () => expect(pairPriority(1, 2)).toBe(4294967300n));\n";
      const late = 'globalThis.TextDecoder ??= util.TextDecoder;\nglobalThis.TextEncoder ??= util.TextEncoder;\n';
      consumer.write(`jest-${environment}/works.test.mjs`, `${given}${call}${text}`.replace('test(', `${late}test(`));
      const config = {
        testEnvironment: require.resolve(`jest-environment-${environment}`),
        rootDir: consumer.folder,
        testMatch: [`<rootDir>/jest-${environment}/*.test.mjs`],
        transform: {},
        cacheDirectory: join(consumer.folder, 'jest-cache'),
        watchman: false,
      };
      const jest = join(bin('jest'), 'bin/jest.js');
      const args = ['--experimental-vm-modules', '--no-warnings', jest, '--runInBand', '--config'];
      assert.match(tool(consumer.folder, ...args, JSON.stringify(config)), /2 passed/);
    });
  }
});

describe('workerd', () => {
  it('imports the wasm statically through its condition', async () => {
    const { build } = await import('esbuild');
    const { Miniflare } = await import('miniflare');
    consumer.write(
      'worker.mjs',
      `import { check } from './app.mjs'; export default { fetch: () => new Response(check()) };`,
    );
    const outfile = join(consumer.folder, 'worker-out.mjs');
    const external = ['*.wasm'];
    const entryPoints = [join(consumer.folder, 'worker.mjs')];
    await build({ entryPoints, outfile, bundle: true, format: 'esm', conditions: ['workerd'], external });
    // A wasm that the application does not call is not in the bundle.
    const wasm = readFileSync(join(consumer.folder, 'node_modules/icelens/dist/nat.wasm'));
    const miniflare = new Miniflare({
      modules: [
        { type: 'ESModule', path: 'worker.mjs', contents: readFileSync(outfile, 'utf8') },
        { type: 'CompiledWasm', path: 'nat.wasm', contents: wasm },
      ],
      compatibilityDate: '2026-04-10',
      cf: false,
    });
    try {
      assert.equal(await (await miniflare.dispatchFetch('http://worker/')).text(), 'icelens works');
    } finally {
      await miniflare.dispose();
    }
  });
});

// Each makes a page in a folder of the consumer; `run` returns the path to open.
const bundlers = {
  async 'no bundler, an import map'() {
    const map = JSON.stringify({ imports: { icelens: '/node_modules/icelens/dist/index.js' } });
    const script = `<script type="importmap">${map}</script><script type="module" src="/main.mjs"></script>`;
    consumer.write('plain/index.html', page(script));
    return '/plain/index.html';
  },
  async esbuild() {
    return esbuildPage('esm', '<script type="module" src="main.js"></script>');
  },
  async 'esbuild, one classic script'() {
    return esbuildPage('iife', '<script src="main.js"></script>');
  },
  async Rollup() {
    const { rollup } = await import('rollup');
    const { nodeResolve } = await import('@rollup/plugin-node-resolve');
    const bundle = await rollup({ input: join(consumer.folder, 'main.mjs'), plugins: [nodeResolve()] });
    await bundle.write({ file: join(consumer.folder, 'rollup/main.js'), format: 'es' });
    consumer.write('rollup/index.html', page('<script type="module" src="main.js"></script>'));
    return '/rollup/index.html';
  },
  async Rolldown() {
    const { rolldown } = await import('rolldown');
    const bundle = await rolldown({ input: join(consumer.folder, 'main.mjs') });
    await bundle.write({ file: join(consumer.folder, 'rolldown/main.js'), format: 'es' });
    await bundle.close();
    consumer.write('rolldown/index.html', page('<script type="module" src="main.js"></script>'));
    return '/rolldown/index.html';
  },
  async webpack() {
    const webpack = require('webpack');
    const output = { path: join(consumer.folder, 'webpack'), filename: 'main.js' };
    const compiler = webpack({ mode: 'production', context: consumer.folder, entry: './main.mjs', output });
    const stats = await new Promise((resolve, reject) =>
      compiler.run((error, s) => (error ? reject(error) : resolve(s))),
    );
    assert.equal(stats.hasErrors(), false, stats.toString());
    consumer.write('webpack/index.html', page('<script src="main.js" defer></script>'));
    return '/webpack/index.html';
  },
  async Vite() {
    const { build } = await import('vite');
    consumer.write('vite/app.mjs', app);
    consumer.write('vite/main.mjs', main);
    consumer.write('vite/index.html', page('<script type="module" src="./main.mjs"></script>'));
    await build({ root: join(consumer.folder, 'vite'), base: './', configFile: false, logLevel: 'error' });
    return '/vite/dist/index.html';
  },
};

async function esbuildPage(format, script) {
  const { build } = await import('esbuild');
  const outfile = join(consumer.folder, `esbuild-${format}/main.js`);
  await build({ entryPoints: [join(consumer.folder, 'main.mjs')], outfile, bundle: true, format, minify: true });
  consumer.write(`esbuild-${format}/index.html`, page(script));
  return `/esbuild-${format}/index.html`;
}

describe('in Chromium', { skip: noChromium }, () => {
  let browser;
  let server;
  before(async () => {
    browser = await launchChromium();
    server = await serve(consumer.folder);
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  for (const [name, make] of Object.entries(bundlers)) {
    it(name, async () => {
      const path = await make();
      assert.deepEqual(await open(browser, server.origin + path), { title: 'icelens works', problems: [] });
    });
  }

  it('Vite, development server', async () => {
    const { createServer } = await import('vite');
    const root = join(consumer.folder, 'vite');
    const vite = await createServer({
      root,
      configFile: false,
      logLevel: 'error',
      server: { host: '127.0.0.1', port: 0 },
    });
    try {
      await vite.listen();
      const { port } = vite.httpServer.address();
      assert.deepEqual(await open(browser, `http://127.0.0.1:${port}/`), { title: 'icelens works', problems: [] });
    } finally {
      await vite.close();
    }
  });
});
