/** Diagnostics, and lines that advice rests on: marked, with a sign in the gutter, and the open one as a card under its line. */
import { type Extension, type Range, RangeSet, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, GutterMarker, gutter, WidgetType } from '@codemirror/view';
import type { Severity } from '../model/severity';

/** A diagnostic where it stands now, or a line that advice rests on. */
export interface Finding {
  /** Number of the diagnostic, or of the advice. */
  index: number;
  start: number;
  end: number;
  severity: Severity;
  advice?: boolean;
}

/** Draws the card of a finding into an element; gives what takes it away. */
export type DrawCard = (finding: Finding, into: HTMLElement) => () => void;

export interface Signs {
  /** Name of a severity. */
  name(severity: Severity): string;
  draw: DrawCard;
  /** A sign in the gutter or what is underlined was pressed. */
  press(finding: Finding): void;
}

export const setFindings = StateEffect.define<{ list: readonly Finding[]; open: Finding | null }>();

const WORST: readonly Severity[] = ['info', 'warning', 'error'];
const SVG = 'http://www.w3.org/2000/svg';

class SignMarker extends GutterMarker {
  readonly severity: Severity;
  readonly label: string;

  constructor(severity: Severity, label: string) {
    super();
    this.severity = severity;
    this.label = label;
  }

  override eq(other: SignMarker): boolean {
    return other.severity === this.severity && other.label === this.label;
  }

  override toDOM(): Node {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', `sign ${COLOURS[this.severity]}`);
    for (const side of ['width', 'height']) svg.setAttribute(side, '12');
    const title = document.createElementNS(SVG, 'title');
    title.textContent = this.label;
    const use = document.createElementNS(SVG, 'use');
    use.setAttribute('href', `#sign-${this.severity}`);
    svg.append(title, use);
    return svg;
  }
}
const COLOURS: Record<Severity, string> = { error: 'fail', warning: 'warn', info: 'accent' };

class CardWidget extends WidgetType {
  readonly finding: Finding;
  readonly draw: DrawCard;
  #remove: (() => void) | null = null;

  constructor(finding: Finding, draw: DrawCard) {
    super();
    this.finding = finding;
    this.draw = draw;
  }

  override eq(other: CardWidget): boolean {
    return other.finding === this.finding && other.draw === this.draw;
  }

  override toDOM(view: EditorView): HTMLElement {
    const card = document.createElement('div');
    card.className = 'card-row';
    this.#remove = this.draw(this.finding, card);
    // Its height changes with the language and the width.
    const sizes = new ResizeObserver(() => view.requestMeasure());
    sizes.observe(card);
    return card;
  }

  override destroy(): void {
    this.#remove?.();
  }

  override ignoreEvent(): boolean {
    return true;
  }

  override get estimatedHeight(): number {
    return 120;
  }
}

interface Shown {
  marks: DecorationSet;
  card: DecorationSet;
  signs: RangeSet<GutterMarker>;
}
const NOTHING: Shown = { marks: Decoration.none, card: Decoration.none, signs: RangeSet.empty };

/** The extension; `signs` says how diagnostics are named, drawn and opened. */
export function findings(signs: Signs): Extension {
  const field = StateField.define<Shown>({
    create: () => NOTHING,
    update(shown, transaction) {
      let next = shown;
      if (transaction.docChanged) {
        const { changes } = transaction;
        next = { marks: next.marks.map(changes), card: next.card.map(changes), signs: next.signs.map(changes) };
      }
      for (const effect of transaction.effects) {
        if (effect.is(setFindings)) next = show(effect.value.list, effect.value.open, transaction.state.doc, signs);
      }
      return next;
    },
    provide: (own) => [
      EditorView.decorations.from(own, ({ marks }) => marks),
      EditorView.decorations.from(own, ({ card }) => card),
    ],
  });
  const press = (view: EditorView, from: number, to: number): boolean => {
    const found: Finding[] = [];
    view.state.field(field).marks.between(from, to, (_start, _end, { spec }) => {
      found.push((spec as { finding: Finding }).finding);
    });
    const first = found.find(({ advice }) => !advice) ?? found[0];
    if (first === undefined) return false;
    signs.press(first);
    return true;
  };
  return [
    field,
    gutter({
      class: 'signs',
      markers: (view) => view.state.field(field).signs,
      initialSpacer: () => new SignMarker('info', ''),
      domEventHandlers: { click: (view, line) => press(view, line.from, line.to) },
    }),
    EditorView.domEventHandlers({
      click(event, view) {
        if (!(event.target as Element).closest?.('.squiggle')) return false;
        const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
        if (at !== null && view.state.selection.main.empty) press(view, at, at);
        return false;
      },
    }),
  ];
}

type Doc = EditorView['state']['doc'];

function show(list: readonly Finding[], open: Finding | null, doc: Doc, { name, draw }: Signs): Shown {
  const marks: Range<Decoration>[] = [];
  const worst = new Map<number, Severity>();
  let card = Decoration.none;
  for (const finding of list) {
    const { start, end, severity } = finding;
    const line = doc.lineAt(Math.min(start, doc.length));
    const from = Math.min(start, doc.length);
    const to = Math.min(Math.max(end, start + 1), doc.length);
    const looks = finding.advice ? 'advised' : `squiggle ${severity}`;
    const current = finding === open ? ' current' : '';
    if (to > from) marks.push(Decoration.mark({ class: `${looks}${current}`, finding }).range(from, to));
    const known = worst.get(line.from);
    if (known === undefined || WORST.indexOf(severity) > WORST.indexOf(known)) worst.set(line.from, severity);
    if (finding === open) {
      const widget = new CardWidget(finding, draw);
      card = Decoration.set(Decoration.widget({ widget, block: true, side: 1 }).range(line.to));
    }
  }
  const markers = [...worst].map(([at, severity]) => new SignMarker(severity, name(severity)).range(at));
  return { marks: Decoration.set(marks, true), card, signs: RangeSet.of(markers, true) };
}
