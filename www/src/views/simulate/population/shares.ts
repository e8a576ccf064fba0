/** Shares as they are written and drawn. */
export const percent = (share: number, digits = 1) => `${(share * 100).toFixed(digits)} %`;

export const OUTCOMES = [
  { id: 'direct', sign: 'ok', tone: 'ok' },
  { id: 'relayed', sign: 'relay', tone: 'relay' },
  { id: 'failed', sign: 'fail', tone: 'fail' },
] as const;
