// The banner while a person owns the conversation. `position` counts from 1 (next to be claimed).
import { el, icon } from "./dom.js";
import { PERSON } from "./icons.js";
import { say } from "./i18n.js";

export class HandoffBanner {
  constructor(root) {
    this.root = root.getElementById("banner");
  }

  get active() {
    return !this.root.hidden;
  }

  get claimed() {
    return this.active && this.root.dataset.state === "claimed";
  }

  // `opensAt`: when people are there again; null while they are.
  queued(position, waitS, opensAt = null) {
    const ahead = position > 1 ? say(el("strong"), "queued", { n: position - 1 }) : say(el("strong"), position ? "queuedNext" : "queuedUnknown");
    this.#show("queued", ahead, opensAt ? say(el("span", { class: "banner-wait" }), "opensLater", { at: opensAt }) : wait(waitS), say(el("span", { class: "banner-hint" }), "queuedHint"));
  }

  // `name`: the operator's; empty where it is not known.
  served(name) {
    this.#show("claimed", name ? say(el("strong"), "claimedBy", { name }) : say(el("strong"), "claimed"));
  }

  clear() {
    this.root.hidden = true;
    this.root.replaceChildren();
    delete this.root.dataset.state;
  }

  #show(state, ...words) {
    this.root.replaceChildren(el("div", { class: "banner-in" }, icon(PERSON), el("div", { class: "banner-words" }, ...words)));
    this.root.dataset.state = state;
    this.root.hidden = false;
  }
}

function wait(seconds) {
  if (seconds === null || seconds === undefined) return null;
  const node = el("span", { class: "banner-wait" });
  return seconds < 60 ? say(node, "waitSoon") : say(node, "waitMinutes", { n: Math.ceil(seconds / 60) });
}
