/** `icelens scan`. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Analysis, analyze, type ScanProgress } from '../scan.js';
import { reason } from './reason.js';
import { isEmpty, isWrong, plainAnalysis, report } from './scan-text.js';
import { type Command, complain, print, printLines, readArgs, UsageError } from './usage.js';

const options = {
  json: { type: 'boolean', default: false },
  findings: { type: 'boolean', short: 'f', default: false },
} as const;

/** Bytes of a file that takes long enough for its progress to be shown. */
const LONG = 8 << 20;

/** The command. */
export const scan: Command = {
  usage: 'scan FILE…',
  summary: 'Finds SDP, candidates and STUN in any log, dump or capture, and says what went wrong.',
  help: `FILE is a text, a webrtc-internals dump, a pcap or pcapng file, plain or gzipped; '-' reads standard input.
Several files are judged each by itself.

      --json       prints findings, sessions, capture, dump and advice as JSON; of several files a list
  -f, --findings   lists every finding with its place

Of each description and candidate it prints what is wrong: place, line, what the browsers do, the fix. Notes only with -f.

Exit code: 0 nothing is wrong, 1 the advice or a diagnostic is an error, both browsers refuse an offer, or the file was not read
to its end, 2 wrong usage, the file can't be read, or nothing in it is of a call. Of several files the highest.`,
  options,
  async run(args) {
    const { values, positionals } = readArgs(args, options);
    if (positionals.length === 0) throw new UsageError("name a file, or '-' for standard input");
    if (positionals.filter((file) => file === '-').length > 1) throw new UsageError("'-' can be read only once");
    const plain: object[] = [];
    let worst = 0;
    for (const file of positionals) {
      const analysis = await read(file).catch((error: unknown) => {
        if (positionals.length === 1) throw error;
        const text = reason(error);
        complain(`icelens scan: ${text.startsWith(`'${file}'`) ? '' : `'${file}': `}${text}`);
        return null;
      });
      worst = Math.max(worst, analysis === null ? 2 : exitCode(analysis));
      if (analysis === null) continue;
      if (positionals.length > 1 && !values.json) print(`== ${file}`);
      if (values.json)
        plain.push(positionals.length > 1 ? { file, ...plainAnalysis(analysis) } : plainAnalysis(analysis));
      else report(analysis, values.findings);
    }
    if (values.json) printLines(toJson(positionals.length > 1 ? plain : plain[0]));
    return worst;
  },
};

function exitCode(analysis: Analysis): number {
  if (isEmpty(analysis)) return 2;
  const { truncated, capture } = analysis;
  const isCut = truncated !== null || (capture?.damaged ?? null) !== null;
  return isCut || isWrong(analysis) ? 1 : 0;
}

function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, value) => (typeof value === 'bigint' ? String(value) : value), 2);
}

/** Reads a file in parts, showing how far it has come where somebody may be waiting. */
async function read(file: string): Promise<Analysis> {
  if (file === '-') return analyze(process.stdin);
  const stats = await stat(file);
  if (stats.isDirectory()) throw new Error(`'${file}': that is a folder; name the files in it`);
  const { size } = stats;
  let shown = 0;
  const onProgress = ({ phase, done }: ScanProgress) => {
    const percent = phase === 'explain' ? 100 : Math.floor((done / Math.max(size, 1)) * 100);
    if (!process.stderr.isTTY || size < LONG || percent <= shown) return;
    shown = percent;
    process.stderr.write(percent < 100 ? `\r${percent} %` : '\r     \r');
  };
  return analyze(createReadStream(file), { onProgress });
}
