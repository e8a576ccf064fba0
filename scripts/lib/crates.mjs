// Crates that may come into the build: by licence, source and name. What `cargo deny check licenses bans sources` checks,
// from `cargo metadata` alone: compiling cargo-deny would take as long as all the rest of a cold build.

/** Licences that ask for no more than their text in THIRD-PARTY-NOTICES.md. */
const LICENCES = new Set([
  'MIT',
  'Apache-2.0',
  'Apache-2.0 WITH LLVM-exception',
  'BSD-3-Clause',
  'ISC',
  'Unicode-3.0',
  'Unlicense',
  'Zlib',
]);
/** How the source of a crate of a registry begins; which registry, the lock file says. */
const REGISTRY = 'registry+';
/** Crates that have no place here, with the reason. */
const BANNED = {
  openssl: 'links a library of the system',
  'openssl-sys': 'links a library of the system',
  regex: 'larger in wasm than all readers of text together (CONTRIBUTING.md)',
};

/** The words of an SPDX expression; `/` is what older crates write for OR. */
function wordsOf(expression) {
  return expression
    .replaceAll('/', ' OR ')
    .replaceAll(/[()]/g, ' $& ')
    .replaceAll(/ WITH (\S+)/g, '\u0000WITH\u0000$1')
    .split(/ +/)
    .filter((word) => word !== '')
    .map((word) => word.replaceAll('\u0000', ' '));
}

/** Whether an SPDX expression can be met with allowed licences alone. */
export function isAllowed(expression) {
  const words = wordsOf(expression);
  let at = 0;
  const term = () => {
    const word = words[at++];
    if (word !== '(') return LICENCES.has(word);
    const inner = any();
    at++;
    return inner;
  };
  const all = () => {
    let met = term();
    while (words[at] === 'AND') {
      at++;
      met = term() && met;
    }
    return met;
  };
  const any = () => {
    let met = all();
    while (words[at] === 'OR') {
      at++;
      met = all() || met;
    }
    return met;
  };
  const met = any();
  return met && at === words.length;
}

/** Faults of the crates of `cargo metadata`, a sentence each. */
export function faults({ packages }) {
  return packages.flatMap(({ name, version, license, source }) => {
    const found = [];
    if (!isAllowed(license ?? '')) found.push(`${name} ${version} is under ${license ?? 'no licence that it names'}`);
    if (source !== null && !source.startsWith(REGISTRY))
      found.push(`${name} ${version} comes from ${source}, not from a registry`);
    if (Object.hasOwn(BANNED, name)) found.push(`${name} ${version} is not wanted: ${BANNED[name]}`);
    return found;
  });
}
