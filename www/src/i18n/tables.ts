import * as frame from '../app/messages';
import * as ui from '../ui/messages';
import type { en as echo } from '../views/echo/messages';
import type { ViewId } from '../views/index';
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

/** The words of each view, a part of their own for each language: fetched with the view. */
export const views: Record<ViewId, { en(): Promise<Table>; zh(): Promise<Table> }> = {
  live: {
    en: async () => (await import('../views/live/messages')).en,
    zh: async () => (await import('../views/live/messages.zh')).zh,
  },
  simulate: {
    en: async () => (await import('../views/simulate/messages')).en,
    zh: async () => (await import('../views/simulate/messages.zh')).zh,
  },
  inspect: {
    en: async () => (await import('../views/inspect/messages')).en,
    zh: async () => (await import('../views/inspect/messages.zh')).zh,
  },
  echo: {
    en: async () => (await import('../views/echo/messages')).en,
    zh: async () => (await import('../views/echo/messages.zh')).zh,
  },
};
