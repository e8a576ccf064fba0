/** Whether the page is being put on paper: lists that draw only what is in sight then draw all. */

import { flushSync } from 'svelte';

const query = matchMedia('print');
let printing = $state(query.matches);

/** At once: the browser lays the pages out as soon as it has told. */
function set(on: boolean) {
  if (on !== printing) flushSync(() => (printing = on));
}
addEventListener('beforeprint', () => set(true));
addEventListener('afterprint', () => set(false));
query.addEventListener('change', () => set(query.matches));

export const paper = {
  get on(): boolean {
    return printing;
  },
};
