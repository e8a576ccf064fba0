import * as frame from '../app/messages';
import * as ui from '../ui/messages';
import * as echo from '../views/echo/messages';
import * as inspect from '../views/inspect/messages';
import * as live from '../views/live/messages';
import * as simulate from '../views/simulate/messages';

/** Every message in English. Each area keeps its own table and its translation side by side. */
export const en = { ...frame.en, ...ui.en, ...live.en, ...simulate.en, ...inspect.en, ...echo.en };

export type Key = keyof typeof en;

/** Every message in Chinese; the type makes a missing one an error. */
export const zh: Record<Key, string> = { ...frame.zh, ...ui.zh, ...live.zh, ...simulate.zh, ...inspect.zh, ...echo.zh };
