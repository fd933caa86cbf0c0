// One conversation on the page: what arrives goes to the log, the status line, the chips and the banner.
import { Delivery } from "./delivery.js";
import { Stream } from "./stream.js";

export class Desk {
  constructor(parts, store, onGone) {
    Object.assign(this, parts, { store, onGone });
    this.delivery = new Delivery(this, store.conversation, onGone);
    this.kinds = {
      message: (message) => this.#message(message),
      status: ({ step }) => this.#working(() => this.status.show(step)),
      sentence: (sentence) => this.#working(() => this.log.sentence(sentence)),
      suggestions: ({ items }) => this.#suggest(items),
      handoff: ({ position }) => this.handed(position),
    };
  }

  // `seen` is the conversation as the service holds it; null for one just opened.
  start(seen) {
    const kept = this.store.conversation;
    this.log.clear();
    this.status.clear();
    this.banner.clear();
    this.sources.follow(kept);
    this.welcome.show(kept);
    for (const message of seen?.messages ?? []) this.log.show(message);
    const waiting = this.log.lastAuthor === "shopper";
    if (seen?.owner === "handoff") this.handed(kept.queue);
    else if (waiting) this.status.show("understanding");
    this.chips.show(waiting ? [] : kept.chips);
    this.delivery.resume();
    this.welcome.begun(!this.log.empty);
    this.stream = new Stream(kept, seen?.last_offset ?? 0, {
      onEvent: ({ kind, data }) => this.kinds[kind]?.(data),
      onState: (up) => this.#line(up),
      onGone: this.onGone,
    });
    this.stream.run();
  }

  stop() {
    this.stream?.stop();
    this.delivery.stop();
  }

  send(text) {
    this.#suggest([]);
    this.welcome.begun(true);
    this.delivery.send(text);
    this.scroll.toEnd();
  }

  handed(position) {
    this.delivery.ownerChanged();
    this.status.clear();
    this.#suggest([]);
    this.banner.queued(position);
    this.store.update({ queue: position ?? null });
  }

  returned() {
    this.banner.clear();
    this.store.update({ queue: null });
  }

  #message(message) {
    if (message.author === "shopper") this.delivery.confirm(message);
    this.log.show(message);
    this.welcome.begun(true);
    if (message.author === "operator") this.handed(0);
    if (message.author === "bot") this.#working(() => this.status.clear());
  }

  // The bot works only when it owns the conversation, so its signs of life end the banner.
  #working(act) {
    if (this.banner.active) this.returned();
    act();
  }

  #suggest(items) {
    const fitting = this.log.lastAuthor === "shopper" ? [] : items;
    this.chips.show(fitting);
    this.store.update({ chips: fitting });
  }

  #line(up) {
    if (!up) return this.connection.down();
    this.connection.up();
    this.delivery.flush();
  }
}
