// Follows the events of one conversation for ever: resumes after the last offset seen, so nothing is lost, and lets
// no offset through twice. Back-off doubles up to 15 s with jitter and ends early when the network or the page returns.
// A tab long out of sight lets its connection go: browsers allow one server six of them, over all tabs.
import { openEvents } from "./api.js";
import { events } from "./sse.js";

const SILENCE_MS = 40_000; // keep-alives come every 15 s; longer silence is a dead connection
const OUT_OF_SIGHT_MS = 60_000;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;

export class Stream {
  constructor(conversation, offset, { onEvent, onState, recover }) {
    Object.assign(this, { conversation, offset, onEvent, onState, recover });
    this.stopped = false;
    this.waitMs = FIRST_WAIT_MS;
    this.hurry = () => !document.hidden && this.wake?.();
    this.look = () => this.#look();
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.look);
    this.#look();
  }

  async run() {
    while (!this.stopped) {
      if (this.asleep) await new Promise((resolve) => (this.wake = resolve));
      if (this.stopped) return;
      let retryAfterS = 0;
      try {
        await this.#read();
      } catch (error) {
        if (this.stopped) return;
        if (error.gone && !this.recover(error)) return this.stop();
        retryAfterS = error.retryAfterS ?? 0;
      }
      if (this.stopped) return;
      if (this.asleep) continue;
      this.onState(false);
      await this.#pause(retryAfterS * 1000);
    }
  }

  stop() {
    this.stopped = true;
    this.abort?.abort();
    this.wake?.();
    clearTimeout(this.drowsy);
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.look);
  }

  #look() {
    clearTimeout(this.drowsy);
    if (document.hidden) {
      this.drowsy = setTimeout(() => {
        this.asleep = true;
        this.abort?.abort();
      }, OUT_OF_SIGHT_MS);
    } else {
      this.asleep = false;
      this.wake?.();
    }
  }

  async #read() {
    this.abort = new AbortController();
    let guard;
    const heard = () => {
      clearTimeout(guard);
      guard = setTimeout(() => this.abort.abort(), SILENCE_MS);
    };
    heard();
    try {
      const body = await openEvents(this.conversation, this.offset, this.abort.signal);
      this.onState(true);
      for await (const event of events(body, heard)) {
        this.waitMs = FIRST_WAIT_MS;
        if (this.stopped || event.offset <= this.offset) continue;
        this.offset = event.offset;
        this.#deliver(event);
      }
    } finally {
      clearTimeout(guard);
    }
  }

  // A fault of the page in one event must not make it read that event again and again.
  #deliver(event) {
    try {
      this.onEvent(event);
    } catch (error) {
      console.error(event.kind, error);
    }
  }

  #pause(atLeastMs) {
    const ms = Math.max(atLeastMs, this.waitMs * (0.75 + Math.random() / 2));
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
