// What the desk is doing right now, in words; the bars show how far it has come.
import { el } from "./dom.js";
import { say } from "./i18n.js";

const PHASES = [
  ["understanding"],
  ["searching", "order", "shipment", "product", "comparing", "pricing", "policy"],
  ["writing"],
  ["checking"],
];
const SLOW_MS = 20_000;

export class Status {
  constructor(root) {
    this.root = root.getElementById("status");
  }

  show(step) {
    const at = PHASES.findIndex((steps) => steps.includes(step));
    if (at < 0) return;
    this.#slowly();
    if (this.root.dataset.step === step) return;
    this.root.dataset.step = step;
    const bars = el("span", { class: "steps", "aria-hidden": "true" });
    PHASES.forEach((_, index) => bars.append(el("i", { class: index < at ? "done" : index === at ? "now" : "" })));
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
