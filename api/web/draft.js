// The answer while its sentences arrive. The final message takes over this bubble, so nothing jumps or is read twice.
import { el } from "./dom.js";
import { addCards, bubble, fill, sourceList, stamp } from "./bubble.js";
import { cited, pending } from "./markers.js";

const STAGGER_MS = 160; // sentences stored together still appear one after the other

export class Draft {
  constructor(turnId) {
    this.turnId = turnId;
    this.sentences = [];
    this.startedAt = performance.now();
    ({ node: this.node, body: this.body } = bubble("bot"));
    this.words = el("div", { class: "words" });
    this.body.append(this.words);
    this.node.setAttribute("aria-busy", "true");
  }

  get text() {
    return this.sentences.map((one) => one.text).join("");
  }

  add({ index, text }) {
    if (this.sentences[index]) return;
    const node = el("span", { class: "sentence" }, pending(text));
    const lead = index * STAGGER_MS - (performance.now() - this.startedAt);
    node.style.setProperty("--after", `${Math.max(0, lead)}ms`);
    this.sentences[index] = { text, node };
    this.words.append(node);
  }

  finish(message, hands) {
    if (this.text === message.text) {
      for (const { text, node } of this.sentences) node.replaceChildren(cited(text, message.citations ?? [], hands.open));
      if (message.citations?.length) this.body.append(sourceList(message.citations, hands.open));
    } else {
      fill(this.body, message, hands);
    }
    addCards(this.node, message, hands);
    stamp(this.node, message);
    this.node.removeAttribute("aria-busy");
  }
}
