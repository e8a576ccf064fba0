/**
 * Browsers put `.local` names in place of this machine's addresses (mDNS), but for pages that may use the microphone or the
 * camera: whoever may listen knows more than an address. So the microphone is asked for, and let go once addresses are there.
 */

/** Longest time the microphone is held, ms. */
const HOLD_MS = 5000;

export type Asked = 'idle' | 'asking' | 'shown' | 'refused' | 'absent';

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

  /** Asks, and gathers anew by `start`, which gives the connection that does. */
  async show(start: () => Promise<RTCPeerConnection | null>): Promise<void> {
    if (this.asked === 'asking') return;
    this.asked = 'asking';
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      this.asked = error instanceof DOMException && error.name === 'NotFoundError' ? 'absent' : 'refused';
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
