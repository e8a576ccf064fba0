/** State of Inspect: the input, what was found in it, and what is selected. One, so that it survives a change of view. */

import type { Key } from '../../i18n/index.svelte';
import type { ViewLink } from '../index';
import { type Cause, causesOf, fixAll } from './model/causes';
import { LineIndex } from './model/lines';
import { removeNamedPasswords, removePasswords } from './model/passwords';
import type { DiagnosticRow, MessageRow, Report, SessionRow } from './report/types';
import { ReaderThread, type Reading } from './worker/client';
import { type Phase, READ_AS, type ReadAs } from './worker/protocol';

export interface Failure {
  reason: 'too-large' | 'unreadable' | 'engine' | 'unfetched';
  detail: string;
}

/** An input that is being read or was read. */
export interface Input {
  source: string | Blob;
  /** File name, or null for pasted text. */
  name: string | null;
}

/** The editor that shows the text, as far as the model asks something of it. */
export interface Editor {
  /** Puts another text in place, as a change that can be undone. */
  replace(text: string): void;
  undo(): boolean;
  redo(): boolean;
  find(): void;
  /** Puts the caret on an empty line at the end. */
  append(): void;
}

/** Text the source is asked to show, below the place `top` where both fit. */
interface Target {
  start: number;
  end: number;
  top: number | null;
  /** Whether the page may be scrolled to it; else the source alone is. */
  asked: boolean;
  count: number;
}

/** Kept of a reading when the text was changed: the session, and the place to go on from; null while it is typed in. */
interface Kept {
  session: number;
  start: number | null;
}

/** Place in a reading that a link or a reload names. */
interface Place {
  session: number;
  diagnostic: number | null;
}

/** Most characters of a text kept for the empty field: a text area is slow with more. */
const MAX_DRAFT = 200_000;

class InspectModel {
  readAs = $state<ReadAs>('detect');
  phase = $state<Phase | null>(null);
  done = $state(0);
  total = $state(0);
  failure = $state.raw<Failure | null>(null);
  input = $state.raw<Input | null>(null);
  reading = $state.raw<Reading | null>(null);

  session = $state(0);
  diagnostic = $state<number | null>(null);
  /** The advice whose card is open, and the place in the text that it stands at. */
  advice = $state.raw<{ index: number; at: number } | null>(null);
  candidate = $state<number | null>(null);
  message = $state<number | null>(null);
  check = $state<number | null>(null);
  /** Text the source is asked to show; the count makes a repeated request a new one. */
  target = $state.raw<Target | null>(null);
  /** Counts the texts that were opened; editing one makes no new one. */
  document = $state(0);
  /** Long lines go on below instead of to the right. */
  wrap = $state(true);
  /** What stands in the empty field: typed and not read yet, or under way. */
  draft = $state('');
  /** How many changes can be taken back, and done again. */
  undoable = $state(0);
  redoable = $state(0);
  /** Null until it is loaded, and for captures. */
  editor = $state.raw<Editor | null>(null);

  #thread = new ReaderThread();
  #targets = 0;

  report = $derived<Report | null>(this.reading?.report ?? null);
  text = $derived<string>(this.reading?.text ?? '');
  lines = $derived(new LineIndex(this.reading?.starts ?? new Uint32Array([0]), this.reading?.text?.length ?? 0));
  current = $derived<SessionRow | null>(this.report?.sessions[this.session] ?? null);
  /** Diagnostics of the session, worst first, then in the order of the text. */
  diagnostics = $derived.by<DiagnosticRow[]>(
    () => this.report?.diagnostics.filter((row) => row.session === this.session) ?? [],
  );

  /** The same, one row a cause. */
  causes = $derived<Cause[]>(causesOf(this.diagnostics));
  /** The cause that the open diagnostic is one place of. */
  cause = $derived<Cause | null>(
    this.causes.find(({ rows }) => rows.some((row) => row.index === this.diagnostic)) ?? null,
  );

  open(source: string | Blob, name: string | null = null, place: Place | null = null): void {
    if (typeof source === 'string' && source.length <= MAX_DRAFT) this.draft = source;
    this.#read({ source, name }, null, place);
  }

