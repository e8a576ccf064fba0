import { memoryBytes, memoryWords, raw } from './core.js';

/** What the RFCs ask for and what the two browsers do, in a word or two; measured in Chromium 156 and Firefox 153. */
export interface Verdicts {
  rfc: string;
  chrome: string;
  firefox: string;
}

/** What to write instead: replace `start` to `end` of the caller's text by `text`. */
export interface Fix {
  start: number;
  end: number;
  text: string;
}

/** Something wrong or notable in a text, and exactly where. */
export interface Diagnostic {
  /** Stable; `docs/diagnostics.md` explains each one. */
  code: string;
  /** `error`: it can't be read, or no browser takes it. `warning`: somebody refuses it, or something is lost. */
  severity: 'error' | 'warning' | 'info';
  /** One sentence. */
  message: string;
  /** 1-based. */
  line: number;
  /** 1-based, in UTF-16 units. */
  column: number;
  /** UTF-16 offset into the caller's text. */
  start: number;
  /** UTF-16 offset into the caller's text, exclusive. */
  end: number;
  verdicts?: Verdicts;
  /** Where it is certain what should be written. */
  fix?: Fix;
}

type Row = readonly [
  code: string,
  severity: 'e' | 'w' | 'i',
  message: string,
  rfc: string,
  chrome: string,
  firefox: string,
];

const OK = 'ok';
const USED = 'used';
const IGNORED = 'ignored';
const REJECTS = 'rejects';

/** In the order of `Code` in `src/sdp/diagnostic.rs`; a test compares both with `docs/diagnostics.md`. */
const rows: readonly Row[] = [
  [
    'cand.too-short',
    'e',
    'The line ends before its type: a candidate has eight fields up to there.',
    'invalid',
    REJECTS,
    IGNORED,
  ],
  ['cand.one-line', 'e', 'More than one line: a candidate is one.', 'invalid', REJECTS, 'uses the first line'],
  ['cand.component', 'e', 'The component is not a number.', 'invalid', REJECTS, IGNORED],
  ['cand.priority', 'e', 'The priority is not a number below 2³².', 'invalid', REJECTS, 'wraps or ignores it'],
  ['cand.port', 'e', 'The port is not a number from 0 to 65535.', 'invalid', REJECTS, IGNORED],
  ['cand.typ', 'e', '`typ` is expected here, then the type.', 'invalid', REJECTS, IGNORED],
  [
    'cand.address',
    'w',
    'Looks like an IP address and is not one.',
    'invalid',
    'reads IPv4 as inet_aton, else takes a name',
    IGNORED,
  ],
  ['cand.prefix-missing', 'i', '`candidate:` is missing before the foundation.', 'invalid', REJECTS, REJECTS],
  ['cand.prefix-case', 'w', '`candidate` is written in lower case.', 'invalid', REJECTS, USED],
  ['cand.prefix-double', 'w', '`candidate:` is there twice.', 'invalid', 'used, foundation with a colon', USED],
  ['cand.line-type-case', 'w', 'The line type is a lower-case `a`.', 'invalid', REJECTS, IGNORED],
  ['cand.spaces', 'w', 'Fields are separated by exactly one space.', 'invalid', REJECTS, USED],
  ['cand.tab', 'w', 'A tab where a space belongs.', 'invalid', REJECTS, IGNORED],
  [
    'cand.nbsp',
    'w',
    'A no-break space where a space belongs: text copied from a web page.',
    'invalid',
    REJECTS,
    IGNORED,
  ],
  ['cand.foundation-empty', 'w', 'The foundation is empty.', 'invalid', USED, IGNORED],
  [
    'cand.foundation-too-long',
    'w',
    'The foundation is longer than 32 characters.',
    'invalid',
    USED,
    'used, RTCIceCandidate all null',
  ],
  ['cand.foundation-char', 'w', 'A foundation has letters, digits, `+` and `/` only.', 'invalid', USED, USED],
  ['cand.component-range', 'w', 'A component is 1 to 256.', 'invalid', 'never paired', IGNORED],
  ['cand.transport-unknown', 'w', 'Neither UDP nor TCP.', OK, REJECTS, IGNORED],
  [
    'cand.legacy-transport',
    'w',
    'The direction of TCP is in the transport, as an old draft had it; write `TCP` and `tcptype`.',
    OK,
    REJECTS,
    IGNORED,
  ],
  ['cand.priority-range', 'w', 'A priority is 1 to 2³¹−1.', 'invalid', USED, '0 is ignored, more is used'],
  ['cand.fqdn', 'w', 'A host name: the RFC has receivers ignore the line.', 'must be ignored', 'asks DNS', IGNORED],
  ['cand.ipv6-brackets', 'w', 'Brackets around IPv6 belong in URLs only.', 'invalid', 'never paired', IGNORED],
  ['cand.ipv6-zone', 'w', 'A zone id means something on one machine only.', 'invalid', 'never paired', IGNORED],
  ['cand.port-zero', 'w', 'Port 0: nothing can be sent there.', OK, 'never paired', IGNORED],
  [
    'cand.port-low',
    'i',
    'A port below 1024: Chromium never pairs it, except 80 and 443 at a public address.',
    OK,
    'never paired',
    USED,
  ],
  ['cand.case', 'w', '`typ` and the type are written in lower case.', OK, REJECTS, 'used, RTCIceCandidate throws'],
  ['cand.type-unknown', 'w', 'Not host, srflx, prflx or relay.', 'ignored', REJECTS, IGNORED],
  [
    'cand.type-legacy',
    'w',
    'A type name from before the RFC: `local` is now host, `stun` is srflx.',
    'ignored',
    REJECTS,
    IGNORED,
  ],
  [
    'cand.related-missing',
    'w',
    '`raddr` and `rport` are missing, which this type must have.',
    'invalid',
    USED,
    IGNORED,
  ],
  ['cand.raddr-missing', 'w', '`rport` without `raddr`.', 'invalid', USED, IGNORED],
  ['cand.rport-missing', 'w', '`raddr` without `rport`.', 'invalid', USED, IGNORED],
  ['cand.related-on-host', 'w', 'A host candidate has no related address.', 'invalid', USED, USED],
  [
    'cand.related-hidden',
    'i',
    'The related address is hidden: browsers do that when they hide host addresses.',
    OK,
    USED,
    USED,
  ],
  ['cand.related-port', 'w', 'The related port is not a number from 0 to 65535.', 'invalid', REJECTS, IGNORED],
  [
    'cand.order',
    'w',
    'Out of order: raddr, rport, tcptype, then everything else.',
    'invalid',
    'skips it',
    'ignores the candidate where it needs it',
  ],
  ['cand.tcptype-missing', 'w', 'A TCP candidate without `tcptype`.', 'invalid', 'takes it as passive', IGNORED],
  ['cand.tcptype-unknown', 'w', '`tcptype` is active, passive or so.', 'invalid', REJECTS, IGNORED],
  ['cand.tcptype-on-udp', 'w', '`tcptype` on a UDP candidate.', 'invalid', REJECTS, USED],
  [
    'cand.tcp-active-port',
    'i',
    'An active TCP candidate has port 9: it listens nowhere.',
    'must be 9',
    'no pair',
    'no pair',
  ],
  ['cand.empty-extension-value', 'w', 'An extension without a value.', OK, USED, USED],
  ['cand.network-cost-range', 'w', 'A network cost is 0 to 999.', OK, 'clamps; over 65535 rejects', USED],
  ['cand.extension-number', 'w', 'Chromium reads this extension as a number.', OK, REJECTS, USED],
];

