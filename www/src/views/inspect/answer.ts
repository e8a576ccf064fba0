/** The answer above Inspect's panes, for the session that is looked at: will it work, did it, and if not, why. */
import type { Answer, Clause, Said } from '../../ui/answer.svelte';
import type { Cause } from './model/causes';
import type { AdviceRow, DiagnosticRow, Report, SessionRow } from './report/types';
import { verdictLook } from './report/verdicts';

export interface Facts {
  report: Report;
  session: SessionRow | null;
  causes: readonly Cause[];
  /** Advice on the session and on the whole input. */
  advice: readonly AdviceRow[];
  /** In the chosen language. */
  say: { diagnostic(row: DiagnosticRow): string; advice(row: AdviceRow): string };
  /** Brings a place of the text into sight. */
  show(at: number): void;
  select(diagnostic: number): void;
  /** Opens advice where the text has what it rests on. */
  open(advice: AdviceRow): void;
  fix(causes: readonly Cause[]): void;
}

type Browser = 'chrome' | 'firefox';
const NAMES: Record<Browser, string> = { chrome: 'Chrome', firefox: 'Firefox' };
const refuses = (cause: Cause, browser: Browser) =>
  /^(?:refuses|rejects)\b/.test(cause.first.verdicts?.[browser] ?? '');
const takes = (cause: Cause, browser: Browser) =>
  cause.first.verdicts !== null && verdictLook(cause.first.verdicts[browser]).sign === 'ok';

/** A sentence as a clause: its first one, without the stop. */
export function firstClause(text: string): string {
  return text.replace(/(?:\.\s|。)[\s\S]*$|\.$/, '').trim();
}

function fromCause(cause: Cause, { say, select }: Facts): Clause {
  return {
    said: { text: firstClause(say.diagnostic(cause.first)) },
    evidence: { pane: 'inspect-diagnostics', select: () => select(cause.first.index) },
  };
}

const fromAdvice = (row: AdviceRow, { say, open }: Facts): Clause => ({
  said: { text: firstClause(say.advice(row)) },
  evidence: { pane: 'inspect-advice', select: () => open(row) },
});

/** Answer for a description that browsers refuse, and which of them takes it all the same. */
function refused(facts: Facts): Answer | null {
  const both: readonly Browser[] = ['chrome', 'firefox'];
  const bad = facts.causes.filter((cause) => both.some((browser) => refuses(cause, browser)));
  const [worst] = bad;
  if (!worst) return null;
  const who = both.filter((browser) => bad.some((cause) => refuses(cause, browser)));
  const offer = facts.session?.offer !== null && facts.session?.answer === null;
  const what = (facts.session?.descriptions ?? 0) !== 1 ? 'text' : offer ? 'offer' : 'description';
  const outcome: Clause = {
    said: {
      key: who.length === 2 ? `inspect.answer.refuse.${what}` : `inspect.answer.refuses.${what}`,
      values: { who: NAMES[who[0] ?? 'chrome'], other: NAMES[who[1] ?? 'firefox'] },
    },
    evidence: { pane: 'inspect-diagnostics', select: () => facts.select(worst.first.index) },
  };
  const causes = bad.slice(0, 2).map((cause) => fromCause(cause, facts));
  const other = both.find((browser) => !who.includes(browser));
  if (other && bad.every((cause) => takes(cause, other))) {
    causes.push({
      said: { key: 'inspect.answer.takes', values: { who: NAMES[other] } },
      evidence: { pane: 'inspect-diagnostics' },
    });
  }
  const fixable = bad.filter(({ rows }) => rows.some(({ fix }) => fix !== null));
  const n = fixable.reduce((sum, { rows }) => sum + rows.filter(({ fix }) => fix !== null).length, 0);
  const rest = bad.length - fixable.length;
  const help: Said[] =
    n === 0
      ? []
      : [
          rest === 0
            ? { key: 'inspect.answer.fixes', values: { n } }
            : { key: 'inspect.answer.fixesSome', values: { n, rest } },
        ];
  const action =
    n === 0 ? null : { label: 'inspect.answer.fix' as const, values: { n }, run: () => facts.fix(fixable) };
  return { tone: 'fail', sign: 'error', outcome, causes, help, action };
}

