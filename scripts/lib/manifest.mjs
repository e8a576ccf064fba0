// The manifest of pkg/: npm/package.json, and where it was built from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, root } from './run.mjs';

/**
 * The `repository` of a package, which npm compares with where its provenance says it was built: what GitHub's actions name,
 * else the remote that this folder was cloned from. `null` where there is none: nothing is made up.
 */
export function repositoryOf(variables, remote) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = variables;
  if (server && name) return { type: 'git', url: `git+${server}/${name}.git` };
  const found =
    /^(?:https:\/\/|git@|ssh:\/\/git@)(github\.com|gitlab\.com|codeberg\.org)[/:]([\w.-]+\/[\w.-]+?)(?:\.git)?$/;
  const [, host, path] = found.exec(remote ?? '') ?? [];
  return path === undefined ? null : { type: 'git', url: `git+https://${host}/${path}.git` };
}

/** The text of pkg/package.json. */
export async function manifest() {
  const own = JSON.parse(readFileSync(join(root, 'npm/package.json'), 'utf8'));
  const repository = repositoryOf(process.env, await ask('git', ['-C', root, 'remote', 'get-url', 'origin']));
  return `${JSON.stringify(repository === null ? own : { ...own, repository }, null, 2)}\n`;
}