const severities = { e: 'error', w: 'warning', i: 'info' } as const;

/** Words of a diagnostic record. */
const WORDS = 7;
const NO_FIX = 0xffffffff;
const decoder = new TextDecoder();

function column(text: string, start: number): number {
  if (start === 0) return 1;
  const newline = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1));
  return start - newline;
}

/** Reads `count` diagnostics from word `at` of the memory, and their fixes from the output area. Call it before the next export. */
export function readDiagnostics(text: string, at: number, count: number): Diagnostic[] {
  const list: Diagnostic[] = [];
  if (count === 0) return list;
  const words = memoryWords();
  const output = raw().output_ptr();
  let fixStart = 0;
  for (let i = 0, word = at; i < count; i++, word += WORDS) {
    const [code, severity, message, rfc, chrome, firefox] = rows[words[word] as number] as Row;
    const line = words[word + 1] as number;
    const start = words[word + 2] as number;
    const end = words[word + 3] as number;
    const verdicts = { rfc, chrome, firefox };
    const one: Diagnostic = {
      code,
      severity: severities[severity],
      message,
      line,
      column: column(text, start),
      start,
      end,
      verdicts,
    };
    if (words[word + 4] !== NO_FIX) {
      const fixEnd = words[word + 6] as number;
      const replacement = decoder.decode(memoryBytes().subarray(output + fixStart, output + fixEnd));
      one.fix = { start: words[word + 4] as number, end: words[word + 5] as number, text: replacement };
      fixStart = fixEnd;
    }
    list.push(one);
  }
  return list;
}
