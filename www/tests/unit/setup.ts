// The words of every view are there, as once the views are opened.
import { loadWords } from '../../src/i18n/index.svelte';

const VIEWS = ['live', 'simulate', 'inspect', 'echo'] as const;
await Promise.all(VIEWS.flatMap((view) => [loadWords(view, 'en'), loadWords(view, 'zh')]));
