// The place in the queue of people who wait for a person. Events tell of changes; while nothing is heard it is asked for.
import { readConversation } from "./api.js";

const ASK_MS = 20_000;

export class Queue {
  constructor(desk) {
    this.desk = desk;
  }

  // `handoff` as the service tells it: {state?, position, expected_wait_s, opens_in_s?, operator_name?}; null where it does not.
  tell(handoff) {
    const claimed = handoff?.state === "claimed";
    const position = claimed ? 0 : (handoff?.position ?? null);
    const waitS = handoff?.expected_wait_s ?? null;
    const opensInS = handoff?.opens_in_s ?? 0;
    const operator = position === 0 ? (handoff.operator_name ?? "") : "";
    if (position === 0) this.desk.banner.served(operator);
    else this.desk.banner.queued(position, waitS, opensInS > 0 ? timeIn(opensInS) : null);
    this.desk.served(position === 0);
    this.desk.store.update({ handoff: { position, expected_wait_s: waitS, opens_in_s: opensInS, operator_name: operator } });
    if (position === 0) this.stop();
    else this.#askLater();
  }

  end() {
    this.stop();
    this.desk.banner.clear();
    this.desk.served(false);
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

// Rounded to the minute, in the shop's time.
function timeIn(seconds) {
  const at = new Date(Math.round((Date.now() + seconds * 1000) / 60_000) * 60_000);
  return at.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
}
