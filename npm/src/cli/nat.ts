/** `icelens nat`. */
import type { TransportAddress } from '../address.js';
import type { NatReport } from '../nat.js';
import { type DiscoverOptions, discoverNat } from '../node/discover.js';
import { Progress, reportText } from './nat-text.js';
import { type Command, type Parsed, printLines, readArgs, resolveServer, UsageError, wholeNumber } from './usage.js';

/** The first offers RFC 5780, by its operator's word; the others are asked plainly. */
const DEFAULT_SERVERS = [
  'stun:stunserver2025.stunprotocol.org:3478',
  'stun:stun.l.google.com:19302',
  'stun:stun.cloudflare.com:3478',
];
/** Servers of a family that are asked. */
const MAX_SERVERS = 8;

const options = {
  json: { type: 'boolean', default: false },
  classic: { type: 'boolean', default: false },
  hairpin: { type: 'boolean', default: false },
  fragments: { type: 'boolean', default: false },
  lifetime: { type: 'boolean', default: false },
  'longest-lifetime': { type: 'string', default: '600' },
  ports: { type: 'string', default: '8' },
  local: { type: 'string' },
  ipv4: { type: 'boolean', short: '4', default: false },
  ipv6: { type: 'boolean', short: '6', default: false },
  verbose: { type: 'boolean', short: 'v', default: false },
} as const;

/** The command. */
export const nat: Command = {
  usage: 'nat [STUN-URL…]',
  summary: 'Tells what kind of NAT this machine is behind, how sure that is, and what it rests on.',
  help: `STUN-URL is stun:host, stun:host:port or an address. Filtering takes a server with two addresses (RFC 5780),
such as 'icelens serve ADDRESS OTHER-ADDRESS'. Without a URL public servers are asked.

      --json                 prints the report with all observations as JSON
      --classic              RFC 3489 messages and order, for old servers; slow
      --hairpin              also whether the own external address can be reached; some firewalls log that as an attack
      --fragments            also whether UDP fragments pass
      --lifetime             also how long an idle mapping lives; takes several times as long
      --longest-lifetime N   seconds up to which to look; 600
      --ports N              sockets that show how ports are chosen, 0 to 26; 8
      --local ADDRESS        local address to test from
  -4, --ipv4  -6, --ipv6     that family only
  -v, --verbose              prints each step to standard error

Exit code: 0 mapping and filtering are known, 1 not all is known, 2 wrong usage or no network, 3 UDP is blocked.`,
  options,
  operands: () => DEFAULT_SERVERS,
  async run(args) {
    const { values, positionals } = readArgs(args, options);
    const urls = positionals.length > 0 ? positionals : DEFAULT_SERVERS;
    const { families, unresolved } = await resolve(urls, values);
    const progress = new Progress(values.verbose, values.json);
    const began = performance.now();
    const started = new Date().toISOString();
    const reports = await Promise.allSettled(
      families.map((servers) => discoverNat({ ...discoverOptions(values), servers, ...progress.hook(servers) })),
    );
    progress.clear();
    const done = reports.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failed = reports.find((result) => result.status === 'rejected');
    if (done.length === 0) throw failed ? new Error(explain(failed.reason)) : new Error('no server to ask');
    const report = merge(done);
    report.warnings.push(...unresolved.map((text) => ({ code: 'server-not-found', text })));
    const seconds = (performance.now() - began) / 1000;
    const code = exitCode(report);
    if (values.json) {
      printLines(JSON.stringify({ schema: 1, started, seconds, servers: urls, exitCode: code, ...report }, null, 2));
    } else {
      printLines(reportText(report, seconds));
    }
    return code;
  },
};

type Values = Parsed<typeof options>['values'];

function discoverOptions(values: Values): Omit<DiscoverOptions, 'servers'> {
  const tests: NonNullable<DiscoverOptions['tests']>[number][] = ['mapping', 'filtering'];
  for (const test of ['hairpin', 'fragments', 'lifetime'] as const) if (values[test]) tests.push(test);
  return {
    procedure: values.classic ? 'rfc3489' : 'rfc5780',
    tests,
    ports: wholeNumber('--ports', values.ports, 0, 26),
    longestLifetime: wholeNumber('--longest-lifetime', values['longest-lifetime'], 1, 86_400),
    ...(values.local && { local: values.local }),
  };
}

/** The servers' addresses by family, and what could not be resolved. */
async function resolve(
  urls: string[],
  values: Values,
): Promise<{ families: TransportAddress[][]; unresolved: string[] }> {
  const unresolved: string[] = [];
  const found: TransportAddress[] = [];
  const answers = await Promise.allSettled(urls.map(resolveServer));
  for (const [index, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') found.push(...answer.value);
    else if (answer.reason instanceof UsageError) throw answer.reason;
    else unresolved.push(`The name of ${urls[index]} was not found (${answer.reason?.code ?? answer.reason}).`);
  }
  const wanted = (family: string) => values.ipv4 === values.ipv6 || (family === 'ipv4' ? values.ipv4 : values.ipv6);
  const families = ['ipv4', 'ipv6'].filter(wanted).map((family) => {
    const unique = new Map(
      found.filter((one) => one.family === family).map((one) => [`${one.address} ${one.port}`, one]),
    );
    return [...unique.values()].slice(0, MAX_SERVERS);
  });
  const some = families.filter((servers) => servers.length > 0);
  if (some.length === 0) throw new Error(unresolved.join(' ') || 'no server has an address of that family');
  return { families: some, unresolved };
}

/** Meaning of a system error. */
function explain(reason: unknown): string {
  const code = (reason as NodeJS.ErrnoException | undefined)?.code;
  if (code === 'ENETUNREACH' || code === 'EHOSTUNREACH')
    return 'there is no route to the server: is this machine connected?';
  if (code === 'EADDRNOTAVAIL') return '--local: this machine has no such address';
  return reason instanceof Error ? reason.message : String(reason);
}

/** One report of several families; evidence points into the joined observations. */
function merge(reports: NatReport[]): NatReport {
  const [first, ...rest] = reports as [NatReport, ...NatReport[]];
  for (const report of rest) {
    const offset = first.observations.length;
    for (const path of report.paths) {
      for (const axis of Object.values(path)) {
        if (typeof axis === 'object' && axis !== null && 'evidence' in axis) {
          axis.evidence = (axis.evidence as number[]).map((index) => index + offset);
        }
      }
    }
    first.paths.push(...report.paths);
    first.observations.push(...report.observations);
    first.warnings.push(...report.warnings);
    first.complete &&= report.complete;
  }
  return first;
}

function exitCode(report: NatReport): number {
  const blocked = report.paths.length > 0 && report.paths.every(({ classic }) => classic === 'blocked');
  if (blocked) return 3;
  return report.complete ? 0 : 1;
}
