// The first script, and a small one: the view that the address names is fetched beside the frame, not after it.
import { readHash } from './app/permalink';
import { preferredLanguage, readStored, SETTINGS, storedLanguage } from './app/stored';
import { languageOf } from './languages';
import { PARTS, viewNamed } from './views/parts';

const stored = readStored(SETTINGS) as { language?: unknown } | null;
const language = storedLanguage(stored?.language) ?? preferredLanguage();
const view = viewNamed(readHash(location.hash).view);
// The frame tells of a file that can't be fetched, and asks for it again.
Promise.all([PARTS[view](), languageOf(language).views[view]()]).catch(() => undefined);
void import('./frame');
