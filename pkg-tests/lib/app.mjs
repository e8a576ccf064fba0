// Program that every consumer runs: one value of each part of the package, checked.

/** Source of a module that throws unless `icelens` works. */
export const app = `
import * as icelens from 'icelens';

const same = (what, actual, expected) => {
  if (actual !== expected) throw new Error(what + ': ' + String(actual) + ' instead of ' + String(expected));
};

export function check() {
  const cone = { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' };
  const symmetric = { mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' };
  same('two port restricted cones', icelens.predictTraversal(cone, cone).direct, true);
  same('two symmetric NATs', icelens.predictTraversal(symmetric, symmetric).direct, false);
  return 'icelens works';
}
`;

/** A page that runs it and says how it went in its title. */
export const page = (script) =>
  `<!doctype html><link rel="icon" href="data:,"><title>waiting</title><body>${script}</body>`;

/** Source of the module behind the page. */
export const main = `
import { check } from './app.mjs';
try { document.title = check(); } catch (error) { document.title = 'failed: ' + error; }
`;
