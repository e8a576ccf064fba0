import { announce } from '../../app/announce.svelte';
import { type Key, t, type Values } from '../../i18n/index.svelte';
import type { ViewLink } from '../index';
import {
  type Breakage,
  breakIt,
  type Composition,
  compose,
  defaultComposition,
  randomId,
  readComposition,
} from './compose';
import { tryDecode } from './explain';
import { Link, socketUrl } from './socket.svelte';

/** One request and what came of it. */
export interface Exchange {
  id: number;
  label: Key;
  values?: Values;
  data: Uint8Array<ArrayBuffer> | string;
  /** Wall clock, and ms on the page's clock. */
  when: Date;
  sent: number;
  response: Uint8Array<ArrayBuffer> | null;
  closed: { code: number; reason: string } | null;
  took: number | null;
  /** Waited long enough: no answer came. */
  silent: boolean;
}

/** Most exchanges kept; the oldest go. */
export const MAX_EXCHANGES = 100;
/** After this long without an answer the list says so. */
export const PATIENCE_MS = 3000;

function defaultUrl(): string {
  const { protocol, host, pathname } = location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}${pathname.replace(/[^/]*$/, '')}stun`;
}

const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** Echo's state; it outlives the component. */
export class Echo {
  url = $state(defaultUrl());
  composition = $state<Composition>(defaultComposition());
  exchanges = $state.raw<readonly Exchange[]>([]);
  /** The exchange that is shown; null shows the message as it would be sent. */
  current = $state<number | null>(null);
  requestField = $state<string | null>(null);
  responseField = $state<string | null>(null);
  problem = $state.raw<{ key: Key; values?: Values } | null>(null);
  readonly link: Link;
  #next = 1;

  /** The message as composed, or why there is none. */
  readonly composed = $derived(compose(this.composition));

  constructor() {
    this.link = new Link({
      message: (bytes) => this.#answered(bytes),
      close: (code, reason) => this.#closed(code, reason),
    });
  }

  get shown(): Exchange | null {
    return this.exchanges.find((e) => e.id === this.current) ?? null;
  }

  get urlProblem(): Key | null {
    return socketUrl(this.url) ? null : 'echo.bad.url';
  }

  async send(): Promise<void> {
    const made = this.composed;
    if ('key' in made) {
      this.problem = made;
      return;
    }
    await this.#exchange(made.bytes, 'echo.label.request', {
      method: this.composition.method.replace(/^./, (c) => c.toUpperCase()),
      dialect: this.composition.dialect === 'rfc3489' ? 'RFC 3489' : 'RFC 8489',
    });
    this.composition.transactionId = randomId();
  }

  async sendBroken(how: Breakage): Promise<void> {
    const made = breakIt(how, this.composition);
    if ('key' in made) this.problem = made;
    else await this.#exchange(made.data, `echo.break.${how}`);
  }

  /** Shows the exchange `by` places older (positive) or newer. */
  step(by: number): boolean {
    const at = this.exchanges.findIndex((e) => e.id === this.current);
    const next = this.exchanges[at < 0 ? this.exchanges.length - 1 : at - by];
    if (!next) return false;
    this.show(next.id);
    return true;
  }

  /** The composition changed: it is shown, not what was sent before. */
  edited() {
    if (this.current !== null) this.show(null);
  }

  show(id: number | null) {
    this.current = id;
    this.requestField = null;
    this.responseField = null;
    const response = this.shown?.response;
    if (!response) return;
    const read = tryDecode(response);
    if (!('message' in read)) return;
    // The part that people come for is selected: the address, or the error.
    const at = read.message.fields().findIndex((f) => /MAPPED-ADDRESS|ERROR-CODE/.test(f.name));
    if (at >= 0) this.responseField = `${at}:${read.message.fields()[at]?.name}`;
  }

  async #exchange(data: Uint8Array<ArrayBuffer> | string, label: Key, values?: Values): Promise<void> {
    this.problem = null;
    const url = socketUrl(this.url);
    if (!url) {
      this.problem = { key: 'echo.bad.url' };
      return;
    }
    if (!(await this.link.connect(url.href)) || !this.link.send(data)) {
      this.problem = { key: 'echo.offline' };
      return;
    }
    const made: Exchange = {
      id: this.#next++,
      label,
      values,
      data,
      when: new Date(),
      sent: performance.now(),
      response: null,
      closed: null,
      took: null,
      silent: false,
    };
    this.exchanges = [...this.exchanges, made].slice(-MAX_EXCHANGES);
    this.show(made.id);
    setTimeout(() => this.#change(made.id, (e) => (pending(e) ? { ...e, silent: true } : e)), PATIENCE_MS);
  }

  #change(id: number, how: (e: Exchange) => Exchange) {
    this.exchanges = this.exchanges.map((e) => (e.id === id ? how(e) : e));
  }

  #answered(bytes: Uint8Array<ArrayBuffer>) {
    const now = performance.now();
    const id = bytes.subarray(4, 20);
    const open = this.exchanges.filter((e) => e.response === null && e.closed === null);
    // An answer that comes late is still the answer to its request.
    const own = open.find((e) => typeof e.data !== 'string' && same(e.data.subarray(4, 20), id));
    const mine = own ?? open.find(pending);
    if (!mine) return;
    this.#change(mine.id, (e) => ({ ...e, response: bytes, took: now - e.sent, silent: false }));
    if (this.current === mine.id) this.show(mine.id);
    announce(t('echo.announce.answer', { n: mine.id }));
  }

  #closed(code: number, reason: string) {
    const now = performance.now();
    const waiting = this.exchanges.filter(pending);
    for (const e of waiting) this.#change(e.id, () => ({ ...e, closed: { code, reason }, took: now - e.sent }));
    if (waiting.length > 0) announce(t('echo.announce.closed', { code }));
  }
}

export function pending(e: Exchange): boolean {
  return e.response === null && e.closed === null && !e.silent;
}

export const echo = new Echo();

export const echoLink: ViewLink = {
  capture() {
    const { password: _, ...rest } = $state.snapshot(echo.composition);
    return { url: echo.url === defaultUrl() ? undefined : echo.url, compose: rest };
  },
  restore(state) {
    if (typeof state !== 'object' || state === null) return false;
    const { url, compose: from } = state as { url?: unknown; compose?: unknown };
    if (typeof from !== 'object' || from === null) return false;
    if (typeof url === 'string' && url.length <= 2048) echo.url = url;
    echo.composition = readComposition(from);
    echo.show(null);
    return true;
  },
  note: () => (echo.composition.password === '' ? null : 'echo.linkNote'),
};
