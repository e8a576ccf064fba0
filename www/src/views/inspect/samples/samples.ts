/** Inputs to click, one of each kind the view reads. */

import type { Key } from '../../../i18n/index.svelte';
import { BROKEN_SDP, CONSOLE_LOG, SDP_PAIR, SIP, STUN_HEX } from './texts';

export interface Sample {
  id: string;
  title: Key;
  file: string;
  load: () => Promise<string | Blob>;
}

const text = (value: string) => async () => value;

export const SAMPLES: readonly Sample[] = [
  { id: 'sdp', title: 'inspect.sample.sdp', file: 'offer-answer.sdp', load: text(SDP_PAIR) },
  { id: 'log', title: 'inspect.sample.log', file: 'console.log', load: text(CONSOLE_LOG) },
  { id: 'broken', title: 'inspect.sample.broken', file: 'broken.sdp', load: text(BROKEN_SDP) },
  { id: 'sip', title: 'inspect.sample.sip', file: 'invite.sip', load: text(SIP) },
  { id: 'stun', title: 'inspect.sample.stun', file: 'rfc5769.hex', load: text(STUN_HEX) },
  {
    id: 'pcapng',
    title: 'inspect.sample.pcapng',
    file: 'session.pcapng',
    load: async () => {
      const { sampleCapture } = await import('./capture');
      return new Blob([sampleCapture() as Uint8Array<ArrayBuffer>]);
    },
  },
];
