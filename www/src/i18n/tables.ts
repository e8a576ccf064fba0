import * as frame from '../app/messages';
import * as ui from '../ui/messages';
import type { en as echo } from '../views/echo/messages';
import type { en as inspect } from '../views/inspect/messages';
import type { en as live } from '../views/live/messages';
import type { en as simulate } from '../views/simulate/messages';

export type Table = Readonly<Record<string, string>>;

const english = { ...frame.en, ...ui.en };
const found = import.meta.glob<Table>('../languages/*/frame.ts', { eager: true, import: 'words' });

/** The words of the frame and of what the views share, by language: there from the start. */
export const common: { en: typeof english; [language: string]: Table } = {
  en: english,
  ...Object.fromEntries(Object.entries(found).map(([path, words]) => [path.split('/')[2] ?? '', words])),
};

export type Key =
  | keyof typeof english
  | keyof typeof echo
  | keyof typeof inspect
  | keyof typeof live
  | keyof typeof simulate;
