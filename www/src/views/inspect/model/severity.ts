export type Severity = 'error' | 'warning' | 'info';

export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** A text that a browser refuses is an error, whatever the RFC calls it. */
export function severityFor(
  told: Severity,
  verdicts: { chrome: string; firefox: string } | null | undefined,
): Severity {
  if (!verdicts) return told;
  const { chrome, firefox } = verdicts;
  return [chrome, firefox].some((verdict) => /^(?:refuses|rejects)\b/.test(verdict)) ? 'error' : told;
}

export function countSeverities(rows: readonly { severity: Severity }[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  for (const row of rows) counts[row.severity]++;
  return counts;
}
