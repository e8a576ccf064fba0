/** The next row after `from` that differs, and after the last the first; null where none does. */
export function nextDifference(rows: readonly { differs: boolean }[], from: number | null): number | null {
  const after = rows.findIndex((row, index) => row.differs && index > (from ?? -1));
  const next = after >= 0 ? after : rows.findIndex(({ differs }) => differs);
  return next < 0 ? null : next;
}
