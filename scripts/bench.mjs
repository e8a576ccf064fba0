// npm run bench: the JavaScript benches beside the peers, then with --native the Rust ones under criterion.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { root, run, say, script } from './lib/run.mjs';
import { ensureBuildTools } from './lib/tools.mjs';

await script(async () => {
  const env = await ensureBuildTools();
  await build(env);
  if (!existsSync(join(root, 'benches/js/node_modules'))) {
    say('installing the peers');
    await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], {
      env,
      cwd: join(root, 'benches/js'),
    });
  }
  await run('node', ['benches/js/bench.mjs'], { env, tee: true });
  await run('node', ['benches/js/sdp.mjs'], { env, tee: true });
  await run('node', ['benches/js/serve.mjs'], { env, tee: true });
  await run('node', ['benches/js/turn.mjs'], { env, tee: true });
  await run('node', ['benches/js/ice.mjs'], { env, tee: true });
  if (process.argv.includes('--native')) {
    await run('cargo', ['bench', '--manifest-path', 'benches/peers/Cargo.toml'], { env, tee: true });
  }
});
