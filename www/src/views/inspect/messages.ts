/** The words of Inspect. */
export const en = {
  'inspect.hint': 'Paste or drop anything',
  'inspect.input': 'Input',
} as const;

export const zh: Record<keyof typeof en, string> = {
  'inspect.hint': '粘贴或拖入任意内容',
  'inspect.input': '输入',
};
