/**
 * Everything of icelens. Importing is enough: no init call, in Node, browsers and workerd.
 *
 * @packageDocumentation
 */
export {
  type Axis,
  type ClassicNat,
  type Filtering,
  type Forecast,
  inferNat,
  type Mapping,
  type NatPath,
  type NatReport,
  type NatTest,
  type Observation,
  predictTraversal,
  type TraversalSide,
} from './nat.js';
