// The package as a user has it: packed, and installed from the tarball into a fresh folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from './limited.mjs';

const pkg = fileURLToPath(new URL('../../pkg', import.meta.url));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Packs pkg/ and installs it. Returns the folder, the tarball, the packed file names, and a way to clean up. */
export function installPackage() {
  const folder = mkdtempSync(join(tmpdir(), 'icelens-consumer-'));
  const run = (...args) =>
    execFileSync(npm, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [packed] = JSON.parse(run('pack', pkg, '--json', '--pack-destination', folder));
  const tarball = join(folder, packed.filename);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  // The package has no dependencies, so nothing needs a registry.
  run('install', '--offline', '--no-audit', '--no-fund', tarball);
  return {
    folder,
    tarball,
    files: packed.files.map(({ path }) => path),
    write: (name, text) => {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
