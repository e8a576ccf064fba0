/** Errors that the engine has about JSON which this package wrote: the member that is wrong, in place of line and column. */

/** A fault, as the engine has it. */
export interface Fault {
  code: string;
  path: string;
  values: Record<string, string>;
  message: string;
}

/** The fault with the member of `text` that it is about, and without Rust's names of types; what has no column stays as it is. */
export function jsonFault(fault: Fault, text: string): Fault {
  const [, what = '', column] = /^(.*) at line 1 column (\d+)$/s.exec(fault.message) ?? [];
  if (column === undefined || text === '') return fault;
  return inWords(memberAt(text, Number(column)), what);
}

/** The member whose value ends or begins at a column, counted in bytes: `hosts[0].run`; empty for the whole. */
export function memberAt(text: string, column: number): string {
  const open: { isList: boolean; key: string; count: number }[] = [];
  const path = (depth: number) =>
    open
      .slice(0, depth)
      .map(({ isList, key, count }) => (isList ? `[${count}]` : `.${key}`))
      .join('')
      .replace(/^\./, '');
  let bytes = 0;
  // Strings, marks, and runs of anything else.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^[\]{},:"]+/gs)) {
    bytes += new TextEncoder().encode(token).length;
    const top = open.at(-1);
    const isKey = token.startsWith('"') && top?.isList === false && top.key === '';
    const closes = token === '}' || token === ']';
    if (bytes >= column) return path(isKey || closes ? open.length - 1 : open.length);
    if (isKey) top.key = JSON.parse(token);
    else if (token === '{' || token === '[') open.push({ isList: token === '[', key: '', count: 0 });
    else if (closes) open.pop();
    else if (token === ',' && top) {
      top.count += 1;
      top.key = '';
    }
  }
  return '';
}

/** Values that a field takes, by the words of serde. */
const EXPECTED: Record<string, string> = {
  f32: 'a number',
  f64: 'a number',
  u8: 'a whole number from 0 to 255',
  u16: 'a whole number from 0 to 65535',
  u32: 'a whole number from 0 to 4294967295',
  u64: 'a whole number from 0 on',
  usize: 'a whole number from 0 on',
  'a boolean': 'true or false',
  'a sequence': 'a list',
  'a map': 'an object',
};

function inWords(member: string, what: string): Fault {
  const of = (name: string) => (member === '' ? name : `${member}.${name}`);
  const at = member === '' ? '' : `${member}: `;
  const [, missing] = /^missing field `(.*)`$/.exec(what) ?? [];
  if (missing !== undefined)
    return { code: 'missing', path: of(missing), values: {}, message: `${of(missing)} is missing` };
  const [, kind, name = '', known = ''] = /^unknown (field|variant) `(.*?)`, (.*)$/s.exec(what) ?? [];
  const names = [...known.matchAll(/`(.*?)`/g)].map(([, one]) => one).join(', ');
  const unknown = { path: member, values: { name, names } };
  if (kind === 'field')
    return { ...unknown, code: 'unknown-member', message: `${at}there is no field ${name}; there are ${names}` };
  if (kind === 'variant') return { ...unknown, code: 'unknown-word', message: `${at}'${name}' is none of ${names}` };
  // An object's members may come as a list; too short a one is no object.
  const kinds = what.replace(/^invalid length \d+, expected struct/, 'invalid type: a list, expected struct');
  const [, given = '', wanted] = /^invalid (?:type|value): (.*), expected (.*)$/s.exec(kinds) ?? [];
  if (wanted === undefined) return { code: 'json', path: member, values: { what }, message: at + what };
  const expected = wanted.startsWith('struct ') || wanted.startsWith('internally tagged') ? 'a map' : wanted;
  const found = given.replace(/^(?:integer|floating point|boolean|string) /, '').replaceAll('`', '');
  const message = `${member === '' ? 'it' : member} must be ${EXPECTED[expected] ?? expected}, not ${found}`;
  return { code: 'wrong-type', path: member, values: { expected, found }, message };
}
