import * as frame from '../app/messages';
import * as ui from '../ui/messages';
import type { en as echo } from '../views/echo/messages';
import type { en as inspect } from '../views/inspect/messages';
import type { en as live } from '../views/live/messages';
import type { en as simulate } from '../views/simulate/messages';

export type Table = Readonly<Record<string, string>>;

/** The words of the frame and of what the views share: there from the start. */
export const common = { en: { ...frame.en, ...ui.en }, zh: { ...frame.zh, ...ui.zh } };

export type Key =
  | keyof typeof common.en
  | keyof typeof echo
  | keyof typeof inspect
  | keyof typeof live
  | keyof typeof simulate;
