import type { ViewLink } from '../index';

export const echoLink: ViewLink = { capture: () => null, restore: () => false };
