/** Runs of ordinary lines that stand as one line until somebody looks into them. */
import { type EditorState, type Extension, Prec, type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, keymap, WidgetType } from '@codemirror/view';

/** A run of whole lines, by offsets, and what is said in its place. */
export interface Run {
  from: number;
  to: number;
  text: string;
}

/** Puts these folds in place of all that there are. */
export const setFolds = StateEffect.define<readonly Run[]>();
/** Opens the folds that hold an offset. */
const openAt = StateEffect.define<number>();

class FoldWidget extends WidgetType {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override eq(other: FoldWidget): boolean {
    return other.text === this.text;
  }

  override toDOM(view: EditorView): HTMLElement {
    const fold = document.createElement('span');
    fold.className = 'fold';
    fold.textContent = `▸ ${this.text}`;
    fold.onmousedown = (event) => {
      event.preventDefault();
      view.dispatch({ effects: openAt.of(view.posAtDOM(fold)) });
    };
    return fold;
  }
}

function decorations(runs: readonly Run[]): DecorationSet {
  const ranges: Range<Decoration>[] = runs.map(({ from, to, text }) =>
    Decoration.replace({ widget: new FoldWidget(text) }).range(from, to),
  );
  return Decoration.set(ranges);
}

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(folds, transaction) {
    let next = folds.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(setFolds)) next = decorations(effect.value);
      else if (effect.is(openAt)) next = without(next, effect.value, effect.value);
    }
    // A caret within one, as a search or a step of it gives, opens it.
    const { from, to } = transaction.state.selection.main;
    return transaction.selection ? without(next, from, to, true) : next;
  },
  provide: (own) => EditorView.decorations.from(own),
});

/** Folds that are there from the start, before anything is laid out. */
export const startFolded = (runs: readonly Run[]): Extension => field.init(() => decorations(runs));

/** The folds but those that touch a span; with `strictly`, only those that one of its ends is inside of. */
function without(folds: DecorationSet, from: number, to: number, strictly = false): DecorationSet {
  const inside = (at: number, start: number, end: number) =>
    strictly ? at > start && at < end : at >= start && at <= end;
  const filter = (start: number, end: number) => !inside(from, start, end) && !inside(to, start, end);
  return folds.size === 0 ? folds : folds.update({ filter, filterFrom: from, filterTo: to });
}

/** Enter on a fold opens it. */
function open({ state, dispatch }: EditorView): boolean {
  const { main } = state.selection;
  if (!main.empty || !isFolded(state, main.head)) return false;
  dispatch({ effects: openAt.of(main.head) });
  return true;
}

/** Whether a fold holds an offset. */
export function isFolded(state: EditorState, at: number): boolean {
  let found = false;
  state.field(field).between(at, at, () => {
    found = true;
    return false;
  });
  return found;
}

/** Opens the folds that a span touches. */
export const unfold = (at: number) => openAt.of(at);

export const folds: Extension = [field, Prec.high(keymap.of([{ key: 'Enter', run: open }]))];
