/** The source as an editor (CodeMirror): only what is in sight is drawn, edits can be undone, and all of it is searched. */
import { history, historyKeymap, redo, redoDepth, standardKeymap, undo, undoDepth } from '@codemirror/commands';
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { hasLongRun, withDots } from './controls';
import type { SourceDocument } from './document';
import { type Finding, findings, type Signs, setFindings } from './findings';
import { folds, type Run, setFolds, startFolded, unfold } from './folds';
import { longLines, withLongLines } from './longLines';
import { looks, setDocument } from './looks';

export interface Listener extends Signs {
  /** The text was changed by hand, some time ago. */
  edited(text: string): void;
  /** Words in place of so many characters of a long line. */
  piece(characters: number): string;
  /** First and last line in sight, from 1. */
  sees(first: number, last: number): void;
  /** How many steps can be undone and done again. */
  undoable(undo: number, redo: number): void;
}

/** How long nothing is typed before the text is read anew, ms. */
const PAUSE_MS = 400;
/** Lines that stay between what is revealed and the edge, as pixels: the card stands below its line. */
const MARGIN = 170;
/** Lines above which matches of a selection are not looked for. */
const MANY_LINES = 20_000;

export class SourceEditor {
  readonly view: EditorView;
  readonly #listener: Listener;
  readonly #wrap = new Compartment();
  readonly #words = new Compartment();
  #wrapped = true;
  #settings: Extension = [];
  /** The text as it was last read or given to be read. */
  #known: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The next place is brought into sight without scrolling the page. */
  #stays = false;

