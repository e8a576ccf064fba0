import type { ViewLink } from '../index';

/** Inspect's state; it outlives the component. */
export const inspect = $state({ text: '' });

export const inspectLink: ViewLink = {
  capture: () => (inspect.text === '' ? null : { text: inspect.text }),
  restore(state) {
    const text = (state as { text?: unknown } | null)?.text;
    if (typeof text !== 'string') return false;
    inspect.text = text;
    return true;
  },
};
