/** Every family of logs that is read. A new log is a file with its rules, a row here, and a test with its text. */
import { libwebrtc, nicer } from './browsers.js';
import { console } from './console.js';
import { coturn } from './coturn.js';
import { aioice, kvs, libjuice, libnice, pion, rust, werift } from './libraries.js';
import { natTest, netcheck } from './nat.js';
import type { LogFamily } from './rules.js';
import { freeswitch, jitsi, livekit, mediasoup, pionTurn, pjsip } from './servers.js';
import { eturnal, kamailio, rtpengine } from './telephony.js';
import { trickle } from './trickle.js';

/** In the order in which they are tried on a line. @internal */
export const families: readonly LogFamily[] = [
  coturn,
  eturnal,
  kamailio,
  rtpengine,
  trickle,
  libwebrtc,
  nicer,
  rust,
  pion,
  pionTurn,
  aioice,
  werift,
  libjuice,
  kvs,
  pjsip,
  freeswitch,
  mediasoup,
  jitsi,
  livekit,
  netcheck,
  natTest,
  libnice,
  console,
];
