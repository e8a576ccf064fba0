/** The words of Echo. */
export const en = {
  'echo.request': 'Request',
} as const;

export const zh: Record<keyof typeof en, string> = {
  'echo.request': '请求',
};
