/** "Simulate this": the simulator makes a scenario of what was read, and says what it assumes. */
import { inspect } from './model.svelte';

/** Whether the session that is looked at is the one the simulator would take: the first with candidates, or the only one. */
export function canSimulate(): boolean {
  const { report, reading, session } = inspect;
  const sessions = report?.sessions ?? [];
  const recorded = report?.kind === 'dump' || report?.kind === 'about' || reading?.text === null;
  if (recorded) return sessions.length === 1 && (report?.checks.length ?? 0) > 0;
  return session >= 0 && session === sessions.findIndex(({ candidates }) => candidates > 0);
}

export async function simulateThis(): Promise<void> {
  const { reading, input } = inspect;
  const evidence = reading?.text ?? reading?.bytes ?? null;
  if (evidence === null) return;
  const { simulateEvidence } = await import('../simulate/evidence/handOver');
  await simulateEvidence(evidence, input?.name ?? null);
}
