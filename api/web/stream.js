// Follows the events of one conversation for ever: resumes after the last offset seen, so nothing is lost, and lets
// no offset through twice. Back-off doubles up to 15 s with jitter and ends early when the network or the page returns.
import { openEvents } from "./api.js";
import { events } from "./sse.js";

const SILENCE_MS = 40_000; // keep-alives come every 15 s; longer silence is a dead connection
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;

export class Stream {
  constructor(conversation, offset, { onEvent, onState, recover }) {
    Object.assign(this, { conversation, offset, onEvent, onState, recover });
    this.stopped = false;
    this.waitMs = FIRST_WAIT_MS;
    this.hurry = () => document.visibilityState === "visible" && this.wake?.();
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
  }

  async run() {
    while (!this.stopped) {
      let retryAfterS = 0;
      try {
        await this.#read();
      } catch (error) {
        if (this.stopped) return;
        if (error.gone && !this.recover(error)) return this.stop();
        retryAfterS = error.retryAfterS ?? 0;
      }
      if (this.stopped) return;
      this.onState(false);
      await this.#pause(retryAfterS * 1000);
    }
  }

  stop() {
    this.stopped = true;
    this.abort?.abort();
    this.wake?.();
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
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