  constructor(parent: HTMLElement, text: string, listener: Listener) {
    this.#listener = listener;
    this.#known = text;
    this.view = new EditorView({ parent, state: this.#state(text) });
    this.view.scrollDOM.addEventListener('scroll', () => this.#tellRange(), { passive: true });
  }

  /** A text of its own: nothing of the one before can be undone. */
  open(text: string): void {
    clearTimeout(this.#timer);
    this.#known = text;
    this.view.setState(this.#state(text));
    this.#listener.undoable(0, 0);
  }

  /** Whether this is the text as it stands, with nothing typed since. */
  holds(text: string): boolean {
    return this.#timer === undefined && text === this.#known;
  }

  /** Puts another text in place, as a change that can be undone. */
  replace(text: string): void {
    if (this.view.state.readOnly || hasLongRun(text)) {
      this.open(text);
      return;
    }
    const old = this.text;
    let from = 0;
    const most = Math.min(old.length, text.length);
    while (from < most && old.charCodeAt(from) === text.charCodeAt(from)) from++;
    let end = 0;
    while (end < most - from && old.charCodeAt(old.length - 1 - end) === text.charCodeAt(text.length - 1 - end)) end++;
    this.view.dispatch({ changes: { from, to: old.length - end, insert: text.slice(from, text.length - end) } });
    this.#settle(text);
  }

  get text(): string {
    return this.view.state.readOnly ? this.#known : this.view.state.sliceDoc();
  }

  /** Takes what was read of the text: its looks, and, of a new one, its folds. */
  setDocument(document: SourceDocument, runs: readonly Run[] | null): void {
    const all = runs && withLongLines(runs, longLines(document.text, this.#listener.piece));
    this.view.dispatch({ effects: [setDocument.of(document), ...(all === null ? [] : [setFolds.of(all)])] });
  }

  setFindings(list: readonly Finding[], open: Finding | null): void {
    this.view.dispatch({ effects: setFindings.of({ list, open }) });
  }

  /** Brings an offset into sight, below the offset `top` when both fit; unless `asked`, the page around stays where it is. */
  reveal(at: number, top: number | null, asked: boolean): void {
    this.#stays = !asked;
    const { doc } = this.view.state;
    const place = Math.min(at, doc.length);
    const lines = top === null ? 0 : doc.lineAt(place).number - doc.lineAt(Math.min(top, doc.length)).number;
    const rows = this.view.scrollDOM.clientHeight / this.view.defaultLineHeight;
    const effect =
      top !== null && lines >= 0 && lines < rows / 2
        ? EditorView.scrollIntoView(Math.min(top, doc.length), { y: 'start', yMargin: 0 })
        : EditorView.scrollIntoView(place, { y: 'nearest', yMargin: MARGIN });
    this.view.dispatch({ selection: { anchor: place }, effects: [unfold(place), effect] });
  }

  /** Scrolls the editor alone; false leaves it to the editor, which scrolls the page as well. */
  #scrollWithin(at: number, isFirst: boolean, margin: number): boolean {
    if (!this.#stays) return false;
    this.#stays = false;
    const { scrollDOM, documentPadding } = this.view;
    const block = this.view.lineBlockAt(at);
    const top = block.top + documentPadding.top;
    const { scrollTop, clientHeight } = scrollDOM;
    const inSight = top >= scrollTop + margin && top + block.height <= scrollTop + clientHeight - margin;
    if (isFirst || !inSight) scrollDOM.scrollTop = top - margin;
    return true;
  }

  /** Brings a line, from 1, into the middle. */
  jump(line: number): void {
    const { doc } = this.view.state;
    const { from } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.view.dispatch({ effects: EditorView.scrollIntoView(from, { y: 'center' }) });
  }

  /** Puts the caret on an empty line at the end, for what is to be added. */
  append(): void {
    if (this.view.state.readOnly) return;
    const { doc } = this.view.state;
    const open = doc.lineAt(doc.length).length > 0;
    this.view.dispatch({
      changes: open ? { from: doc.length, insert: '\n' } : [],
      selection: { anchor: doc.length + (open ? 1 : 0) },
      scrollIntoView: true,
    });
    this.view.focus();
  }

  find(): void {
    openSearchPanel(this.view);
  }

  undo(): boolean {
    return undo(this.view);
  }

  redo(): boolean {
    return redo(this.view);
  }

  wrap(on: boolean): void {
    this.#wrapped = on;
    this.view.dispatch({ effects: this.#wrap.reconfigure(on ? EditorView.lineWrapping : []) });
  }

  /** Label and words of the editor itself, in the chosen language. */
  say(label: string, phrases: Record<string, string>): void {
    this.#settings = [EditorView.contentAttributes.of({ 'aria-label': label }), EditorState.phrases.of(phrases)];
    this.view.dispatch({ effects: this.#words.reconfigure(this.#settings) });
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.view.destroy();
  }

  #state(text: string): EditorState {
    const readOnly = hasLongRun(text);
    return EditorState.create({
      doc: readOnly ? withDots(text) : text,
      extensions: [
        EditorState.readOnly.of(readOnly),
        // Offsets of the engine are those of the text as it was given, CRLF and all.
        EditorState.lineSeparator.of('\n'),
        lineNumbers(),
        findings(this.#listener),
        history(),
        search({ top: true }),
        folds,
        startFolded(longLines(text, this.#listener.piece)),
        looks,
        highlightActiveLine(),
        highlightActiveLineGutter(),
        text.length < MANY_LINES * 100 ? highlightSelectionMatches() : [],
        keymap.of([...historyKeymap, ...searchKeymap, ...standardKeymap]),
        EditorView.contentAttributes.of({
          tabindex: '0',
          spellcheck: 'false',
          autocorrect: 'off',
          autocapitalize: 'off',
        }),
        EditorView.scrollHandler.of((_, { head }, { y, yMargin }) => this.#scrollWithin(head, y === 'start', yMargin)),
        // Files that are dropped are opened, not inserted.
        EditorView.domEventHandlers({ drop: (event) => (event.dataTransfer?.files.length ?? 0) > 0 }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) this.#changed();
          if (update.geometryChanged || update.viewportChanged) this.#tellRange();
        }),
        this.#wrap.of(this.#wrapped ? EditorView.lineWrapping : []),
        this.#words.of(this.#settings),
      ],
    });
  }

  #changed(): void {
    const { state } = this.view;
    this.#listener.undoable(undoDepth(state), redoDepth(state));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const { text } = this;
      const old = this.#known;
      this.#settle(text);
      if (text !== old) this.#listener.edited(text);
    }, PAUSE_MS);
  }

  #settle(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#known = text;
  }

  #tellRange(): void {
    const { view } = this;
    const { scrollTop, clientHeight } = view.scrollDOM;
    const at = (height: number) => view.state.doc.lineAt(view.lineBlockAtHeight(height).from).number;
    this.#listener.sees(at(scrollTop), at(scrollTop + clientHeight - 1));
  }
}
