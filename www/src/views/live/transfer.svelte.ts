import { sha256 } from './hash';

/** Bytes per message; every browser takes 16 KiB. */
export const CHUNK = 16_384;
/** The sender pauses at this much in the channel's buffer … */
export const HIGH_WATER = 262_144;
/** … and goes on when `bufferedamountlow` says it fell to this. */
export const LOW_WATER = 65_536;
/** Largest file sent, since the receiver holds it in memory. */
export const MAX_FILE = 512 * 2 ** 20;
/** Largest run of generated data. */
export const MAX_GENERATED = 4096 * 2 ** 20;
/** Longest text sent in one message. */
export const MAX_TEXT = 16_384;
/** Most lines of text kept. */
const MAX_LINES = 200;
/** Throughput is sampled this often, ms; most samples kept. */
const SAMPLE_MS = 200;
export const MAX_SAMPLES = 600;

export interface TextLine {
  id: number;
  text: string;
  sent: number;
  /** ms from sending to its being received by the other peer. */
  took: number | null;
}

export type TransferState = 'running' | 'checking' | 'done' | 'broken' | 'cancelled';

/** One file or one run of generated data on its way. */
export class Transfer {
  state = $state<TransferState>('running');
  sent = $state(0);
  received = $state(0);
  buffered = $state(0);
  pauses = $state(0);
  /** Bits per second at the receiver, one per 200 ms. */
  samples = $state.raw<readonly number[]>([]);
  /** Index of the sample at which a pause ended. */
  resumed = $state.raw<readonly number[]>([]);
  startedAt = performance.now();
  endedAt = $state<number | null>(null);
  /** SHA-256 as the sender and the receiver computed it. */
  sentHash = $state<string | null>(null);
  receivedHash = $state<string | null>(null);
  /** URL from which the received file can be saved. */
  url = $state<string | null>(null);

  constructor(
    readonly kind: 'file' | 'generate',
    readonly name: string,
    readonly size: number,
  ) {}

  get active(): boolean {
    return this.state === 'running' || this.state === 'checking';
  }

  /** Received bits per second over the whole run. */
  get rate(): number {
    const ms = (this.endedAt ?? performance.now()) - this.startedAt;
    return ms > 0 ? (this.received * 8000) / ms : 0;
  }

  end(state: TransferState) {
    if (!this.active) return;
    this.state = state;
    this.endedAt = performance.now();
  }
}

/** The sending end of a transfer: bytes in order, `CHUNK` at a time; a promise where they have to be waited for. */
interface Source {
  read(at: number, length: number): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>;
}

/** Bytes that no compression on the way could shrink, made once and shifted by position. */
function noise(): Source {
  const block = new Uint8Array(CHUNK * 2);
  crypto.getRandomValues(block.subarray(0, 32_768));
  return { read: (at, length) => block.slice((at / CHUNK) % 4096, ((at / CHUNK) % 4096) + length) };
}

/** Bytes of a file read at once: each read costs about as much as sending a chunk. */
const BLOCK = 64 * CHUNK;

/** A file, the block after the one that is sent being read meanwhile. */
function fileSource(file: File): Source {
  const load = (at: number) => {
    const bytes = file.slice(at, at + BLOCK).arrayBuffer();
    // Whoever reads that block is told; nobody may, when the transfer ends before.
    bytes.catch(() => undefined);
    return bytes;
  };
  let ahead = load(0);
  let begin = 0;
  let block: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  const next = async (at: number, length: number) => {
    block = new Uint8Array(await ahead);
    begin = at;
    ahead = load(at + BLOCK);
    return block.subarray(0, length);
  };
  return {
    read: (at, length) =>
      at < begin + block.length ? block.subarray(at - begin, at - begin + length) : next(at, length),
  };
}

function opened(channel: RTCDataChannel): Promise<void> {
  return new Promise((resolve, reject) => {
    if (channel.readyState === 'open') return resolve();
    channel.addEventListener('open', () => resolve(), { once: true });
    channel.addEventListener('close', () => reject(new Error('closed')), { once: true });
  });
}

/** Resolves when the buffer fell to the low mark, or the channel closed. */
function drained(channel: RTCDataChannel): Promise<void> {
  return new Promise((resolve) => {
    if (channel.bufferedAmount <= LOW_WATER || channel.readyState !== 'open') return resolve();
    channel.addEventListener('bufferedamountlow', () => resolve(), { once: true });
    channel.addEventListener('close', () => resolve(), { once: true });
  });
}

/** The data channel pane's state: text, one file or one generated run at a time. */
export class Data {
  ready = $state<number | null>(null);
  lines = $state.raw<readonly TextLine[]>([]);
  transfer = $state<Transfer | null>(null);
  #left: RTCPeerConnection | null = null;
  #text: RTCDataChannel | null = null;
  #sending: RTCDataChannel | null = null;
  #next = 0;
  #elapsed: () => number;
  #onOpen: (at: number) => void;

  /** `elapsed` is the session's clock; `onOpen` is told when the text channel opens. */
  constructor(elapsed: () => number, onOpen: (at: number) => void) {
    this.#elapsed = elapsed;
    this.#onOpen = onOpen;
  }

