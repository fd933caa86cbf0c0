// The shop's greeting and what people often ask; the questions leave once the conversation has begun.
import { el } from "./dom.js";
import { say } from "./i18n.js";
import { chip } from "./chips.js";

export class Welcome {
  constructor(root, onPick) {
    this.root = root.getElementById("welcome");
    this.onPick = onPick;
  }

  show({ greeting, starters }) {
    this.root.replaceChildren();
    if (greeting) this.root.append(el("p", { class: "greeting", text: greeting }));
    this.starters = el("div", { class: "starters" });
    if (starters?.length) {
      const rows = starters.map((text) => el("li", {}, chip(text, this.onPick, "starter")));
      this.starters.append(say(el("h2", { class: "starters-title" }), "starters"), el("ul", {}, ...rows));
    }
    this.root.append(this.starters);
    this.root.hidden = false;
  }

  begun(begun) {
    this.root.classList.toggle("begun", begun);
    if (this.starters) this.starters.hidden = begun;
  }
}
