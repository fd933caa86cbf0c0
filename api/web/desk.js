// One conversation on the page: what arrives goes to the log, the status line, the chips and the banner.
import { Delivery } from "./delivery.js";
import { Queue } from "./queue.js";
import { Stream } from "./stream.js";

export class Desk {
  // `recover` tells whether a refused request may be made again; `changed` hears of line, owner and shopper.
  constructor(parts, store, { recover, changed }) {
    Object.assign(this, parts, { store, recover, changed });
    this.delivery = new Delivery(this, store.conversation, recover);
    this.queue = new Queue(this);
    this.kinds = {
      message: (message) => this.#message(message),
      status: ({ step }) => this.#working(() => this.status.show(step)),
      sentence: (sentence) => this.#working(() => this.log.sentence(sentence)),
      suggestions: ({ items }) => this.#suggest(items),
      handoff: (handoff) => this.handed(handoff),
      owner: ({ owner }) => this.#owned(owner),
      identified: ({ shopper }) => this.#recognised(shopper),
      rated: ({ score }) => this.rating.done(score),
    };
  }

  // `seen` is the conversation as the service holds it; null for one just opened.
  start(seen) {
    const kept = this.store.conversation;
    for (const part of [this.log, this.status, this.banner, this.rating]) part.clear();
    this.served(false);
    this.sources.forget();
    this.sources.close();
    this.welcome.show(kept);
    for (const message of seen?.messages ?? []) this.log.show(message);
    this.unread.follow(this.store, seen?.messages ?? []);
    const waiting = this.log.lastAuthor === "shopper";
    if (seen?.owner === "handoff") this.queue.tell(seen.handoff ?? kept.handoff);
    else if (waiting) this.status.show("understanding");
    this.chips.show(waiting ? [] : kept.chips);
    if (seen?.rating) this.rating.done(seen.rating.score);
    this.delivery.resume();
    this.welcome.begun(!this.log.empty);
    this.stream = new Stream(kept, seen?.last_offset ?? 0, {
      onEvent: ({ kind, data }) => this.kinds[kind]?.(data),
      onState: (up) => this.#line(up),
      recover: this.recover,
    });
    this.stream.run();
  }

  stop() {
    this.stream?.stop();
    this.delivery.stop();
    this.queue.stop();
  }

  send(text, attachments = []) {
    this.#suggest([]);
    this.rating.later();
    this.welcome.begun(true);
    this.delivery.send(text, attachments);
    this.scroll.toEnd();
  }

  // Nothing is known of the place where `handoff` is left out.
  handed(handoff = null) {
    this.delivery.ownerChanged();
    this.status.clear();
    this.#suggest([]);
    this.rating.later();
    this.queue.tell(handoff);
    this.changed({ owner: "handoff" });
  }

  // Whom one writes to, and whose words these are, shows where one writes.
  served(byPerson) {
    this.composer.addresses(byPerson);
  }

  returned() {
    if (!this.banner.active) return;
    const served = this.banner.claimed;
    this.queue.end();
    this.changed({ owner: "bot" });
    if (!served) return;
    this.log.tell("personLeft");
    this.rating.ask();
  }

  #message(message) {
    if (message.author === "shopper") this.delivery.confirm(message);
    this.log.show(message);
    this.unread.heard(message);
    this.welcome.begun(true);
    if (message.author === "operator" && !this.banner.claimed) this.handed({ position: 0 });
    if (message.author !== "bot") return;
    this.#working(() => this.status.clear());
    if (message.citations?.length || message.cards?.length) this.rating.offer();
  }

  #owned(owner) {
    if (owner === "bot") this.returned();
    else if (!this.banner.active) this.handed();
  }

  #recognised(shopper) {
    this.store.update({ shopper });
    this.changed({ shopper });
  }

  // The bot works only when it owns the conversation, so its signs of life end the banner.
  #working(act) {
    this.returned();
    act();
  }

  #suggest(items) {
    const fitting = this.log.lastAuthor === "shopper" ? [] : items;
    this.chips.show(fitting);
    this.store.update({ chips: fitting });
  }

  #line(up) {
    this.changed({ line: up ? "up" : "down" });
    if (!up) return this.connection.down();
    this.connection.up();
    this.delivery.flush();
  }
}
