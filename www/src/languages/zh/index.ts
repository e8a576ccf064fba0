import { engineWords } from '../../i18n/engine';
import type { Language } from '..';

export const language: Language = {
  tag: 'zh-Hans',
  name: '中文',
  views: {
    async live() {
      const [{ zh }, { nat }] = await Promise.all([import('./live'), import('./nat')]);
      return { ...zh, ...engineWords(nat) };
    },
    simulate: async () => (await import('./simulate')).zh,
    inspect: async () => (await import('./inspect')).zh,
    echo: async () => (await import('./echo')).zh,
  },
  findings: () => import('./findings'),
  decisions: () => import('./decisions'),
};
