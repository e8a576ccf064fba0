/** How the lines in sight look: blocks, what names a line, candidates in their tint. Only what is in sight is worked out. */
import { type ChangeDesc, type Extension, type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import { MAX_LINE } from '../model/segments';
import type { SourceDocument } from './document';

interface Read {
  document: SourceDocument | null;
  /** Edits since it was read. */
  changes: ChangeDesc | null;
}

export const setDocument = StateEffect.define<SourceDocument | null>();

/** Reading of the text, and how to find an offset of now in it. */
export const readField = StateField.define<Read>({
  create: () => ({ document: null, changes: null }),
  update(read, transaction) {
    for (const effect of transaction.effects)
      if (effect.is(setDocument)) return { document: effect.value, changes: null };
    if (!transaction.docChanged) return read;
    const { changes } = transaction;
    return {
      document: read.document,
      changes: read.changes === null ? changes.desc : read.changes.composeDesc(changes),
    };
  },
});

function decorate(view: EditorView): DecorationSet {
  const { document, changes } = view.state.field(readField);
  if (document === null) return Decoration.none;
  const back = changes?.invertedDesc ?? null;
  const ranges: Range<Decoration>[] = [];
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = view.state.doc.lineAt(at);
      const read = document.lines.lineAt(back?.mapPos(line.from) ?? line.from);
      const look = document.classOf(read);
      if (look !== null && line.length > 0) ranges.push(Decoration.line({ class: look }).range(line.from));
      for (const span of document.looks(line.text.slice(0, MAX_LINE), line.from, read)) {
        if (span.end > span.start) ranges.push(Decoration.mark({ class: span.look }).range(span.start, span.end));
      }
      at = line.to + 1;
    }
  }
  return Decoration.set(ranges, true);
}

const plugin = ViewPlugin.define(
  (view) => ({
    decorations: decorate(view),
    update(update: ViewUpdate) {
      const read = update.state.field(readField) !== update.startState.field(readField);
      if (read || update.docChanged || update.viewportChanged) this.decorations = decorate(update.view);
    },
  }),
  { decorations: (value) => value.decorations },
);

export const looks: Extension = [readField, plugin];
