/**
 * Pixel layout of a virtual list: equal rows, with one opened box under one of them. Browsers cap how tall an element
 * may be, so over `MAX_HEIGHT` the scroll bar is a scaled image of the list; rows keep their size.
 */

export const MAX_HEIGHT = 8_000_000;

export interface Opened {
  row: number;
  height: number;
}

export interface Window {
  first: number;
  last: number;
  /** Place of the first row, in pixels from the top of the scrolled element. */
  top: number;
}

export class ListLayout {
  readonly rowCount: number;
  readonly rowHeight: number;
  readonly opened: Opened | null;

  constructor(rowCount: number, rowHeight: number, opened: Opened | null) {
    this.rowCount = rowCount;
    this.rowHeight = rowHeight;
    this.opened = opened;
  }

  get fullHeight(): number {
    return this.rowCount * this.rowHeight + (this.opened?.height ?? 0);
  }

  /** Height of the scrolled element. */
  get height(): number {
    return Math.min(this.fullHeight, MAX_HEIGHT);
  }

  /** Top of a row in the unscaled list. */
  rowTop(row: number): number {
    const extra = this.opened !== null && row > this.opened.row ? this.opened.height : 0;
    return row * this.rowHeight + extra;
  }

  rowAt(y: number): number {
    const { opened, rowHeight } = this;
    const last = Math.max(0, this.rowCount - 1);
    if (opened === null || y < (opened.row + 1) * rowHeight) return clamp(Math.floor(y / rowHeight), 0, last);
    return clamp(Math.max(opened.row, Math.floor((y - opened.height) / rowHeight)), 0, last);
  }

  /** Unscaled position at the top of the viewport. */
  position(scrollTop: number, viewHeight: number): number {
    if (this.fullHeight <= MAX_HEIGHT) return scrollTop;
    return scrollTop * ((this.fullHeight - viewHeight) / Math.max(1, MAX_HEIGHT - viewHeight));
  }

  /** `scrollTop` that brings an unscaled position to the top. */
  scrollTop(position: number, viewHeight: number): number {
    const wanted = clamp(position, 0, Math.max(0, this.fullHeight - viewHeight));
    if (this.fullHeight <= MAX_HEIGHT) return wanted;
    return wanted / ((this.fullHeight - viewHeight) / Math.max(1, MAX_HEIGHT - viewHeight));
  }

  window(scrollTop: number, viewHeight: number, margin: number): Window {
    const position = this.position(scrollTop, viewHeight);
    const first = Math.max(0, this.rowAt(position) - margin);
    const last = Math.min(this.rowCount - 1, this.rowAt(position + viewHeight) + margin);
    return { first, last, top: scrollTop + this.rowTop(first) - position };
  }

  /** `scrollTop` that shows a row (and what is opened under it), moving no more than needed. */
  reveal(row: number, scrollTop: number, viewHeight: number): number {
    const position = this.position(scrollTop, viewHeight);
    const top = this.rowTop(row);
    const below = this.opened?.row === row ? this.opened.height : 0;
    const bottom = top + this.rowHeight + below;
    if (top >= position && bottom <= position + viewHeight) return scrollTop;
    const near = top >= position - viewHeight && top <= position + 2 * viewHeight;
    const context = 3 * this.rowHeight;
    if (near && top < position) return this.scrollTop(top - context, viewHeight);
    if (near && bottom - top + context < viewHeight) return this.scrollTop(bottom + context - viewHeight, viewHeight);
    return this.scrollTop(top - Math.min(viewHeight / 4, 8 * this.rowHeight), viewHeight);
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
