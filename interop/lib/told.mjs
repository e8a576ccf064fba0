// Messages that an agent told: each is kept, and one that fits can be waited for.

/** A wait that ended without its message. */
export class TimedOut extends Error {}

export class Told {
  messages = [];
  #waiting = new Set();
  #over = null;

  push(message) {
    this.messages.push(message);
    for (const look of [...this.#waiting]) look();
  }

  /** Nothing more will be told. */
  end(why) {
    this.#over ??= why;
    for (const look of [...this.#waiting]) look();
  }

  /** The place after what has been told so far. */
  get mark() {
    return this.messages.length;
  }

  /** The first message from `from` on that fits, once it is there. */
  wait(what, fits, { from = 0, timeout = 20_000 } = {}) {
    return new Promise((resolve, reject) => {
      let at = from;
      const done = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle(value);
      };
      const look = () => {
        for (; at < this.messages.length; at++) {
          if (fits(this.messages[at])) return done(resolve, this.messages[at]);
        }
        if (this.#over !== null) done(reject, new Error(this.#over));
      };
      const timer = setTimeout(() => done(reject, new TimedOut(`no ${what} within ${timeout / 1000} s`)), timeout);
      this.#waiting.add(look);
      look();
    });
  }
}
