/**
 * Everything of icelens. Importing is enough: no init call, in Node, browsers and workerd.
 *
 * @packageDocumentation
 */
export {};
