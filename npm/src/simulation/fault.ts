/** Faults of scenarios, options and evidence: a code with values, besides the sentence. */
import { asTypeError } from '../trap.js';
import { type Fault, jsonFault } from './json-fault.js';

/**
 * What is wrong with a scenario, with options or with evidence. `message` is an English sentence with the place; `code` and
 * `values` make one in another language.
 */
export class ScenarioError extends TypeError {
  /** Stable code of the fault, such as `unknown-host`. */
  readonly code: string;
  /** Place of the value that is wrong, such as `hosts[0].run`; empty where it is the whole. */
  readonly path: string;
  /** Values of the sentence, by name. */
  readonly values: Readonly<Record<string, string>>;

  /** @internal */
  constructor({ code, path, values, message }: Fault) {
    super(message);
    this.code = code;
    this.path = path;
    this.values = values;
  }
}

/**
 * Runs a call of the wasm; throws a `ScenarioError` for what it refuses. `text` is the JSON that the call reads, as `jsonOf`
 * wrote it: the error then names the member in place of line and column.
 */
export function telling<T>(call: () => T, text = ''): T {
  try {
    return asTypeError(call);
  } catch (error) {
    if (!(error instanceof TypeError) || error instanceof ScenarioError) throw error;
    const fault = faultIn(error.message);
    if (fault === null) throw error;
    throw new ScenarioError(fault.code === 'json' ? jsonFault(fault, text) : fault);
  }
}

/** The fault that the wasm wrote as a message; `null` where another wrote it. */
function faultIn(message: string): Fault | null {
  try {
    const fault: unknown = JSON.parse(message);
    return typeof fault === 'object' && fault !== null && 'code' in fault ? (fault as Fault) : null;
  } catch {
    return null;
  }
}
