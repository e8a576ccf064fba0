/** Searches a text as it was given and without its dress, and brings what is found back to the text that was given. */
import type { Scanned } from './analyze.js';
import { withoutMarkup, withoutPrefixes } from './bare.js';
import { composed, type Edited, oldOffset } from './edits.js';
import { type Finding, findingOf } from './finding.js';
import { Source } from './source.js';

type Search = (input: string) => Generator<number, Scanned>;

/** The ways to read a text that the scan chose from. @internal */
export interface Readings {
  /** Without colours, HTML and transfer encodings. */
  marked: Edited;
  /** Without the prefixes of lines too; the same where there are none. */
  bare: Edited;
}

/** Searches a text; what is found has the offsets of `input`. @internal */
export function* searchDressed(input: string, search: Search): Generator<number, Scanned> {
  const marked = withoutMarkup(input);
  const plain = yield* search(marked.text);
  const bare = isDescription(marked.text, plain.findings) ? marked : withoutPrefixes(marked);
  const other = bare === marked ? null : yield* standing(search(bare.text), input.length);
  const better = other !== null && worth(other.findings) > worth(plain.findings);
  const chosen = better ? other : plain;
  const edited = better ? bare : marked;
  const readings = { marked, bare };
  if (edited.text === input) return { ...chosen, input, readings };
  const source = new Source(input);
  const findings = chosen.findings.map((finding) => dressed(finding, edited, source));
  const truncated = chosen.truncated === null ? null : oldOffset(edited.map, chosen.truncated);
  return { ...chosen, input, findings, truncated, readings };
}

/** Whether a text is one description as it stands and nothing else: no line of it has a prefix. */
function isDescription(text: string, [only, ...others]: readonly Finding[]): boolean {
  if (only?.kind !== 'sdp' || others.length > 0) return false;
  return !only.fragment && only.record.text === null && only.start === 0 && text.slice(only.end).trim() === '';
}

/** Steps of a second search, which progress does not count. */
function* standing(steps: Generator<number, Scanned>, done: number): Generator<number, Scanned> {
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      yield done;
    }
  } finally {
    steps.return(undefined as never);
  }
}

/** What a reading found: a message tells more than the lines of its body, and a whole description more than its candidates. */
function worth(findings: readonly Finding[]): number {
  let sum = 0;
  for (const finding of findings) {
    if (finding.kind === 'sdp') sum += finding.text.length / 20 + (finding.fragment ? 0 : 3);
    else if (finding.kind === 'candidate')
      sum += (finding.value === null ? 0 : 2) + Math.min(finding.text.length, 1_000) / 100;
    else sum += finding.kind === 'end-of-candidates' ? 1 : 4;
  }
  return sum;
}

/** A finding of a text that was edited, in the text that was given. */
function dressed(finding: Finding, { text: bare, map }: Edited, source: Source): Finding {
  const { record, index } = finding;
  const start = oldOffset(map, record.start);
  const end = Math.max(start, oldOffset(map, Math.max(record.start, record.end - 1)) + 1);
  const moved = { ...record, start, end, line: source.place(start).line };
  if ('map' in moved) {
    const own = moved.text === null ? [0, record.start] : moved.map;
    const text = moved.text ?? bare.slice(record.start, record.end);
    moved.map = composed(own, map, text.length);
    // What stands in the input as it is needs no copy, and can be mended there.
    moved.text = source.slice(start, end) === text ? null : text;
  }
  return findingOf(moved, source, index);
}
