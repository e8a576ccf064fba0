// Words of the page and of the engines for translators' tools, as XLIFF 1.2 with English beside each.
// node scripts/messages.mjs export zh zh.xlf: writes the file from www/src/languages/zh.
// node scripts/messages.mjs import zh zh.xlf: writes its targets into www/src/languages/zh, and formats what it wrote.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exported, imported } from './lib/catalogue.mjs';
import { Problem, root, run, say, script } from './lib/run.mjs';

await script(async ([verb, language = '', file]) => {
  const folder = join(root, 'www/src/languages', language);
  const there = /^[\w-]+$/.test(language) && language !== 'en' && existsSync(join(folder, 'index.ts'));
  if (!['export', 'import'].includes(verb) || !there || file === undefined)
    throw new Problem(
      'usage: node scripts/messages.mjs export|import LANGUAGE FILE; languages other than en are folders of www/src/languages',
    );
  if (verb === 'export') {
    const [, tag] = /\btag: '([\w-]+)'/.exec(readFileSync(join(folder, 'index.ts'), 'utf8')) ?? [];
    return writeFileSync(file, exported(folder, tag ?? language));
  }
  const changed = imported(folder, readFileSync(file, 'utf8'));
  await run('node_modules/.bin/biome', ['check', '--write', '--colors=off', folder], { capture: true });
  say(`${changed} texts changed`);
});