  /** The text was changed in the editor: it is read anew, and nothing is opened or scrolled. */
  edited(text: string): void {
    this.#read({ source: text, name: this.input?.name ?? null }, { session: this.session, start: null });
  }

  reread(readAs: ReadAs): void {
    this.readAs = readAs;
    if (this.input !== null) this.#read(this.input, null);
  }

  cancel(): void {
    this.#thread.cancel();
    this.phase = null;
  }

  clear(): void {
    this.cancel();
    this.draft = '';
    this.input = null;
    this.reading = null;
    this.failure = null;
    this.#deselect();
  }

  /** Puts the offered text in place of the span and reads the input again, keeping the place. */
  applyFix(row: DiagnosticRow): boolean {
    const text = this.reading?.text ?? null;
    if (row.fix === null || text === null || this.phase !== null) return false;
    const { start, end, replacement } = row.fix;
    this.#change(text.slice(0, start) + replacement + text.slice(end), start);
    return true;
  }

  /** Puts every offered text of a cause in its place. */
  fixCause(cause: Cause): boolean {
    return this.fixCauses([cause]);
  }

  fixCauses(causes: readonly Cause[]): boolean {
    const text = this.reading?.text ?? null;
    const rows = causes.flatMap((cause) => cause.rows).filter(({ fix }) => fix !== null);
    if (text === null || this.phase !== null || rows.length === 0) return false;
    this.#change(fixAll(text, rows), Math.min(...rows.map((row) => row.start)));
    return true;
  }

  /** The editor shows the changed text at once, and can take it back; what is in it is read meanwhile. */
  #change(source: string, start: number): void {
    this.editor?.replace(source);
    this.#read({ source, name: this.input?.name ?? null }, { session: this.session, start });
  }

  undo(): boolean {
    return this.editor?.undo() ?? false;
  }

  selectSession(index: number): void {
    const row = this.report?.sessions[index];
    if (row === undefined) return;
    this.#deselect();
    this.session = index;
    if (this.reading?.text !== null) this.show(row.start, row.start, row.start);
  }

  selectDiagnostic(index: number | null): void {
    this.diagnostic = index;
    this.advice = null;
    if (index === null) return;
    const row = this.report?.diagnostics[index];
    if (row === undefined) return;
    this.session = row.session;
    this.show(row.start, row.end);
  }

  /** Opens advice at a place in the text that it rests on. */
  selectAdvice(index: number, at: number): void {
    this.diagnostic = null;
    this.advice = { index, at };
    this.show(at, at);
  }

  /** Steps through every diagnostic of the input, in the order of the text. */
  stepDiagnostic(by: 1 | -1): boolean {
    const rows = this.report?.diagnostics ?? [];
    if (rows.length === 0) return false;
    const from = this.diagnostic ?? (by === 1 ? this.#before() : this.#before() + 1);
    const next = (from + by + rows.length) % rows.length;
    this.selectDiagnostic(next);
    return true;
  }

  selectCandidate(index: number | null): void {
    this.candidate = index;
    const row = index === null ? undefined : this.report?.candidates[index];
    if (row === undefined) return;
    this.session = row.session;
    if (this.reading?.text !== null) this.show(row.start, row.end);
  }

  selectMessage(index: number | null): void {
    this.message = index;
    const row: MessageRow | undefined = index === null ? undefined : this.report?.messages[index];
    if (row === undefined) return;
    this.session = row.session;
    if (row.end > row.start) this.show(row.start, row.end);
  }

  /** Brings a place of the text into sight, below the place `top` where both fit. */
  show(start: number, end: number, top: number | null = null, asked = true): void {
    this.target = { start, end, top, asked, count: ++this.#targets };
  }

  /** Esc: closes what is open; false when nothing was. */
  close(): boolean {
    if (this.phase !== null) {
      this.cancel();
      return true;
    }
    const card = this.diagnostic !== null || this.advice !== null;
    if (!card && this.candidate === null && this.check === null) return false;
    if (card) this.selectDiagnostic(null);
    else {
      this.candidate = null;
      this.check = null;
    }
    return true;
  }

  /** Index of the last diagnostic before the selected session. */
  #before(): number {
    const rows = this.report?.diagnostics ?? [];
    const start = this.current?.start ?? 0;
    let last = -1;
    rows.forEach((row, index) => {
      if (row.start < start) last = index;
    });
    return last;
  }

  #deselect(): void {
    this.diagnostic = null;
    this.advice = null;
    this.candidate = null;
    this.message = null;
    this.check = null;
    this.target = null;
  }

  #read(input: Input, keep: Kept | null, place: Place | null = null): void {
    this.input = input;
    this.failure = null;
    this.phase = 'load';
    this.done = 0;
    this.total = 0;
    this.#thread.read(input.source, this.readAs, {
      onProgress: (phase, done, total) => {
        this.phase = phase;
        this.done = done;
        this.total = total;
      },
      onReading: (reading) => {
        this.phase = null;
        if (keep === null) this.document++;
        this.reading = reading;
        this.#deselect();
        const sessions = reading.report.sessions.length;
        this.session = Math.min(keep?.session ?? 0, Math.max(0, sessions - 1));
        this.#first(keep);
        if (place !== null) this.#goTo(place);
      },
      onFailure: (reason, detail) => {
        this.phase = null;
        this.failure = { reason, detail };
      },
    });
  }

  /** Goes to a place where the reading has it. */
  #goTo({ session, diagnostic }: Place): void {
    if (session > 0) this.selectSession(session);
    const row = diagnostic === null ? undefined : this.report?.diagnostics[diagnostic];
    this.diagnostic = row?.index ?? null;
    if (row === undefined) return;
    this.session = row.session;
    this.show(row.start, row.end, null, false);
  }

  /** Shows first: the next diagnostic after a fix, else the first of the first session, else the session. */
  #first(keep: Kept | null): void {
    const messages = this.report?.messages ?? [];
    if (messages.length > 0) this.message = messages.findIndex((row) => row.session === this.session);
    if (this.current === null || this.reading?.text === null) return;
    if (keep?.start === null) return;
    const from = keep?.start ?? null;
    const next = from === null ? this.causes[0]?.first : this.diagnostics.find((row) => row.start >= from);
    this.diagnostic = next?.index ?? null;
    const start = next?.start ?? from ?? this.current.start;
    // Of a text of its own the answer is read first: in a narrow window it stands above.
    this.show(start, start, keep === null ? this.current.start : null, keep !== null);
  }
}

