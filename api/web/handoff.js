// The banner while a person owns the conversation. `position` counts from 1 (next to be claimed); 0 is claimed.
import { byId, el, icon } from "./dom.js";
import { say } from "./i18n.js";

const PERSON = "M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 16.5c.8-3 3.1-4.5 6-4.5s5.2 1.5 6 4.5";

export class HandoffBanner {
  constructor() {
    this.root = byId("banner");
  }

  get active() {
    return !this.root.hidden;
  }

  queued(position) {
    if (position === 0) return this.claimed();
    if (position === 1) return this.#say("queuedNext", undefined, "queuedHint");
    if (position > 1) return this.#say("queued", { n: position - 1 }, "queuedHint");
    return this.#say("queuedUnknown", undefined, "queuedHint");
  }

  claimed() {
    this.#say("claimed");
    this.root.dataset.state = "claimed";
  }

  clear() {
    this.root.hidden = true;
    this.root.replaceChildren();
  }

  #say(key, values, hint) {
    const words = el("div", { class: "banner-words" }, say(el("strong"), key, values));
    if (hint) words.append(say(el("span", { class: "banner-hint" }), hint));
    this.root.replaceChildren(el("div", { class: "banner-in" }, icon(PERSON), words));
    this.root.dataset.state = "queued";
    this.root.hidden = false;
  }
}
