import type { Language } from '..';

/** The language that the others are translated from; its words stand beside what shows them. */
export const language: Language = {
  tag: 'en',
  name: 'EN',
  views: {
    live: async () => (await import('../../views/live/messages')).en,
    simulate: async () => (await import('../../views/simulate/messages')).en,
    inspect: async () => (await import('../../views/inspect/messages')).en,
    echo: async () => (await import('../../views/echo/messages')).en,
  },
  findings: null,
  decisions: null,
};
