// Crates that may come into the build, by licence, source and name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults, isAllowed } from '../lib/crates.mjs';

test('an expression is allowed when allowed licences meet it', () => {
  const yes = ['MIT', 'MIT/GPL-3.0', 'LGPL-2.1-or-later OR MIT', '(MIT OR Apache-2.0) AND Unicode-3.0'];
  const llvm = 'Apache-2.0 WITH LLVM-exception OR GPL-2.0';
  for (const expression of [...yes, llvm]) assert.equal(isAllowed(expression), true, expression);
  const no = ['', 'GPL-3.0', 'MIT AND GPL-3.0', '(MIT OR Apache-2.0) AND GPL-3.0', 'GPL-2.0 WITH LLVM-exception'];
  for (const expression of [...no, 'MIT)', 'MIT MIT']) assert.equal(isAllowed(expression), false, expression);
});

test('each fault is named', () => {
  const good = { version: '1.0.0', license: 'MIT', source: 'registry+https://registry.example/index' };
  const packages = [
    { ...good, name: 'good' },
    { ...good, name: 'ours', source: null },
    { ...good, name: 'copyleft', license: 'AGPL-3.0' },
    { ...good, name: 'unnamed', license: null },
    { ...good, name: 'elsewhere', source: 'git+https://example.org/elsewhere' },
    { ...good, name: 'regex' },
  ];
  const named = faults({ packages }).map((fault) => fault.split(' ')[0]);
  assert.deepEqual(named, ['copyleft', 'unnamed', 'elsewhere', 'regex']);
});
