/**
 * Browsers put `.local` names in place of this machine's addresses (mDNS), but for pages that may use the microphone or the
 * camera: whoever may listen knows more than an address. So the microphone is asked for, or the camera where there is none, and
 * let go once addresses are there.
 */

/** Longest time it is held, ms. */
const HOLD_MS = 5000;

export type Asked = 'idle' | 'asking' | 'shown' | 'refused' | 'absent' | 'failed' | 'insecure';

const nameOf = (error: unknown) => (error instanceof DOMException ? error.name : '');

/** The microphone, or the camera where there is no microphone. */
async function device(media: MediaDevices): Promise<MediaStream> {
  try {
    return await media.getUserMedia({ audio: true });
  } catch (error) {
    if (nameOf(error) !== 'NotFoundError') throw error;
    return media.getUserMedia({ video: true });
  }
}

function whyNot(error: unknown): Asked {
  if (nameOf(error) === 'NotFoundError') return 'absent';
  return nameOf(error) === 'NotAllowedError' ? 'refused' : 'failed';
}

/** Resolves when the connection has gathered, or after a while. */
function gathered(connection: RTCPeerConnection | null): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (connection === null || connection.iceGatheringState === 'complete') resolve();
    };
    connection?.addEventListener('icegatheringstatechange', look);
    look();
    setTimeout(resolve, HOLD_MS);
  });
}

export class HostAddresses {
  asked = $state<Asked>('idle');
  /** The browser's words, where it failed. */
  reason = $state('');

  /** Asks, and gathers anew by `start`, which gives the connection that does. */
  async show(start: () => Promise<RTCPeerConnection | null>): Promise<void> {
    if (this.asked === 'asking') return;
    // Absent where the page came over plain HTTP from another machine.
    const media: MediaDevices | undefined = navigator.mediaDevices;
    if (media === undefined) {
      this.asked = 'insecure';
      return;
    }
    this.asked = 'asking';
    let stream: MediaStream;
    try {
      stream = await device(media);
    } catch (error) {
      this.asked = whyNot(error);
      this.reason = error instanceof Error ? error.message : String(error);
      return;
    }
    try {
      await gathered(await start());
    } finally {
      for (const track of stream.getTracks()) track.stop();
      this.asked = 'shown';
    }
  }
}
