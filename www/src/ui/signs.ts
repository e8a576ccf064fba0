/** The names of the symbols in `Signs.svelte`. */
export type SignName =
  | 'host'
  | 'srflx'
  | 'prflx'
  | 'relay'
  | 'frozen'
  | 'waiting'
  | 'progress'
  | 'ok'
  | 'fail'
  | 'pruned'
  | 'selected'
  | 'nominated'
  | 'warning'
  | 'error'
  | 'info'
  | 'unknown'
  | 'lens'
  | 'theme'
  | 'light'
  | 'dark'
  | 'link'
  | 'remove';

/** The colour class (base.css) each sign is drawn in unless told otherwise. */
const COLOUR: Partial<Record<SignName, string>> = {
  host: 'host',
  srflx: 'srflx',
  prflx: 'prflx',
  relay: 'relay',
  frozen: 'frozen',
  waiting: 'waiting',
  progress: 'progress',
  ok: 'ok',
  fail: 'fail',
  pruned: 'ink3',
  selected: 'ok',
  nominated: 'ink2',
  warning: 'warn',
  error: 'fail',
  info: 'accent',
  unknown: 'ink3',
};

export function signColour(name: SignName): string {
  return COLOUR[name] ?? 'ink2';
}

/** The sign of a candidate type; types this page does not know get the question mark. */
export function typeSign(type: string): SignName {
  return type === 'host' || type === 'srflx' || type === 'prflx' || type === 'relay' ? type : 'unknown';
}
