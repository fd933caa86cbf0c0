// The place in the queue of people who wait for a person. Events tell of changes; while nothing is heard it is asked for.
import { readConversation } from "./api.js";

const ASK_MS = 20_000;

export class Queue {
  constructor(desk) {
    this.desk = desk;
  }

  // `handoff` as the service tells it: {state?, position, expected_wait_s}; null where it does not.
  tell(handoff) {
    const claimed = handoff?.state === "claimed";
    const position = claimed ? 0 : (handoff?.position ?? null);
    const waitS = handoff?.expected_wait_s ?? null;
    this.desk.banner.queued(position, waitS);
    this.desk.store.update({ handoff: { position, expected_wait_s: waitS } });
    if (position === 0) this.stop();
    else this.#askLater();
  }

  end() {
    this.stop();
    this.desk.banner.clear();
    this.desk.store.update({ handoff: null });
  }

  stop() {
    clearTimeout(this.timer);
    this.asking = null;
  }

  #askLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), ASK_MS);
  }

  async #ask() {
    const mine = (this.asking = {});
    const changes = this.desk.delivery.ownerChanges;
    const seen = document.hidden ? null : await readConversation(this.desk.store.conversation).catch(() => null);
    if (mine !== this.asking) return;
    if (seen?.handoff && changes === this.desk.delivery.ownerChanges) this.tell(seen.handoff);
    else this.#askLater();
  }
}
