/** How many columns the window takes: one up to 720 px, two up to 1080, three beyond. Style sheets use the same numbers. */

const narrow = matchMedia('(max-width: 720px)');
const middle = matchMedia('(max-width: 1080px)');

const count = () => (narrow.matches ? 1 : middle.matches ? 2 : 3);
let columns = $state<1 | 2 | 3>(count());
/** On paper the style sheet lays out what the window has: for the width of a sheet nothing is made anew. */
const paper = matchMedia('print');
const onChange = (query: MediaQueryList, take: () => void) =>
  query.addEventListener('change', () => {
    if (!paper.matches) take();
  });
for (const query of [narrow, middle]) onChange(query, () => (columns = count()));

/** Whether the window is at least this wide, px; for a row that knows how much it takes. */
export function isWide(pixels: number): () => boolean {
  const query = matchMedia(`(min-width: ${pixels}px)`);
  let wide = $state(query.matches);
  onChange(query, () => (wide = query.matches));
  return () => wide;
}

export const view = {
  get columns(): 1 | 2 | 3 {
    return columns;
  },
};
