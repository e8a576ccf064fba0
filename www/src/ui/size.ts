/** Sizes of elements, as they are laid out. */

/**
 * For `{@attach}`: tells the inner width and height of an element, px, once it is laid out and at each change. Svelte's own
 * `bind:clientWidth` asks when the element is made, and the browser must lay out the whole page at once for it.
 */
export function sized(tell: (width: number, height: number) => void): (element: HTMLElement) => () => void {
  return (element) => {
    const sizes = new ResizeObserver(() => tell(element.clientWidth, element.clientHeight));
    sizes.observe(element);
    return () => sizes.disconnect();
  };
}
