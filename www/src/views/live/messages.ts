/** The words of Live. */
export const en = {
  'live.servers': 'ICE servers',
} as const;

export const zh: Record<keyof typeof en, string> = {
  'live.servers': 'ICE 服务器',
};
