/** The report of `icelens nat` as text, and its progress. */

import { addressText, type TransportAddress } from '../address.js';
import type { NatEvent } from '../discovery.js';
import type { Axis, NatPath, NatReport } from '../nat.js';
import { complain } from './usage.js';
import { visibleLine } from './visible.js';

const bold = (text: string) => (process.stdout.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
const dim = (text: string) => (process.stdout.isTTY ? `\u001b[2m${text}\u001b[0m` : text);

/** Axes with these say nothing worth a line. */
const silentCodes = new Set(['untested', 'no-gateway', 'no-mapping', 'few-mappings', 'no-plain-address']);

const axes = [
  ['mapping', 'mapping'],
  ['filtering', 'filtering'],
  ['hairpin', 'hairpin'],
  ['lifetime', 'lifetime'],
  ['ports', 'ports'],
  ['pooling', 'pooling'],
  ['levels', 'levels'],
  ['alg', 'ALG'],
  ['fragments', 'fragments'],
] as const;

function valueText(name: string, axis: Axis<unknown>): string {
  if (axis.value === 'ambiguous') return (axis.left ?? []).join(' or ');
  if (typeof axis.value === 'boolean') return axis.value ? 'yes' : 'no';
  if (typeof axis.value === 'number') return `${axis.value.toFixed(1)} s`;
  return name === 'mapping' && axis.value === 'not-applicable' ? 'no translation' : String(axis.value);
}

/** Never rounds up to certainty. */
function percent(confidence: number): string {
  if (confidence === 0) return '';
  return `${Math.min(99.9, Math.floor(confidence * 1000) / 10)} %`;
}

function axisLines(path: NatPath): string[] {
  return axes
    .filter(([key]) => !silentCodes.has(path[key].code))
    .map(([key, title]) => {
      const axis = path[key] as Axis<unknown>;
      const value = valueText(key, axis);
      return `  ${title.padEnd(10)} ${value.padEnd(28)} ${percent(axis.confidence).padStart(6)}  ${dim(axis.why)}`;
    });
}

function forecastLines(path: NatPath): string[] {
  if (path.forecast.length === 0) return [];
  const direct = path.forecast.filter((peer) => peer.direct).map(({ peer }) => peer);
  const relayed = path.forecast.filter((peer) => !peer.direct).map(({ peer }) => peer);
  const lines = [`  connects directly with ${direct.join(', ')}`];
  lines.push(
    relayed.length > 0
      ? `  needs a relay for peers behind ${relayed.join(', ')}`
      : '  needs a relay only where UDP is blocked',
  );
  return lines;
}

function pathLines(path: NatPath): string[] {
  const exits = path.exits.length > 0 ? ` → ${path.exits.join(', ')}` : '';
  const name = path.classic === 'unknown' ? 'not enough is known for a name' : path.classic;
  return [bold(`${path.base}${exits}: ${name}`), ...axisLines(path), ...forecastLines(path), ''];
}

/** One screen. */
export function reportText(report: NatReport, seconds: number): string {
  const lines = report.paths.flatMap(pathLines);
  lines.push(...report.warnings.map(({ text }) => `! ${text}`));
  lines.push(dim(`${report.observations.length} observations in ${seconds.toFixed(1)} s`));
  return lines.join('\n');
}

/** Live lines on a terminal's standard error, or each step with `--verbose`. */
export class Progress {
  readonly #verbose: boolean;
  readonly #live: boolean;
  readonly #blocks = new Map<string, string[]>();
  #drawn = 0;

  constructor(verbose: boolean, quiet: boolean) {
    this.#verbose = verbose;
    this.#live = process.stderr.isTTY === true && !verbose && !quiet;
  }

  /** Options of `discoverNat` for these servers. */
  hook(servers: readonly TransportAddress[]): { onProgress?(event: NatEvent, report: () => NatReport): void } {
    const name = servers[0] ? addressText(servers[0]) : '';
    const began = performance.now();
    if (this.#verbose) {
      return {
        onProgress: ({ time, type, rule, why }) =>
          complain(
            visibleLine(`${((time - began) / 1000).toFixed(3).padStart(8)} s  ${type.padEnd(8)} ${why} ${rule}`),
          ),
      };
    }
    if (!this.#live) return {};
    return {
      onProgress: (event, report) => {
        if (event.type === 'sent') return;
        const lines = report().paths.flatMap((path) => [
          `${path.base}: ${path.classic}`,
          `  mapping    ${valueText('mapping', path.mapping)}`,
          `  filtering  ${valueText('filtering', path.filtering)}`,
        ]);
        this.#blocks.set(name, [`asking ${name}…`, ...lines]);
        this.#draw([...this.#blocks.values()].flat());
      },
    };
  }

  /** Removes the live lines. */
  clear(): void {
    this.#draw([]);
  }

  #draw(lines: string[]): void {
    if (!this.#live) return;
    const width = process.stderr.columns ?? 80;
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : '';
    process.stderr.write(`${up}\u001b[J${lines.map((line) => `${visibleLine(line).slice(0, width - 1)}\n`).join('')}`);
    this.#drawn = lines.length;
  }
}
