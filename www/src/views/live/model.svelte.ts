import type { ViewLink } from '../index';

export const liveLink: ViewLink = { capture: () => null, restore: () => false };