export const inspect = new InspectModel();

/** Largest capture put in a link, in bytes; the link itself has a limit too. */
const MAX_LINKED_BYTES = 24_000;

/** What is shown, its text and bytes by way of what takes passwords out of them. */
function captured(ofText: (text: string) => string, ofBytes: (bytes: Uint8Array) => Uint8Array): unknown {
  const { reading, readAs, session, diagnostic } = inspect;
  if (reading === null) return null;
  const common = { readAs, session, diagnostic };
  if (reading.text !== null) return { ...common, text: ofText(reading.text) };
  if (reading.bytes === null || reading.bytes.length > MAX_LINKED_BYTES) return null;
  return { ...common, base64: btoa(String.fromCharCode(...ofBytes(reading.bytes))) };
}

const whole = (value: unknown) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null);

export const inspectLink: ViewLink = {
  capture: () => captured((text) => removePasswords(text).text, removeNamedPasswords),
  // It stays in the tab: what was pasted is there again as it was.
  kept: () =>
    captured(
      (text) => text,
      (bytes) => bytes,
    ),
  restore(state) {
    if (typeof state !== 'object' || state === null) return false;
    const { text, base64, readAs, session, diagnostic } = state as Record<string, unknown>;
    const place = { session: whole(session) ?? 0, diagnostic: whole(diagnostic) };
    const placed = session === undefined ? null : place;
    inspect.readAs = READ_AS.find((known) => known === readAs) ?? 'detect';
    if (typeof text === 'string') inspect.open(text, null, placed);
    else if (typeof base64 === 'string') {
      const bytes = decodeBase64(base64);
      if (bytes === null) return false;
      inspect.open(new Blob([bytes]), null, placed);
    } else return false;
    return true;
  },
  note(): Key | null {
    const { reading } = inspect;
    if (reading === null) return null;
    if (reading.text !== null) return 'inspect.link.note';
    const fits = reading.bytes !== null && reading.bytes.length <= MAX_LINKED_BYTES;
    return fits ? 'inspect.link.capture' : 'inspect.link.none';
  },
};

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
