import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { references } from '../../../src/views/inspect/report/references';

const file = readFileSync(new URL('../../../../docs/diagnostics.tsv', import.meta.url), 'utf8');
const rows = file.trimEnd().split('\n').slice(1);

it('every diagnostic says where its rule stands, but those no RFC has', () => {
  const without = Object.entries(references).filter(([, reference]) => !/^RFC \d{4} §\d+(\.\d+)*$/.test(reference));
  // Rules of Chromium's, and a limit of ours.
  expect(without.sort()).toEqual([
    ['cand.extension-number', ''],
    ['cand.network-cost-range', ''],
    ['sdp.too-many-lines', ''],
  ]);
});

it('a sentence that names an RFC is linked to it', () => {
  for (const row of rows) {
    const [code = '', , message = ''] = row.split('\t');
    const named = /RFC \d{4}/.exec(message)?.[0];
    if (named !== undefined) expect(references[code], code).toContain(named);
  }
});
