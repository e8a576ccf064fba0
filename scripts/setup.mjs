// npm run setup: installs what the builds need, with progress.
import { say, script } from './lib/run.mjs';
import { ensureBuildTools } from './lib/tools.mjs';

await script(async () => {
  await ensureBuildTools();
  say('everything a build needs is here');
});
