// What each file of page tests begins and ends with: the product, started once for all of its tests, and no page that threw.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { noChromium } from '../../../pkg-tests/lib/chromium.mjs';
import { startProduct } from './product.mjs';
import '../../../pkg-tests/lib/ends.mjs';

/** For node:test's `skip`: false, or why there is no browser. */
export const skip = noChromium;

/**
 * The product as `startProduct` gives it with these options; filled before the first test, and stopped after the last.
 * `begin` is done once it runs: hooks of a file do not wait for each other.
 */
export function productOfFile(begin = () => {}, options = {}) {
  const product = {};
  before(async () => {
    if (skip) return;
    Object.assign(product, await startProduct(options));
    await begin();
  });
  after(() => product.stop?.());
  return product;
}

/** The last test of a file. */
export function nothingThrew(product) {
  test('nothing threw', { skip }, () => assert.deepEqual(product.errors, []));
}
