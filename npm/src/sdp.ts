/**
 * STUN messages, candidates, session descriptions and check lists. Importing is enough: no init call, in Node, browsers
 * and workerd.
 *
 * @packageDocumentation
 */
export * from './candidate.js';
export * from './description.js';
export type { Diagnostic, Fix, Verdicts } from './diagnostics.js';
export * from './ice.js';
export * from './stun.js';
