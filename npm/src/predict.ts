/** Predictions of what browsers do with candidates and offers. The rules are in `src/predict`, in a wasm of their own. */
import { instantiate } from '#wasm/predict';
import { requireString } from './argument.js';
import { type AreaExports, seen } from './core.js';
import { entry } from './diagnostics.js';
import { utf8Encoder } from './text.js';
import { Instance } from './trap.js';

interface PredictExports extends AreaExports {
  candidate_predict(length: number): number;
  sdp_predict(length: number): void;
}

/** Why a browser does not use a candidate. */
export type CandidateReason =
  /** Does not start with `candidate:` or `a=candidate:`. */
  | 'prefix'
  /** No colon anywhere. */
  | 'no-colon'
  /** More than one line. */
  | 'one-line'
  /** Too few fields, or one that is not what belongs there. */
  | 'fields'
  /** Component: not a number, or not 1. */
  | 'component'
  /** Transport other than UDP and TCP. */
  | 'transport'
  /** Priority out of the range the browser takes. */
  | 'priority'
  /** No IP address and no `.local` name. */
  | 'address'
  /** In brackets or with a zone id: taken as a host name that is never asked for. */
  | 'hostname'
  /** The unspecified address. */
  | 'unspecified'
  /** A loopback address. */
  | 'loopback'
  /** Port out of range. */
  | 'port'
  /** Port 0. */
  | 'port-zero'
  /** A port below 1024 other than 80 and 443. */
  | 'port-low'
  /** Port 80 or 443 at an address that is not public. */
  | 'port-private'
  /** `typ` is not where it belongs. */
  | 'typ'
  /** Not host, srflx, prflx or relay. */
  | 'type'
  /** `raddr` and `rport` do not follow the type, or are not an address and a port. */
  | 'related'
  /** `tcptype` missing, unknown, or on UDP. */
  | 'tcptype'
  /** TCP candidate that only opens connections, or opens them simultaneously (Firefox). */
  | 'tcp-direction'
  /** `generation`, `network-id` or `network-cost` is not a number in range. */
  | 'extension-number'
  /** A link-local address: paired with link-local ones only, which browsers do not offer. */
  | 'link-local'
  /** A TCP port that no page may connect to, as the Fetch standard lists them. */
  | 'port-blocked'
  /** A relayed TCP candidate. */
  | 'tcp-relay';

const wasm = /* @__PURE__ */ new Instance(() => instantiate() as unknown as PredictExports);

/** Runs `predict` with the text, `length` bytes of it, in the input area. */
function withText<R>(text: string, predict: (exports: PredictExports, length: number) => R): R {
  const bytes = utf8Encoder().encode(seen(text));
  return wasm.call((exports) => {
    const start = exports.reserve_input(bytes.length);
    new Uint8Array(exports.memory.buffer, start).set(bytes);
    return predict(exports, bytes.length);
  });
}

/** Reaction of a browser to a candidate given to `addIceCandidate`. */
export interface CandidateVerdict {
  /** `ignored`: the call resolves, and nothing is ever sent there. `rejected`: the call rejects. */
  outcome: 'used' | 'end-of-candidates' | 'ignored' | 'rejected';
  /** Why it is not used; `null` when it is. */
  reason: CandidateReason | null;
}

const outcomes = ['used', 'end-of-candidates', 'ignored', 'rejected'] as const;

/** In the order of `Reason` in `src/predict/candidate`. */
const reasons: readonly CandidateReason[] = [
  'prefix',
  'no-colon',
  'one-line',
  'fields',
  'component',
  'transport',
  'priority',
  'address',
  'hostname',
  'unspecified',
  'loopback',
  'port',
  'port-zero',
  'port-low',
  'port-private',
  'typ',
  'type',
  'related',
  'tcptype',
  'tcp-direction',
  'extension-number',
  'link-local',
  'port-blocked',
  'tcp-relay',
];

function verdict(word: number): CandidateVerdict {
  return { outcome: outcomes[word & 3] as CandidateVerdict['outcome'], reason: reasons[(word >> 2) - 1] ?? null };
}

/**
 * Predicts what Chromium and Firefox do with `text` as the `candidate` member of an RTCIceCandidateInit, as measured in
 * Chromium 156 and Firefox 153: for example, both resolve for lines they never use.
 *
 * @throws TypeError when `text` is not a string.
 */
export function predictCandidate(text: string): {
  /** Verdict of Chromium. */
  chromium: CandidateVerdict;
  /** Verdict of Firefox. */
  firefox: CandidateVerdict;
} {
  requireString('text', text);
  const word = withText(text, (exports, length) => exports.candidate_predict(length));
  return { chromium: verdict(word & 0xffff), firefox: verdict(word >>> 16) };
}

/** Why a browser refuses an offer: the first cause it meets. */
export interface OfferRefusal {
  /** The diagnostic that explains it. */
  code: string;
  /** One sentence. */
  message: string;
  /** 1-based; the `m=` line where a whole section is meant, `null` for the whole description. */
  line: number | null;
}

/**
 * Predicts what Chromium and Firefox say to `text` as an offer given to `setRemoteDescription`: `null` when they take it,
 * else the cause. The rules are those measured in Chromium 156 and Firefox 153.
 *
 * @throws TypeError when `text` is not a string.
 */
export function predictOffer(text: string): {
  /** Refusal by Chromium; `null` when it takes the offer. */
  chromium: OfferRefusal | null;
  /** Refusal by Firefox; `null` when it takes the offer. */
  firefox: OfferRefusal | null;
} {
  requireString('text', text);
  const words = withText(text, (exports, length) => {
    exports.sdp_predict(length);
    const words = new Uint32Array(exports.memory.buffer);
    const start = (words[(exports.area_places() >>> 2) + 1] as number) >>> 2;
    return words.slice(start, start + 4);
  });
  const refusal = (number = 0, line = 0): OfferRefusal | null => {
    if (number === 0) return null;
    const { code, message } = entry(number - 1);
    return { code, message, line: line || null };
  };
  return { chromium: refusal(words[0], words[1]), firefox: refusal(words[2], words[3]) };
}