  /** Opens the text channel and waits for the others on the right. */
  attach(left: RTCPeerConnection, right: RTCPeerConnection) {
    this.forget();
    this.#left = left;
    const text = left.createDataChannel('text');
    this.#text = text;
    text.onopen = () => {
      if (this.#text !== text) return;
      this.ready = this.#elapsed();
      this.#onOpen(this.ready);
    };
    text.onclose = () => {
      if (this.#text === text) this.ready = null;
    };
    right.ondatachannel = ({ channel }) => {
      channel.binaryType = 'arraybuffer';
      if (channel.label === 'text') channel.onmessage = ({ data }) => this.#gotText(data);
      else this.#receive(channel);
    };
  }

  /** The connections are gone: what ran is over, what was seen stays. */
  detach() {
    this.transfer?.end('cancelled');
    this.#left = null;
    this.#text = null;
    this.ready = null;
  }

  sendText(text: string): boolean {
    const channel = this.#text;
    if (channel?.readyState !== 'open' || text === '' || text.length > MAX_TEXT) return false;
    const line = { id: this.#next++, text, sent: performance.now(), took: null };
    this.lines = [...this.lines, line].slice(-MAX_LINES);
    channel.send(text);
    return true;
  }

  sendFile(file: File) {
    void this.#send(new Transfer('file', file.name, file.size), fileSource(file), sha256(file));
  }

  generate(size: number) {
    void this.#send(new Transfer('generate', '', size), noise(), null);
  }

  cancel() {
    this.transfer?.end('cancelled');
    this.#sending?.close();
  }

  /** As before anything was sent. */
  forget() {
    this.detach();
    if (this.transfer?.url) URL.revokeObjectURL(this.transfer.url);
    this.transfer = null;
    this.lines = [];
    this.ready = null;
  }

  #gotText(data: unknown) {
    // The channel is ordered and reliable: the oldest line not yet received is this one.
    const at = this.lines.findIndex((line) => line.took === null);
    if (at < 0 || this.lines[at]?.text !== data) return;
    this.lines = this.lines.map((line, i) => (i === at ? { ...line, took: performance.now() - line.sent } : line));
  }

  async #send(transfer: Transfer, source: Source, hash: Promise<string | null> | null) {
    if (!this.#left || this.transfer?.active) return;
    if (this.transfer?.url) URL.revokeObjectURL(this.transfer.url);
    this.transfer = transfer;
    let channel: RTCDataChannel | null = null;
    try {
      channel = this.#left.createDataChannel(transfer.kind);
      this.#sending = channel;
      channel.bufferedAmountLowThreshold = LOW_WATER;
      await opened(channel);
      transfer.startedAt = performance.now();
      for (let at = 0; at < transfer.size && transfer.active; ) {
        const read = source.read(at, Math.min(CHUNK, transfer.size - at));
        const chunk = read instanceof Promise ? await read : read;
        if (channel.bufferedAmount + chunk.length > HIGH_WATER) {
          await drained(channel);
          transfer.pauses++;
          transfer.resumed = [...transfer.resumed, transfer.samples.length].slice(-MAX_SAMPLES);
        }
        if (!transfer.active) break;
        channel.send(chunk);
        at += chunk.length;
        transfer.sent = at;
        transfer.buffered = channel.bufferedAmount;
      }
      if (hash && transfer.active) {
        transfer.sentHash = await hash;
        channel.send(JSON.stringify({ sha256: transfer.sentHash }));
      }
      if (transfer.size === 0 && !hash) transfer.end('done');
    } catch {
      transfer.end('broken');
      channel?.close();
    }
  }

  #receive(channel: RTCDataChannel) {
    const transfer = this.transfer;
    if (!transfer?.active || transfer.kind !== channel.label) return channel.close();
    const parts: BlobPart[] = [];
    const isFile = transfer.kind === 'file';
    let last = 0;
    const sampler = setInterval(() => {
      if (!transfer.active) return clearInterval(sampler);
      const rate = ((transfer.received - last) * 8000) / SAMPLE_MS;
      last = transfer.received;
      transfer.samples = [...transfer.samples, rate].slice(-MAX_SAMPLES);
      transfer.buffered = this.#sending?.bufferedAmount ?? 0;
    }, SAMPLE_MS);
    const finish = (state: TransferState) => {
      clearInterval(sampler);
      transfer.end(state);
      this.#sending?.close();
    };
    channel.onclose = () => finish(transfer.received === transfer.size && !isFile ? 'done' : 'broken');
    channel.onmessage = async ({ data }) => {
      if (data instanceof ArrayBuffer) {
        const chunk = new Uint8Array(data);
        transfer.received += chunk.length;
        if (isFile && transfer.received <= MAX_FILE) parts.push(chunk);
        if (!isFile && transfer.received >= transfer.size) finish('done');
        return;
      }
      if (!isFile) return;
      const file = new Blob(parts);
      const hash = await sha256(file);
      transfer.receivedHash = hash;
      const good = hash !== null && hash === transfer.sentHash && transfer.received === transfer.size;
      if (good) transfer.url = URL.createObjectURL(file);
      finish(good ? 'done' : 'broken');
    };
  }
}
