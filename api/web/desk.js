// One conversation on the page: what arrives goes to the log, the status line, the chips and the banner.
import { Outbox } from "./outbox.js";
import { Stream } from "./stream.js";
import { markFailed, markSending, markWaiting } from "./pending.js";

export class Desk {
  constructor(parts, store, onGone) {
    Object.assign(this, parts, { store, onGone });
    const conversation = store.conversation;
    this.outbox = new Outbox(conversation, {
      onSending: (item) => this.#sending(item),
      onSent: (item, accepted) => this.#sent(item, accepted),
      onWaiting: (item, seconds) => markWaiting(this.log.pendings.get(item.key), seconds),
      onFailed: (item, error) => this.#failed(item, error),
      onGone,
    });
  }

  // `seen` is the conversation as the service holds it, or null for one just opened.
  start(seen) {
    const kept = this.store.conversation;
    this.sources.follow(kept);
    for (const message of seen?.messages ?? []) this.log.show(message);
    for (const item of this.outbox.items) this.log.pending(item);
    if (seen?.owner === "handoff") this.#owned(seen.messages.at(-1)?.author === "operator" ? 0 : kept.queue);
    else if (this.log.lastAuthor === "shopper") this.status.show("understanding");
    this.welcome.begun(!this.log.empty);
    this.chips.show(this.log.lastAuthor === "shopper" ? [] : kept.chips);
    this.stream = new Stream(kept, seen?.last_offset ?? 0, {
      onEvent: (event) => this[event.kind]?.(event.data),
      onState: (up) => this.#state(up),
      onGone: this.onGone,
    });
    this.stream.run();
    this.outbox.flush();
  }

  stop() {
    this.stream?.stop();
    this.outbox.stop();
  }

  send(text) {
    this.log.pending(this.outbox.items.find((item) => item.key === this.outbox.add(text).key));
  }
}
