/** Readers that dumps and captures alone need: a bundle may fetch them when there is one. */
import { readAboutWebrtc } from './about-webrtc.js';
import { type ReadDump, readInternals } from './dump.js';
import { readRtcstats } from './rtcstats.js';
import { readStatsJson, readStatsText } from './stats-text.js';

export { adviseCapture, adviseDump } from './advice-capture.js';

/** The dump that a text is, in steps; `null` when it is none. @internal */
export function* readDump(input: string): Generator<unknown, ReadDump | null> {
  return (
    (yield* readInternals(input)) ??
    (yield* readRtcstats(input)) ??
    readStatsJson(input) ??
    (yield* readAboutWebrtc(input)) ??
    (yield* readStatsText(input))
  );
}
