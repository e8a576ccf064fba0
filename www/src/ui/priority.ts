/** A candidate priority taken apart (RFC 8445 §5.1.2.1): 2^24 × type, 2^8 × local, 256 − component. */
export interface PriorityParts {
  type: number;
  local: number;
  component: number;
}

export function priorityParts(priority: number): PriorityParts {
  const p = priority >>> 0;
  return { type: p >>> 24, local: (p >>> 8) & 0xffff, component: p & 0xff };
}
