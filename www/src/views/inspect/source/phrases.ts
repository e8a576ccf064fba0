/** Words of the editor itself, in the chosen language: CodeMirror's words to ours. */
import { type Key, t } from '../../../i18n/index.svelte';

const WORDS: Record<string, Key> = {
  Find: 'inspect.find.find',
  Replace: 'inspect.find.replace',
  next: 'inspect.find.next',
  previous: 'inspect.find.previous',
  all: 'inspect.find.all',
  'match case': 'inspect.find.case',
  'by word': 'inspect.find.word',
  regexp: 'inspect.find.regexp',
  replace: 'inspect.find.replaceOne',
  'replace all': 'inspect.find.replaceAll',
  close: 'inspect.find.close',
  'current match': 'inspect.find.current',
  'replaced $ matches': 'inspect.find.replaced',
  'replaced match on line $': 'inspect.find.replacedLine',
  'on line': 'inspect.find.onLine',
  'Go to line': 'inspect.find.goTo',
  go: 'inspect.find.go',
};

export const phrases = (): Record<string, string> =>
  Object.fromEntries(Object.entries(WORDS).map(([theirs, key]) => [theirs, t(key)]));