/** Answer by the log or the dump: the outcome, and the known reasons. */
function told({ session, ...facts }: Facts): Answer | null {
  const outcome = session?.outcome;
  if (!session || !outcome) return null;
  const bad = outcome.state === 'fail';
  const clause: Clause = {
    said: { key: `inspect.answer.${outcome.word}` },
    evidence: {
      pane: outcome.at > 0 ? 'inspect-input' : 'inspect-found',
      select: () => outcome.at > 0 && facts.show(outcome.at),
    },
  };
  const all = { session, ...facts };
  const weighty = facts.advice.filter(({ severity }) => severity === 'error' || (bad && severity === 'warning'));
  const errors = facts.causes.filter(({ severity }) => severity === 'error');
  const causes = [...weighty.map((row) => fromAdvice(row, all)), ...errors.map((cause) => fromCause(cause, all))];
  if (bad && causes.length === 0) {
    causes.push({ said: { key: 'inspect.answer.unknownWhy' }, evidence: { pane: 'inspect-found' } });
  }
  return {
    tone: bad ? 'fail' : 'ok',
    sign: bad ? 'error' : 'ok',
    outcome: clause,
    causes: causes.slice(0, 2),
    help: [],
  };
}

/** Nothing tells of an outcome: what is wrong with it, or whether it can work. */
function foreseen(facts: Facts): Answer | null {
  const { session, advice, causes } = facts;
  const wrong = [
    ...advice.filter(({ severity }) => severity === 'error').map((row) => fromAdvice(row, facts)),
    ...causes.filter(({ severity }) => severity === 'error').map((cause) => fromCause(cause, facts)),
  ];
  const list = session?.checkList ?? null;
  const sides = { pane: 'inspect-checks' };
  if (list && list.pairs.length === 0 && list.excluded.length > 0) {
    const outcome: Clause = { said: { key: 'inspect.answer.noPair' }, evidence: sides };
    return { tone: 'fail', sign: 'error', outcome, causes: wrong.slice(0, 2), help: [] };
  }
  const [first, ...rest] = wrong;
  if (first) return { tone: 'fail', sign: 'error', outcome: first, causes: rest.slice(0, 2), help: [] };
  if (list && list.pairs.length > 0) {
    const outcome: Clause = {
      said: { key: 'inspect.answer.pairs', values: { n: list.pairs.length } },
      evidence: sides,
    };
    const warned = advice.filter(({ severity }) => severity === 'warning').map((row) => fromAdvice(row, facts));
    return { tone: '', sign: 'info', outcome, causes: warned.slice(0, 2), help: [] };
  }
  const warned = advice.filter(({ severity }) => severity === 'warning').map((row) => fromAdvice(row, facts));
  const [warning, ...more] = warned;
  if (warning) return { tone: 'warn', sign: 'warning', outcome: warning, causes: more.slice(0, 2), help: [] };
  if (session === null) return null;
  if (session.descriptions + session.candidates === 0) return null;
  const outcome: Clause = { said: { key: 'inspect.answer.clean' }, evidence: { pane: 'inspect-diagnostics' } };
  const one = session.offer === null || session.answer === null;
  const causesOf: Clause[] = one
    ? [{ said: { key: 'inspect.answer.oneSide' }, evidence: { pane: 'inspect-sides' } }]
    : [];
  return { tone: '', sign: 'info', outcome, causes: causesOf, help: [] };
}

/** A clause that others precede: an English sentence that begins with an ordinary word loses its capital. */
export function withinSentence(text: string): string {
  return text.replace(/^(?:A|An|The|This|There|It|Its|No|Not|Nothing|Neither|More|Another|All|Both|One)\b/, (word) =>
    word.toLowerCase(),
  );
}

const within = (clause: Clause): Clause =>
  'text' in clause.said ? { ...clause, said: { text: withinSentence(clause.said.text) } } : clause;

export function inspectAnswer(facts: Facts): Answer | null {
  const answer = told(facts) ?? refused(facts) ?? foreseen(facts);
  return answer && { ...answer, causes: answer.causes.map(within) };
}
