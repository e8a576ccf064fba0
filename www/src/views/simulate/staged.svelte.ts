/** What Run shows first is the answer, the network and the ladder; the other panes are filled in a task of their own after that is drawn. */
class Staged {
  filled = $state(false);

  /** Fills them after the next frame. Gives what stops that. */
  fill(): (() => void) | undefined {
    if (this.filled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => {
        this.filled = true;
      });
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }
}

export const staged = new Staged();
