/** Reports of `getStats()`: as JSON of any shape, and as consoles and libraries print them in the middle of other text. */

import { ofReports, type ReadDump, type StatsReport } from './dump.js';
import { NAMES } from './dump-signs.js';

type Json = Record<string, unknown>;

/** Types of reports that are read. */
const TYPES = /^(?:candidate-pair|local-?candidate|remote-?candidate|transport|googCandidatePair)$/;
/** Depth at which JSON is searched for reports. */
const MAX_DEPTH = 6;
const MAX_REPORTS = 50_000;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Reports by id; a report that comes again adds to its values. */
class Reports {
  readonly byId = new Map<string, StatsReport>();

  add(report: Json): void {
    const { id, type } = report;
    if (typeof id !== 'string' || typeof type !== 'string' || this.byId.size >= MAX_REPORTS) return;
    const stamp = typeof report.timestamp === 'number' ? report.timestamp : Number.NaN;
    let known = this.byId.get(id);
    if (known === undefined) {
      known = { id, type, series: new Map() };
      this.byId.set(id, known);
    }
    for (const [name, value] of Object.entries(report)) {
      const series = known.series.get(name);
      if (series === undefined) known.series.set(name, { values: [value], start: stamp, end: stamp });
      else if (series.values.length < 1_000) {
        series.values.push(value);
        series.end = stamp;
      }
    }
  }

  /** The dump of one connection; `null` when there is neither a pair nor a candidate. */
  dump(format: 'getstats' | 'text'): ReadDump | null {
    const told = [...this.byId.values()].some(({ type }) => NAMES.test(type));
    if (!told) return null;
    const over = { connections: 0, events: 0, pairs: 0 };
    const head = { id: 'getStats', start: 0, url: null, configuration: null, events: [] };
    return {
      format,
      dump: {
        userAgent: null,
        saved: null,
        cut: null,
        connections: [{ ...head, ...ofReports(this.byId, over) }],
        over,
      },
    };
  }
}

/** Reads a text that is JSON with the reports of `getStats()` in it; `null` when it is something else. @internal */
export function readStatsJson(input: string): ReadDump | null {
  if (!/^\s*[[{]/.test(input) || !NAMES.test(input)) return null;
  let json: unknown;
  try {
    json = JSON.parse(input.trim());
  } catch {
    return null;
  }
  const reports = new Reports();
  collect(json, reports);
  return reports.dump('getstats');
}

/** Takes the reports of an array, an object or a Map printed as entries, or what holds one of these. */
function collect(json: unknown, reports: Reports): void {
  const open: { value: unknown; depth: number }[] = [{ value: json, depth: 0 }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { value, depth } = next;
    if (!isObject(value)) continue;
    if (typeof value.id === 'string' && typeof value.type === 'string') reports.add(flat(value));
    else if (depth < MAX_DEPTH) for (const inner of Object.values(value)) open.push({ value: inner, depth: depth + 1 });
  }
}

/** A report whose values are in a list or an object of their own, as React Native and Flutter give them. */
function flat(report: Json): Json {
  const { values } = report;
  if (!isObject(values)) return report;
  const inner = Array.isArray(values) ? Object.assign({}, ...values.filter(isObject)) : values;
  return { ...inner, id: report.id, type: report.type, timestamp: report.timestamp };
}

/** An object without others in it, but for one of values. */
const OBJECT = /\{([^{}]{10,4000}?)(?:\bvalues["']?\s*:\s*\{([^{}]{0,8000})\}\s*)?\}/g;
const MEMBER =
  /(["']?)\b([A-Za-z]\w{0,60})\1\s*:\s*(?:"((?:[^"\\\n]|\\.){0,500})"|'([^'\n]{0,500})'|([^,\n{}]{0,500}))/g;
/** Objects between two pauses. */
const STEP = 2_000;

/** Reads reports that stand in other text; `null` when there are none. @internal */
export function* readStatsText(input: string): Generator<unknown, ReadDump | null> {
  if (!NAMES.test(input)) return null;
  const reports = new Reports();
  let count = 0;
  for (const [, outer, inner] of input.matchAll(OBJECT)) {
    if (++count % STEP === 0) yield;
    const report = members(`${outer},${inner ?? ''}`);
    if (TYPES.test(String(report.type))) reports.add(report);
  }
  return reports.dump('text');
}

/** Members as JSON, JavaScript and Dart print them. */
function members(text: string): Json {
  const out: Json = {};
  for (const [, , name, double, single, bare] of text.matchAll(MEMBER)) {
    if (name !== undefined && !(name in out)) out[name] = double ?? single ?? bareValue(bare?.trim() ?? '');
  }
  return out;
}

function bareValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null' || text === 'undefined') return null;
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}
