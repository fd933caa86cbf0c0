// What the desk is doing right now: four steps, the current one in words.
import { byId, el } from "./dom.js";
import { say } from "./i18n.js";

const STEPS = ["understanding", "searching", "writing", "checking"];
const SLOW_MS = 20_000;

export class Status {
  constructor() {
    this.root = byId("status");
  }

  show(step) {
    const at = STEPS.indexOf(step);
    if (at < 0) return;
    this.#slowly();
    if (this.root.dataset.step === step) return;
    this.root.dataset.step = step;
    const bars = el("span", { class: "steps", "aria-hidden": "true" });
    STEPS.forEach((_, index) => bars.append(el("i", { class: index < at ? "done" : index === at ? "now" : "" })));
    this.words = say(el("span"), step);
    this.root.replaceChildren(bars, this.words);
  }

  clear() {
    clearTimeout(this.timer);
    delete this.root.dataset.step;
    this.root.replaceChildren();
  }

  #slowly() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => say(this.words, "slow"), SLOW_MS);
  }
}
